"""Documents that show who somebody is."""

from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts import policies
from accounts.models import IdentityCheck, Upload, User
from accounts.rules import (
    IDENTITY_FILES_KEPT,
    MAX_IDENTITY_FILES,
    IdentityDocument,
    UploadKind,
)
from accounts.services import audit, uploads
from core import jobs
from core.errors import Conflict, Invalid, require
from core.queries import get_or_refuse


@transaction.atomic
def submit_identity(
    actor: User, *, document: str, file_ids: Sequence[int] = (), files: Sequence[UploadedFile] = ()
) -> IdentityCheck:
    """One to three pictures of a document, sent now or before, for staff to look at.

    Conflict `identity_verified` when that is done, `identity_waiting` while staff has not looked yet.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    require(policies.why_not_act(user))
    if user.has_verified_identity:
        raise Conflict("identity_verified", "Your identity is verified already.")
    if user.identity_checks.waiting().exists():
        raise Conflict("identity_waiting", "You have sent a document already. We are looking at it.")
    if document not in IdentityDocument.values:
        raise Invalid(fields={"document": ["Choose the kind of document."]})
    if not 1 <= len(set(file_ids)) + len(files) <= MAX_IDENTITY_FILES:
        raise Invalid(fields={"file_ids": [f"Send one to {MAX_IDENTITY_FILES} pictures."]})
    pictures = uploads.claim(user, ids=file_ids, kind=UploadKind.IDENTITY, field="file_ids")
    if IdentityCheck.objects.filter(files__in=pictures).exists():
        raise Invalid(fields={"file_ids": ["These pictures were sent before. Take new ones."]})
    pictures += [uploads.store(user, file=file, kind=UploadKind.IDENTITY) for file in files]
    check = IdentityCheck.objects.create(user=user, document=document)
    check.files.set(pictures)
    audit.record(user, "identity.submitted", check)
    return check


@transaction.atomic
def decide_identity(actor: User, *, check_id: int, approve: bool, reason: str = "") -> IdentityCheck:
    """Staff has looked. A refusal says why. Conflict `identity_decided` when somebody else was quicker."""
    found = get_or_refuse(IdentityCheck.objects.all(), pk=check_id)
    user = User.objects.select_for_update(no_key=True).get(pk=found.user_id)  # whose lock is that of their documents
    check = get_or_refuse(user.identity_checks.all(), pk=check_id)
    require(policies.why_not_decide_identity(actor, check))
    if check.decided_at:
        raise Conflict("identity_decided", "This was decided already.")
    if not approve and not reason.strip():
        raise Invalid(fields={"reason": ["Say what is wrong, so that the person can send something better."]})
    now = timezone.now()
    check.decided_at, check.decided_by, check.is_approved, check.reason = now, actor, approve, reason.strip()
    check.save()
    if approve:
        User.objects.filter(pk=check.user_id).update(identity_verified_at=now, updated_at=now)
    audit.record(actor, "identity.approved" if approve else "identity.refused", check)
    jobs.enqueue("accounts.send_identity_decided", check_id=check.pk)
    return check


def delete_old_documents() -> None:
    """Pictures of checks decided a month ago. Those that were never handed in go like all unused files."""
    before = timezone.now() - IDENTITY_FILES_KEPT
    for upload in Upload.objects.filter(kind=UploadKind.IDENTITY, identity_checks__decided_at__lt=before):
        names = upload.stored_names
        upload.delete()
        uploads.remove_files(names)
