"""Handing in, and asking for changes."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rules import UploadKind
from accounts.services import uploads
from contracts import policies
from contracts.models import Milestone, Submission
from contracts.rules import MAX_FILES, MILESTONE_LIFECYCLE, MilestoneStatus
from contracts.services.loading import lock_milestone, require_active
from core.errors import Conflict, Invalid, require
from notifications.services import notify


@transaction.atomic
def submit_milestone(actor: User, *, milestone_id: int, note: str, attachment_ids: Sequence[int] = ()) -> Milestone:
    """Hand in work. Starts the clock after which silence is approval. Conflict `milestone_not_funded` before funds are held."""
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
    now = timezone.now()
    MILESTONE_LIFECYCLE.perform(
        milestone,
        "submit",
        actor=actor,
        submitted_at=now,
        release_at=now + timedelta(days=contract.approval_days),
    )
    submission = Submission.objects.create(milestone=milestone, note=note)
    submission.files.set(uploads.claim(actor, ids=attachment_ids, kind=UploadKind.ATTACHMENT))
    url = reverse("contracts:detail", args=[contract.pk])
    notify(
        contract.client,
        kind="milestone_submitted",
        title=f"{actor.get_full_name()} handed in work",
        message=milestone.title,
        url=url,
        data={"contract_id": str(milestone.contract_id), "milestone_id": milestone.pk},
        email="contracts/emails/milestone_completed",
        context={
            "title": milestone.title,
            "freelancer": actor.get_full_name(),
            "amount": milestone.amount,
            "release_at": milestone.release_at,
        },
    )
    return milestone


@transaction.atomic
def request_revision(actor: User, *, milestone_id: int, note: str) -> Milestone:
    """Ask for changes. Stops the clock until the work is handed in again."""
    if not note.strip():
        raise Invalid(fields={"note": ["Say what should change."]})
    milestone = lock_milestone(actor, milestone_id)
    require(policies.why_not_client(actor, milestone.contract))
    require_active(milestone.contract)
    MILESTONE_LIFECYCLE.perform(
        milestone, "request_revision", actor=actor, reason=note, code="milestone_not_submitted", release_at=None
    )
    latest = milestone.submissions.latest("id")
    latest.revision_note = note
    latest.save(update_fields=["revision_note"])
    notify(
        milestone.contract.freelancer,
        kind="revision_requested",
        title="Changes were asked for",
        message=milestone.title,
        url=reverse("contracts:detail", args=[milestone.contract_id]),
        data={"contract_id": str(milestone.contract_id), "milestone_id": milestone.pk},
    )
    return milestone
