"""Approval, by the client or by silence, and the release of the held funds.

Rows are locked in the order that everybody keeps: contract, milestones, hold, and last what all releases share, the
accounts of the ledger and the counter of invoices. So releases that run at once only wait for each other at their ends.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from contracts import policies
from contracts.models import Contract, Milestone
from contracts.rules import ENDED_MILESTONES, HELD_MILESTONES, MILESTONE_LIFECYCLE, MilestoneStatus, Remainder
from contracts.services.ending import ANY_CONTRACT, finish_if_done
from contracts.services.loading import lock_milestone, require_active
from contracts.services.news import tell_released
from core.errors import Conflict, Invalid, require
from core.money import Money
from core.statements import Selection
from payments.models import Hold
from payments.rules import HoldStatus, Quote
from payments.services import release_hold

logger = structlog.get_logger(__name__)

READ_AT_ONCE = 100
# Stand where a statement's parameters go.
ANY_MILESTONE, ANY_HOLD = -1_000_001, -1_000_002


class _Taken(Exception):
    """Somebody else is at work on the contract."""


@transaction.atomic
def approve_milestone(
    actor: User, *, milestone_id: int, amount: Money | None = None, remainder: str = Remainder.HOLD
) -> Milestone:
    """Approve and release, all of it or `amount`.

    After a partial release the rest stays held and handed in, or (`roll`) goes with the next milestone, whose funds are
    held already. Conflict: `milestone_already_released`, `milestone_not_submitted`, `amount_exceeds_held`,
    `no_next_milestone`, `next_milestone_not_funded`.
    """
    if remainder == Remainder.ROLL and amount is None:
        raise Invalid(fields={"amount": ["Say how much you release now."]})
    milestone = lock_milestone(actor, milestone_id)
    require(policies.why_not_approve(actor, milestone.contract))
    require_active(milestone.contract)
    if milestone.status == MilestoneStatus.RELEASED:
        raise Conflict("milestone_already_released", "The funds of this milestone were released already.")
    if milestone.status != MilestoneStatus.SUBMITTED:
        raise Conflict("milestone_not_submitted", "Nothing is handed in for this milestone that could be approved.")
    hold = milestone.hold
    assert hold is not None  # a CHECK: work has a hold
    if amount is not None and amount < hold.held:
        _tell(milestone, hold, hold.quote(amount))
        release_hold(actor, hold=hold, amount=amount, cause=f"milestone:{milestone.pk}:{hold.held_minor}")
        reason = f"{amount}. {hold.held} stays held."
        MILESTONE_LIFECYCLE.perform(milestone, "release_part", actor=actor, reason=reason)
        audit.record(actor, "milestone.released_part", milestone, amount=amount.as_string(), currency=amount.currency)
        if remainder == Remainder.ROLL:
            _roll(milestone, actor)
        return milestone
    if amount is not None and amount > hold.held:
        raise Conflict("amount_exceeds_held", f"Only {hold.held} is held.")
    release_whole(milestone, actor)
    return milestone


def release_overdue() -> int:
    """Silence is approval: release what was handed in and not answered in time. Returns how many.

    Each in a transaction of its own, and one that cannot be released does not keep the others waiting. Several runs at
    once share what is due: a contract that is locked is left to whoever is at work on it, or to the next run.
    """
    count, last = 0, None
    while due := _due_after(last):
        of_contracts = defaultdict(list)
        for milestone_id, contract_id, release_at in due:
            of_contracts[contract_id].append(milestone_id)
            last = (release_at, milestone_id)
        count += sum(_release_those_of(contract_id, milestones) for contract_id, milestones in of_contracts.items())
    return count


def _due_after(last: tuple[datetime, int] | None) -> list[tuple[int, UUID, datetime]]:
    """The next ones as (milestone, contract, deadline), the longest overdue first."""
    due = Milestone.objects.due_for_release(Now())
    if last:
        deadline, milestone_id = last
        due = due.filter(Q(release_at__gt=deadline) | Q(release_at=deadline, pk__gt=milestone_id))
    rows = due.order_by("release_at", "pk").values_list("pk", "contract_id", "release_at")
    return [(pk, contract_id, release_at) for pk, contract_id, release_at in rows[:READ_AT_ONCE] if release_at]


def _release_those_of(contract_id: UUID, milestones: Iterable[int]) -> int:
    count = 0
    for milestone_id in milestones:
        try:
            count += _release_overdue_one(milestone_id, contract_id)
        except _Taken:
            break
        except Exception:  # a fault of ours, too, must not hold the money of all others
            logger.exception("milestone_not_released", milestone_id=milestone_id)
    return count


@transaction.atomic
def _release_overdue_one(milestone_id: int, contract_id: UUID) -> bool:
    """Looks again under the locks, by the database's clock: an answer may have come in between."""
    contract = _contract_if_free().first(contract=contract_id)
    if contract is None:
        raise _Taken
    milestone = _locked_if_due().first(milestone=milestone_id)
    if milestone is None:
        return False
    milestone.contract = contract
    release_whole(milestone, None, reason="No answer within the agreed time.")
    logger.info("milestone_released_by_silence", milestone_id=milestone.pk)
    return True


