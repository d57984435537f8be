"""The staff's decision; about much money, by two of them."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.selectors import marketplace_rules
from accounts.services import audit
from contracts import policies
from contracts.models import Dispute, DisputeDecision
from contracts.selectors import DisputeView
from contracts.services.disputes.ending import pay_out
from contracts.services.disputes.loading import find_for_staff, lock_dispute, require_mediation, require_share
from core.errors import Conflict, Invalid, require
from core.money import Money
from core.queries import get_or_refuse
from payments.rules import needs_two


@transaction.atomic
def decide_dispute(actor: User, *, dispute_id: int, to_freelancer: Money, reasons: str) -> DisputeDecision:
    """A mediator splits what is held, with reasons that both sides read. Over the limit it waits for a second person.

    Conflict: `dispute_not_in_mediation`, `dispute_ended`, `decision_waiting`.
    """
    dispute = lock_dispute(find_for_staff(actor, dispute_id))
    require_mediation(dispute)
    require_share(dispute, to_freelancer)
    if not reasons.strip():
        raise Invalid(fields={"reasons": ["Say why. Both sides read it."]})
    if dispute.decisions.waiting().exists():
        raise Conflict("decision_waiting", "A decision waits for a second person already.")
    decision = DisputeDecision.objects.create(
        dispute=dispute,
        by=actor,
        to_freelancer_minor=to_freelancer.minor,
        to_client_minor=(dispute.held - to_freelancer).minor,
        currency=dispute.currency,
        reasons=reasons.strip(),
        needs_second=needs_two(DisputeView(dispute).moved_by_outcome, marketplace_rules().dispute_two_staff_over),
    )
    audit.record(
        actor,
        "dispute.decision_made",
        dispute,
        decision=decision.pk,
        to_freelancer=to_freelancer.as_string(),
        currency=dispute.currency,
        waits=decision.needs_second,
    )
    if not decision.needs_second:
        _carry_out(dispute, decision, actor)
    return decision


@transaction.atomic
def confirm_decision(actor: User, *, decision_id: int) -> Dispute:
    """The second person agrees, and the money moves."""
    dispute, decision = _lock_decision(actor, decision_id)
    decision.second = actor
    return _carry_out(dispute, decision, actor)


@transaction.atomic
def refuse_decision(actor: User, *, decision_id: int, refusal: str) -> DisputeDecision:
    """The second person does not agree: the dispute is in the queue again. Nobody but staff reads why."""
    if not refusal.strip():
        raise Invalid(fields={"refusal": ["Say why, for whoever decides next."]})
    dispute, decision = _lock_decision(actor, decision_id)
    decision.second = actor
    decision.refusal = refusal.strip()
    decision.refused_at = timezone.now()
    decision.save(update_fields=["second", "refusal", "refused_at"])
    audit.record(actor, "dispute.decision_refused", dispute, decision=decision.pk)
    return decision


def _lock_decision(actor: User, decision_id: int) -> tuple[Dispute, DisputeDecision]:
    """A waiting decision, and its locked dispute."""
    decision = get_or_refuse(DisputeDecision.objects.all(), pk=decision_id)
    dispute = find_for_staff(actor, decision.dispute_id)
    require(policies.why_not_confirm_decision(actor, decision))
    dispute = lock_dispute(dispute)
    decision = DisputeDecision.objects.select_for_update(no_key=True).select_related("by").get(pk=decision.pk)
    if decision.confirmed_at or decision.refused_at:
        raise Conflict("decision_not_waiting", "This decision does not wait for anybody any more.")
    require_mediation(dispute)
    return dispute, decision


def _carry_out(dispute: Dispute, decision: DisputeDecision, actor: User) -> Dispute:
    decision.confirmed_at = timezone.now()
    decision.save(update_fields=["second", "confirmed_at"])
    return pay_out(
        dispute,
        "decide",
        actor=actor,
        to_freelancer=decision.to_freelancer,
        reasons=decision.reasons,
        decided_by=decision.by,
    )
