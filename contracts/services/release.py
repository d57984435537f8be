"""Approval, by the client or by silence, and the release of the held funds."""

from datetime import datetime
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
from contracts.rules import MILESTONE_LIFECYCLE, MilestoneStatus
from contracts.services.ending import finish_if_done
from contracts.services.loading import lock_milestone, require_active
from core.errors import Conflict, DomainError, require
from core.money import Money
from notifications.services import notify
from payments.models import Hold
from payments.rules import quote
from payments.services import release_hold

logger = structlog.get_logger(__name__)

RELEASED_AT_ONCE = 500


@transaction.atomic
def approve_milestone(actor: User, *, milestone_id: int, amount: Money | None = None) -> Milestone:
    """Approve and release, all of it or `amount`; after a partial release the rest stays held and handed in.

    Conflict: `milestone_already_released`, `milestone_not_submitted`, `amount_exceeds_held`.
    """
    milestone = lock_milestone(actor, milestone_id)
    require(policies.why_not_client(actor, milestone.contract))
    require_active(milestone.contract)
    if milestone.status == MilestoneStatus.RELEASED:
        raise Conflict("milestone_already_released", "The funds of this milestone were released already.")
    if milestone.status != MilestoneStatus.SUBMITTED:
        raise Conflict("milestone_not_submitted", "Nothing is handed in for this milestone that could be approved.")
    hold = milestone.hold
    assert hold is not None  # a CHECK: work has a hold
    if amount is not None and amount < hold.held:
        release_hold(actor, hold=hold, amount=amount, cause=f"milestone:{milestone.pk}:{hold.held_minor}")
        audit.record(actor, "milestone.released_part", milestone, amount=amount.as_string(), currency=amount.currency)
        _tell(milestone, amount, hold)
        return milestone
    if amount is not None and amount > hold.held:
        raise Conflict("amount_exceeds_held", f"Only {hold.held} is held.")
    _release(milestone, hold, actor)
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
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract_id)
    milestone = (
        Milestone.objects.due_for_release(Now())
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=milestone_id)
        .first()
    )
    if milestone is None:
        return False
    milestone.contract = contract
    assert milestone.hold is not None
    _release(milestone, milestone.hold, None)
    logger.info("milestone_released_by_silence", milestone_id=milestone.pk)
    return True


def _release(milestone: Milestone, hold: Hold, actor: User | None) -> None:
    remaining = hold.held
    reason = "" if actor else "No answer within the agreed time."
    lapsed_at = None if actor else milestone.release_at
    MILESTONE_LIFECYCLE.perform(milestone, "approve", actor=actor, reason=reason, release_at=None, lapsed_at=lapsed_at)
    release_hold(actor, hold=hold, cause=f"milestone:{milestone.pk}")
    MILESTONE_LIFECYCLE.perform(milestone, "release", actor=actor, released_at=timezone.now())
    audit.record(actor, "milestone.released", milestone, amount=remaining.as_string(), currency=remaining.currency)
    _tell(milestone, remaining, hold)
    finish_if_done(milestone.contract, actor)


def _tell(milestone: Milestone, gross: Money, hold: Hold) -> None:
    contract = milestone.contract
    url = reverse("contracts:detail", args=[contract.pk])
    figures = quote(gross, hold.fee_bps, after=hold.released + hold.fee - gross)  # what was just booked
    context = {
        "title": milestone.title,
        "gross": figures.gross,
        "fee": figures.fee,
        "net": figures.net,
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