@cache
def _contract_if_free() -> Selection[Contract]:
    """Locked without waiting: nobody who waits for us can be waited for."""
    rows = Contract.objects.select_related("client", "freelancer")
    rows = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return Selection(rows.filter(pk=ANY_CONTRACT).order_by(), contract=ANY_CONTRACT)


@cache
def _locked_if_due() -> Selection[Milestone]:
    rows = Milestone.objects.due_for_release(Now()).select_related("hold")
    return Selection(
        rows.select_for_update(of=("self",), no_key=True).filter(pk=ANY_MILESTONE).order_by(), milestone=ANY_MILESTONE
    )


def release_whole(milestone: Milestone, actor: User | None, *, reason: str = "") -> None:
    """Approve and release all that is held. The caller has locked contract and milestone; what rolled in follows."""
    hold = milestone.hold
    assert hold is not None  # a CHECK: work has a hold
    figures = hold.quote()
    lapsed_at = None if actor else milestone.release_at
    MILESTONE_LIFECYCLE.perform(milestone, "approve", actor=actor, reason=reason, release_at=None, lapsed_at=lapsed_at)
    MILESTONE_LIFECYCLE.perform(milestone, "release", actor=actor, released_at=timezone.now())
    amount, currency = figures.gross.as_string(), figures.gross.currency
    audit.record(actor, "milestone.released", milestone, amount=amount, currency=currency)
    _tell(milestone, hold, figures)
    release_hold(actor, hold=hold, cause=f"milestone:{milestone.pk}")
    finish_if_done(milestone.contract, actor)


def hold_released(hold: Hold) -> None:
    """Rests that rolled into this milestone go with it, once all of it is released. Called by payments in its transaction."""
    if hold.status == HoldStatus.RELEASED:
        for milestone in rolled_with(hold):
            assert milestone.hold is not None
            _tell(milestone, milestone.hold, milestone.hold.quote())
            release_hold(None, hold=milestone.hold, cause=f"milestone:{milestone.pk}")
            note_rolled_release(milestone)


def note_rolled_release(milestone: Milestone) -> None:
    reason = f"With “{milestone.rolled_into}”."
    MILESTONE_LIFECYCLE.perform(milestone, "release_rolled", reason=reason, released_at=timezone.now())
    audit.record(None, "milestone.released", milestone, reason=reason)


def rolled_with(hold: Hold) -> list[Milestone]:
    """Locked milestones whose rest goes with the one of this hold. Its contract is locked already."""
    return _rolled().run(hold=hold.pk)


@cache
def _rolled() -> Selection[Milestone]:
    rolled = Milestone.objects.filter(rolled_into__hold=ANY_HOLD, status=MilestoneStatus.FUNDED)
    related = rolled.select_related("hold", "rolled_into", "contract__client", "contract__freelancer")
    return Selection(related.select_for_update(of=("self",), no_key=True).order_by("pk"), hold=ANY_HOLD)


def _roll(milestone: Milestone, actor: User) -> None:
    """The rest stays in its own hold, so no money moves; it is released, or goes back, together with the next milestone."""
    following = milestone.contract.milestones.agreed().filter(position__gt=milestone.position)
    into = following.exclude(status__in=ENDED_MILESTONES).order_by("position").first()
    if into is None:
        raise Conflict("no_next_milestone", "There is no next milestone that the rest could go with.")
    if into.status not in HELD_MILESTONES or into.rolled_into_id:
        raise Conflict(
            "next_milestone_not_funded", f"Pay in for “{into.title}” first, so that the rest can go with it."
        )
    MILESTONE_LIFECYCLE.perform(
        milestone,
        "roll",
        actor=actor,
        reason=f"The rest goes with “{into.title}”.",
        rolled_into=into,
        release_at=None,
    )
    milestone.rolled.filter(status=MilestoneStatus.FUNDED).update(rolled_into=into)  # what waits for it goes along
    audit.record(actor, "milestone.rolled", milestone, into=into.pk)


def _tell(milestone: Milestone, hold: Hold, figures: Quote) -> None:
    """Both sides, of what is released next."""
    tell_released(
        milestone.contract,
        figures,
        title=milestone.title,
        url=reverse("contracts:detail", args=[milestone.contract_id]),
        about={"milestone_id": milestone.pk},
        held=hold.held - figures.gross,
        by_silence=milestone.lapsed_at is not None,
    )
