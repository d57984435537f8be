"""Reading a dispute, which staff do not do unseen."""

from accounts.models import User
from accounts.services import audit
from contracts.models import Dispute
from contracts.selectors import DisputeRecord
from contracts.services.disputes.loading import find_for_staff


def read_dispute(actor: User, *, dispute_id: int) -> DisputeRecord:
    """The whole record, for one of the two sides, or for a mediator."""
    mine = Dispute.objects.visible_to(actor).with_record().filter(pk=dispute_id).first()
    return DisputeRecord(mine, actor) if mine else review_dispute(actor, dispute_id=dispute_id)


def review_dispute(actor: User, *, dispute_id: int) -> DisputeRecord:
    """The whole record for a mediator, with the chat of the two. That they looked is kept in the audit log."""
    found = find_for_staff(actor, dispute_id)
    audit.record(actor, "dispute.viewed", found)
    return DisputeRecord(Dispute.objects.with_record().get(pk=found.pk))
