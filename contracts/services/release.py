"""Approval, by the client or by silence, and the release of the held funds."""

from datetime import datetime
from functools import cache
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from contracts import policies
from contracts.models import Contract, Milestone
from contracts.rules import ENDED_MILESTONES, HELD_MILESTONES, MILESTONE_LIFECYCLE, MilestoneStatus, Remainder
from contracts.services.ending import finish_if_done
from contracts.services.loading import lock_milestone, require_active
from core.errors import Conflict, DomainError, Invalid, require
from core.money import Money
from core.statements import Selection
from notifications.services import notify
from payments.models import Hold
from payments.rules import HoldStatus, quote
from payments.services import release_hold

logger = structlog.get_logger(__name__)

RELEASED_AT_ONCE = 500
# Stand where a statement's parameters go.
ANY_CONTRACT, ANY_MILESTONE, ANY_HOLD = UUID(int=0), -1_000_001, -1_000_002


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
        release_hold(actor, hold=hold, amount=amount, cause=f"milestone:{milestone.pk}:{hold.held_minor}")
        reason = f"{amount}. {hold.held} stays held."
        MILESTONE_LIFECYCLE.perform(milestone, "release_part", actor=actor, reason=reason)
        audit.record(actor, "milestone.released_part", milestone, amount=amount.as_string(), currency=amount.currency)
        _tell(milestone, amount, hold)
        if remainder == Remainder.ROLL:
            _roll(milestone, actor)
        return milestone
    if amount is not None and amount > hold.held:
        raise Conflict("amount_exceeds_held", f"Only {hold.held} is held.")
    release_whole(milestone, actor)
    return milestone


def release_overdue() -> int:
    """Silence is approval: release what was handed in and not answered in time. Returns how many.

    Each in a transaction of its own, and one that cannot be released does not keep the others waiting.
    """
    count, last = 0, None
    while due := _due_after(last):
        for milestone_id, contract_id, release_at in due:
            last = (release_at, milestone_id)
            try:
                count += _release_overdue_one(milestone_id, contract_id)
            except (DomainError, DatabaseError):
                logger.exception("milestone_not_released", milestone_id=milestone_id)
    return count


def _due_after(last: tuple[datetime, int] | None) -> list[tuple[int, UUID, datetime]]:
    """The next ones as (milestone, contract, deadline), the longest overdue first."""
    due = Milestone.objects.due_for_release(Now())
    if last:
        deadline, milestone_id = last
        due = due.filter(Q(release_at__gt=deadline) | Q(release_at=deadline, pk__gt=milestone_id))
    rows = due.order_by("release_at", "pk").values_list("pk", "contract_id", "release_at")
    return [(pk, contract_id, release_at) for pk, contract_id, release_at in rows[:RELEASED_AT_ONCE] if release_at]


@transaction.atomic
def _release_overdue_one(milestone_id: int, contract_id: UUID) -> bool:
    """Looks again under the locks, by the database's clock: an answer may have come in between."""
    contract = _locked_contract().first(contract=contract_id)
    milestone = _locked_if_due().first(milestone=milestone_id)
    if contract is None or milestone is None:
        return False
    milestone.contract = contract
    release_whole(milestone, None, reason="No answer within the agreed time.")
    logger.info("milestone_released_by_silence", milestone_id=milestone.pk)
    return True


@cache
def _locked_contract() -> Selection[Contract]:
    rows = Contract.objects.select_related("client", "freelancer").select_for_update(of=("self",), no_key=True)
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
    remaining = hold.held
    lapsed_at = None if actor else milestone.release_at
    MILESTONE_LIFECYCLE.perform(milestone, "approve", actor=actor, reason=reason, release_at=None, lapsed_at=lapsed_at)
    release_hold(actor, hold=hold, cause=f"milestone:{milestone.pk}")
    MILESTONE_LIFECYCLE.perform(milestone, "release", actor=actor, released_at=timezone.now())
    audit.record(actor, "milestone.released", milestone, amount=remaining.as_string(), currency=remaining.currency)
    _tell(milestone, remaining, hold)
    finish_if_done(milestone.contract, actor)


def hold_released(hold: Hold) -> None:
    """Rests that rolled into this milestone go with it, once all of it is released. Called by payments in its transaction."""
    if hold.status == HoldStatus.RELEASED:
        for milestone in rolled_with(hold):
            assert milestone.hold is not None
            rest = milestone.hold.held
            release_hold(None, hold=milestone.hold, cause=f"milestone:{milestone.pk}")
            note_rolled_release(milestone)
            _tell(milestone, rest, milestone.hold)


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
    audit.record(actor, "milestone.rolled", milestone, into=into.pk)


def _tell(milestone: Milestone, gross: Money, hold: Hold) -> None:
    contract = milestone.contract
    url = reverse("contracts:detail", args=[contract.pk])
    figures = quote(gross, hold.fee_bps, after=hold.released + hold.fee - gross)  # what was just booked
    context = {
        "title": milestone.title,
        "gross": figures.gross,
        "fee": figures.fee,
        "net": figures.net,
        "held": hold.held,
        "by_silence": milestone.lapsed_at is not None,
        "client": contract.client.get_full_name(),
        "freelancer": contract.freelancer.get_full_name(),
    }
    notify(
        contract.freelancer,
        kind="payment_received",
        title=f"{figures.net} was released to you",
        message=milestone.title,
        url=url,
        data={"contract_id": str(milestone.contract_id), "milestone_id": milestone.pk},
        email="contracts/emails/payment_received",
        context=context,
    )
    notify(
        contract.client,
        kind="payment_sent",
        title=f"{figures.gross} was released to {contract.freelancer.get_full_name()}",
        message=milestone.title,
        url=url,
        data={"contract_id": str(milestone.contract_id), "milestone_id": milestone.pk},
        email="contracts/emails/payment_sent",
        context=context,
    )
