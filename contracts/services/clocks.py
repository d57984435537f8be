"""What the site does by itself as time passes: reminders, and settling what cannot be held any longer."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from contracts.models import Contract, Milestone, Notice
from contracts.querysets import MilestoneQuerySet
from contracts.rules.ending import is_owed_work
from contracts.services.ending import finish_if_done
from contracts.services.release import note_rolled_release, release_whole
from contracts.services.settling import BATCH, settle_each
from notifications.services import notify
from payments.rules import HOLD_QUEUE, HOLD_WARNING, hold_ends_at
from payments.services import refund_hold, release_hold

logger = structlog.get_logger(__name__)

Due = Callable[[], MilestoneQuerySet]
Kind = Notice.Kind


def send_reminders() -> int:
    """Remind of unanswered work five days after it came and two days before silence approves it; each once."""
    early = _each(Milestone.objects.due_for_early_reminder, Kind.EARLY_REMINDER, _remind)
    return early + _each(Milestone.objects.due_for_late_reminder, Kind.LATE_REMINDER, _remind)


def watch_holds() -> int:
    """Warn both sides of funds held for 75 days, note for staff those of 85, and settle what nears 90."""
    warned = _each(_held_for(Kind.HOLD_WARNING, HOLD_WARNING), Kind.HOLD_WARNING, _warn)
    noted = _each(_held_for(Kind.HOLD_REVIEW, HOLD_QUEUE), Kind.HOLD_REVIEW, _note_for_staff)
    due = Milestone.objects.at_hold_limit().order_by("hold__funded_at")
    return warned + noted + settle_each(due.values_list("pk", "contract_id")[:BATCH], _settle_at_limit)


def _held_for(kind: str, period: timedelta) -> Due:
    return lambda: Milestone.objects.due_for_notice(kind, period)


def _each(due: Due, kind: Kind, tell: Callable[[Milestone], None]) -> int:
    """Each case in a transaction of its own, looked at again under the contract's lock; a unique index keeps it to once."""

    @transaction.atomic
    def once(milestone_id: int, contract_id: UUID) -> bool:
        Contract.objects.select_for_update(no_key=True).get(pk=contract_id)
        milestone = (
            due().select_related("contract__client", "contract__freelancer", "hold").filter(pk=milestone_id).first()
        )
        if milestone is None:
            return False
        about = milestone.submissions.count() if kind in {Kind.EARLY_REMINDER, Kind.LATE_REMINDER} else 0
        _, is_new = Notice.objects.get_or_create(milestone=milestone, kind=kind, about=about)
        if is_new:
            tell(milestone)
        return is_new

    return settle_each(due().order_by("pk").values_list("pk", "contract_id")[:BATCH], once)


def _remind(milestone: Milestone) -> None:
    contract = milestone.contract
    assert milestone.hold is not None
    _tell(
        milestone,
        contract.client,
        "milestone_reminder",
        f"{contract.freelancer.get_full_name()} waits for your answer",
        email="contracts/emails/milestone_reminder",
        freelancer=contract.freelancer.get_full_name(),
        amount=milestone.hold.held,
        release_at=milestone.release_at,
    )


def _warn(milestone: Milestone) -> None:
    assert milestone.hold and milestone.hold.funded_at
    for person in (milestone.contract.client, milestone.contract.freelancer):
        _tell(
            milestone,
            person,
            "hold_limit_near",
            "Held funds have to be settled soon",
            email="contracts/emails/hold_limit_near",
            amount=milestone.hold.held,
            settled_at=hold_ends_at(milestone.hold.funded_at),
            goes_back=is_owed_work(milestone.status),
        )


def _note_for_staff(milestone: Milestone) -> None:
    """The console's queue shows it; the log line is for who watches the logs."""
    logger.warning("hold_near_limit", milestone_id=milestone.pk, hold_id=milestone.hold_id, status=milestone.status)


@transaction.atomic
def _settle_at_limit(milestone_id: int, contract_id: UUID) -> bool:
    """By who had the last word: handed in work is released, owed work is refunded. A pause does not stop this clock.

    A rest that rolled into another milestone goes by that one's state.
    """
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract_id)
    milestone = (
        Milestone.objects.at_hold_limit()
        .select_for_update(of=("self",), no_key=True)
        .select_related("hold", "rolled_into")
        .filter(pk=milestone_id)
        .first()
    )
    if milestone is None:
        return False
    milestone.contract = contract
    assert milestone.hold is not None
    cause = f"milestone:{milestone.pk}"
    if is_owed_work((milestone.rolled_into or milestone).status):
        refund_hold(None, hold=milestone.hold, reason="The work is owed, and 90 days are the limit.", cause=cause)
    elif milestone.rolled_into:
        release_hold(None, hold=milestone.hold, cause=cause)
        note_rolled_release(milestone)
    else:
        release_whole(milestone, None, reason="It was handed in, and 90 days are the limit.")
    finish_if_done(contract, None)
    logger.info("hold_settled_at_limit", milestone_id=milestone.pk, hold_id=milestone.hold_id)
    return True


def _tell(milestone: Milestone, person: User, kind: str, title: str, *, email: str, **context: object) -> None:
    notify(
        person,
        kind=kind,
        title=title,
        message=milestone.title,
        url=reverse("contracts:detail", args=[milestone.contract_id]),
        data={"contract_id": str(milestone.contract_id), "milestone_id": milestone.pk},
        email=email,
        context={"title": milestone.title, **context},
    )
