"""The list of what does not match or cannot be finished: opened and closed by the clock, resolved by staff."""

from collections.abc import Iterable
from typing import NamedTuple

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from core.errors import Conflict, Invalid, require
from core.money import Money
from core.queries import get_or_refuse
from payments import ledger, policies
from payments.models import ReconciliationException, WriteOff
from payments.rules import JournalKind, ProviderName, Resolution
from payments.services.proving import tell_money_staff
from payments.services.write_offs import may_write_off

logger = structlog.get_logger(__name__)


class Difference(NamedTuple):
    """What should be on the list now. `amount_minor`: what the provider has beyond the books."""

    kind: str
    about: str
    provider: str = ProviderName.STRIPE
    amount_minor: int = 0
    currency: str = ""
    detail: str = ""


class Changed(NamedTuple):
    opened: int
    closed: int


@transaction.atomic
def list_exceptions(kinds: Iterable[str], found: Iterable[Difference], *, provider: str = "") -> Changed:
    """Make the open exceptions of these kinds (and provider) be `found`: open the new ones, close those that came right.

    What staff declared dealt with stays closed as long as nothing about it changes.
    """
    rows = ReconciliationException.objects.open().select_for_update().filter(kind__in=list(kinds))
    if provider:
        rows = rows.filter(provider=provider)
    open_now = {(one.kind, one.about): one for one in rows}
    dealt_with = set(
        ReconciliationException.objects.filter(resolution=Resolution.NOTED).values_list(
            "kind", "about", "amount_minor", "currency"
        )
    )
    wanted = {
        (one.kind, one.about): one
        for one in found
        if (one.kind, one.about, one.amount_minor, one.currency) not in dealt_with
    }
    new = [wanted[key] for key in wanted.keys() - open_now.keys()]
    ReconciliationException.objects.bulk_create([ReconciliationException(**one._asdict()) for one in new])
    for key in wanted.keys() & open_now.keys():
        _bring_up_to_date(open_now[key], wanted[key])
    gone = [open_now[key].pk for key in open_now.keys() - wanted.keys()]
    ReconciliationException.objects.filter(pk__in=gone).update(
        resolved_at=timezone.now(), resolution=Resolution.MATCHED
    )
    WriteOff.objects.filter(exception__in=gone).overtake()
    if new:
        logger.error("money_exceptions_opened", count=len(new), examples=[one.about for one in new[:5]])
        tell_money_staff("Something about money does not match", f"{len(new)} new exceptions.", about="exceptions")
    return Changed(len(new), len(gone))


@transaction.atomic
def resolve_exception(actor: User, *, exception_id: int, seen_minor: int, reason: str) -> ReconciliationException:
    """Staff have dealt with it. A difference of money is written off in the books, so that they agree with the provider again.

    A large one stays open until a second of them says so too. `seen_minor`: the amount that the actor was shown.
    Conflict `exception_resolved`, and see may_write_off.
    """
    require(policies.why_not_resolve_exception(actor))
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say how it was dealt with."]})
    one = get_or_refuse(ReconciliationException.objects.select_for_update(), pk=exception_id)
    if one.resolved_at:
        raise Conflict("exception_resolved", "This was resolved already.")
    if one.is_about_money:
        amount = Money(one.amount_minor, one.currency)
        if not may_write_off(actor, one, amount, seen_minor=seen_minor, reason=reason):
            return one
        ledger.post(
            JournalKind.WRITE_OFF,
            cause=f"exception:{one.pk}",
            lines={ledger.clearing(one.provider): -amount, ledger.LOSSES: amount},
            actor=actor,
            memo=reason[:200],
        )
    one.resolved_at, one.resolved_by, one.note = timezone.now(), actor, reason[:500]
    one.resolution = Resolution.WRITTEN_OFF if one.is_about_money else Resolution.NOTED
    one.save(update_fields=["resolved_at", "resolved_by", "note", "resolution"])
    audit.record(
        actor,
        "exception.resolved",
        one,
        kind=one.kind,
        about=one.about,
        amount_minor=one.amount_minor,
        currency=one.currency,
        reason=reason,
    )
    return one


def _bring_up_to_date(one: ReconciliationException, difference: Difference) -> None:
    changed = [name for name, value in difference._asdict().items() if getattr(one, name) != value]
    if changed:
        for name in changed:
            setattr(one, name, getattr(difference, name))
        one.save(update_fields=changed)
    if "amount_minor" in changed or "currency" in changed:
        one.write_offs.overtake()
