"""Handing in, and asking for changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rules import UploadKind
from accounts.services import uploads
from contracts import policies
from contracts.models import Milestone, Submission
from contracts.rules import MAX_FILES, MILESTONE_LIFECYCLE, MilestoneStatus
from contracts.rules.clocks import LAST_HAND_IN, LAST_REVISION
from contracts.services.loading import lock_milestone, require_active
from contracts.services.refunding import close_refund_request
from core.errors import Conflict, Invalid, require
from notifications.services import notify
from payments.rules import hold_ends_at, silence_at


@transaction.atomic
def submit_milestone(actor: User, *, milestone_id: int, note: str, attachment_ids: Sequence[int] = ()) -> Milestone:
    """Hand in work, as the milestone's next version. Starts the clock after which silence is approval.

    Conflict: `milestone_not_funded` before funds are held, `milestone_rolled`, `hold_limit_near` when the funds can be held
    no longer than the client needs to look.
    """
    if not note.strip() and not attachment_ids:
        raise Invalid(fields={"note": ["Say what you hand in, or attach a file."]})
    if len(attachment_ids) > MAX_FILES:
        raise Invalid(fields={"attachment_ids": [f"At most {MAX_FILES} files at once; pack them into a ZIP."]})
    milestone = lock_milestone(actor, milestone_id)
    contract = milestone.contract
    require(policies.why_not_freelancer(actor, contract))
    require_active(contract)
    if milestone.status == MilestoneStatus.PENDING:
        raise Conflict(
            "milestone_not_funded", "The funds for this milestone are not held yet. Wait before you hand in."
        )
    if milestone.rolled_into_id:
        raise Conflict("milestone_rolled", "What is held here goes with the next milestone. Hand in that one.")
    now = timezone.now()
    MILESTONE_LIFECYCLE.perform(
        milestone,
        "submit",
        actor=actor,
        submitted_at=now,
        release_at=silence_at(now, contract.approval_days, _funded_at(milestone)),
    )
    _require_time_left(milestone, now, LAST_HAND_IN)
    close_refund_request(milestone, "deliver")
    latest = milestone.submissions.aggregate(latest=Max("version"))["latest"] or 0
    submission = Submission.objects.create(milestone=milestone, version=latest + 1, note=note)
    submission.files.set(uploads.claim(actor, ids=attachment_ids, kind=UploadKind.ATTACHMENT))
    _tell_handed_in(milestone)
    return milestone


@transaction.atomic
def request_revision(actor: User, *, milestone_id: int, note: str) -> Milestone:
    """Ask for changes. Stops the clock until the work is handed in again.

    Conflict `hold_limit_near` when the funds can be held no longer than a new version would take.
    """
    if not note.strip():
        raise Invalid(fields={"note": ["Say what should change."]})
    milestone = lock_milestone(actor, milestone_id)
    require(policies.why_not_client(actor, milestone.contract))
    require_active(milestone.contract)
    MILESTONE_LIFECYCLE.perform(
        milestone, "request_revision", actor=actor, reason=note, code="milestone_not_submitted", release_at=None
    )
    now = timezone.now()
    _require_time_left(milestone, now, LAST_REVISION)
    latest = milestone.submissions.latest("version")
    latest.revision_note = note
    latest.revision_requested_at = now
    latest.save(update_fields=["revision_note", "revision_requested_at"])
    notify(
        milestone.contract.freelancer,
        kind="revision_requested",
        title="Changes were asked for",
        message=milestone.title,
        url=reverse("contracts:detail", args=[milestone.contract_id]),
        data={"contract_id": str(milestone.contract_id), "milestone_id": milestone.pk},
    )
    return milestone


def _tell_handed_in(milestone: Milestone) -> None:
    contract = milestone.contract
    freelancer = contract.freelancer.get_full_name()
    notify(
        contract.client,
        kind="milestone_submitted",
        title=f"{freelancer} handed in work",
        message=milestone.title,
        url=reverse("contracts:detail", args=[contract.pk]),
        data={"contract_id": str(contract.pk), "milestone_id": milestone.pk},
        email="contracts/emails/milestone_completed",
        context={
            "title": milestone.title,
            "freelancer": freelancer,
            "amount": milestone.amount,
            "release_at": milestone.release_at,
        },
    )


def _funded_at(milestone: Milestone) -> datetime:
    assert milestone.hold and milestone.hold.funded_at  # a CHECK: work has a hold
    return milestone.hold.funded_at


def _require_time_left(milestone: Milestone, now: datetime, needed: timedelta) -> None:
    """Asked after the move, which says first whether it is possible at all; a refusal undoes it."""
    if hold_ends_at(_funded_at(milestone)) - now < needed:
        raise Conflict(
            "hold_limit_near",
            "The funds cannot be held long enough for that. The work is approved or disputed now, or the funds go back.",
        )
