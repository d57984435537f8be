"""What the two sides do about a dispute other than offering a split."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.selectors import marketplace_rules
from accounts.services import audit
from contracts import policies
from contracts.models import Dispute
from contracts.rules import DISPUTE_LIFECYCLE
from contracts.services.disputes.ending import let_go
from contracts.services.disputes.loading import lock_visible_dispute, require_live
from contracts.services.disputes.news import tell_mediation, tell_withdrawn
from core.errors import Invalid, require


@transaction.atomic
def contest_dispute(actor: User, *, dispute_id: int, text: str) -> Dispute:
    """The other side disagrees: the staff mediate from now on."""
    dispute = lock_visible_dispute(actor, dispute_id)
    require(policies.why_not_answer_dispute(actor, dispute))
    if not text.strip():
        raise Invalid(fields={"text": ["Say how you see it."]})
    begin_mediation(dispute, "contest", actor=actor, answer=text.strip())
    return dispute


@transaction.atomic
def ask_mediation(actor: User, *, dispute_id: int) -> Dispute:
    """The opener does not take the counter-offer, so the staff mediate. The offer stands."""
    dispute = lock_visible_dispute(actor, dispute_id)
    require(policies.why_not_lead_dispute(actor, dispute))
    begin_mediation(dispute, "ask_mediation", actor=actor)
    return dispute


@transaction.atomic
def withdraw_dispute(actor: User, *, dispute_id: int) -> Dispute:
    """The opener takes it back: the funds are free again, and the clock goes on with what was left."""
    dispute = lock_visible_dispute(actor, dispute_id)
    require(policies.why_not_lead_dispute(actor, dispute))
    require_live(dispute)
    let_go(dispute, actor=actor)
    tell_withdrawn(dispute)
    return dispute


def begin_mediation(dispute: Dispute, move: str, *, actor: User | None, answer: str = "") -> None:
    """No actor: the opener did not answer a counter-offer in time."""
    changes = {"answer": answer} if answer else {}
    DISPUTE_LIFECYCLE.perform(
        dispute,
        move,
        actor=actor,
        answer_by=None,
        mediation_by=timezone.now() + timedelta(days=marketplace_rules().dispute_mediation_days),
        warned_at=None,
        **changes,
    )
    audit.record(actor, "dispute.mediation_began", dispute)
    tell_mediation(dispute, actor)
