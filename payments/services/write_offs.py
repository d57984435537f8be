"""Two people for writing off much money: the first one asks, another confirms."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.selectors import marketplace_rules
from accounts.services import audit
from core.errors import Conflict
from core.money import Money
from payments.models import Chargeback, ReconciliationException, WriteOff
from payments.rules import needs_two
from payments.services.proving import tell_money_staff


@transaction.atomic
def may_write_off(
    actor: User, about: ReconciliationException | Chargeback, amount: Money, *, seen_minor: int, reason: str
) -> bool:
    """Whether it is written off now. Over the limit the first one's word is kept, and that of another confirms it.

    The caller locked `about`, whose `amount` cannot change meanwhile; `seen_minor` of it is what the actor was shown.
    Conflict: `amount_changed`, `needs_two_people`.
    """
    if seen_minor != amount.minor:
        raise Conflict("amount_changed", f"It is {amount} now, not what you were shown. Look at it again.")
    asked = about.write_offs.waiting().first()
    is_large = needs_two(amount, marketplace_rules().dispute_two_staff_over)
    if asked and (asked.amount != amount or not is_large):
        about.write_offs.overtake()
        asked = None
    if not is_large:
        return True
    if asked is None:
        _ask(actor, about, amount, reason)
        return False
    if asked.asked_by_id == actor.pk:
        raise Conflict("needs_two_people", "You asked for this. Somebody else of the staff has to confirm it.")
    asked.confirmed_by, asked.confirmed_at = actor, timezone.now()
    asked.save(update_fields=["confirmed_by", "confirmed_at"])
    audit.record(actor, "write_off.confirmed", about, write_off=asked.pk, asked_by=asked.asked_by_id)
    return True


def overtake_debts(payer_id: int, currency: str) -> None:
    """The person settled some of what they owe: what is to be written off is another amount now, or none."""
    WriteOff.objects.filter(chargeback__payment__payer_id=payer_id, currency=currency).overtake()


def _ask(actor: User, about: ReconciliationException | Chargeback, amount: Money, reason: str) -> None:
    asked = about.write_offs.create(
        amount_minor=amount.minor, currency=amount.currency, reason=reason.strip()[:500], asked_by=actor
    )
    audit.record(
        actor,
        "write_off.asked",
        about,
        write_off=asked.pk,
        amount=amount.as_string(),
        currency=amount.currency,
        reason=reason.strip(),
    )
    tell_money_staff(
        "A write-off waits for a second of you",
        f"{actor} asks to write off {amount}: {asked.reason}",
        about=f"write_off:{asked.pk}",
        url=reverse(f"admin:payments_{about._meta.model_name}_change", args=[about.pk]),
    )
