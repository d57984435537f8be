"""What the two sides show."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from accounts.rules import UploadKind
from accounts.services import audit, uploads
from contracts.models import DisputeEvidence
from contracts.rules import MAX_FILES
from contracts.rules.dispute import MAX_EVIDENCE
from contracts.services.disputes.loading import lock_visible_dispute, require_live
from contracts.services.disputes.news import tell_evidence
from core.errors import Conflict, Invalid


@transaction.atomic
def add_evidence(
    actor: User, *, dispute_id: int, text: str = "", attachment_ids: Sequence[int] = ()
) -> DisputeEvidence:
    """Words, files or both, for the other side and the staff to see. It stays as it is. Conflict `dispute_ended`."""
    if not text.strip() and not attachment_ids:
        raise Invalid(fields={"text": ["Say what this shows, or attach a file."]})
    if len(attachment_ids) > MAX_FILES:
        raise Invalid(fields={"attachment_ids": [f"At most {MAX_FILES} files at once; pack them into a ZIP."]})
    dispute = lock_visible_dispute(actor, dispute_id)
    require_live(dispute)
    if dispute.evidence.filter(by=actor).count() >= MAX_EVIDENCE:
        raise Conflict("too_much_evidence", f"Each side shows at most {MAX_EVIDENCE} pieces of evidence.")
    evidence = DisputeEvidence.objects.create(dispute=dispute, by=actor, text=text.strip())
    evidence.files.set(uploads.claim(actor, ids=attachment_ids, kind=UploadKind.ATTACHMENT))
    audit.record(actor, "dispute.evidence_added", dispute, evidence=evidence.pk, files=len(attachment_ids))
    tell_evidence(dispute, actor)
    return evidence
