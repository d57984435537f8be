"""Opening a dispute: the funds are frozen, and every clock of the contract stands still."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.selectors import marketplace_rules
from accounts.services import audit
from contracts import policies
from contracts.models import Contract, Dispute, Milestone
from contracts.rules import (
    CONTRACT_LIFECYCLE,
    HELD_MILESTONES,
    MILESTONE_LIFECYCLE,
    ContractStatus,
    MilestoneStatus,
)
from contracts.services.disputes.clock import left_of
from contracts.services.disputes.loading import require_payable
from contracts.services.disputes.news import tell_opened
from contracts.services.loading import lock_milestone
from contracts.services.refunding import leave_to_dispute
from core.errors import Conflict, Invalid, require
from core.money import Money
from payments.models import Hold
from payments.rules import HoldStatus
from payments.services import freeze_hold


@transaction.atomic
def open_dispute(actor: User, *, milestone_id: int, reason: str, explanation: str, claim: Money) -> Dispute:
    """Claim `claim` of what is held for the actor's own side; the rest is left to the other.

    Conflict: `dispute_already_open`, `nothing_to_dispute`, `dispute_too_late` (a week after the contract's end).
    """
    milestone = lock_milestone(actor, milestone_id)
    contract = milestone.contract
    require(policies.why_not_party(actor, contract))
    if not explanation.strip():
        raise Invalid(fields={"explanation": ["Say what happened, so that the other side can answer."]})
    _require_disputable(contract, milestone)
    hold = milestone.hold
    assert hold is not None  # a CHECK: what is held has a hold
    clock_left = left_of(milestone, contract)
    before = milestone.status
    freeze_hold(actor, hold=hold, reason="A dispute was opened.")
    if claim.currency != hold.currency or not 0 < claim.minor <= hold.held_minor:
        raise Invalid(fields={"amount": [f"Between nothing and the {hold.held} that is held."]})
    require_payable(claim, hold.held, field="amount")
    leave_to_dispute(milestone, actor)
    MILESTONE_LIFECYCLE.perform(milestone, "dispute", actor=actor, release_at=None)
    if contract.status in {ContractStatus.ACTIVE, ContractStatus.PAUSED}:
        CONTRACT_LIFECYCLE.perform(contract, "dispute", actor=actor)
    return begin_dispute(
        actor,
        contract,
        hold,
        claim,
        reason=reason,
        explanation=explanation,
        milestone=milestone,
        milestone_before=before,
        clock_left=clock_left,
    )


def begin_dispute(
    actor: User, contract: Contract, hold: Hold, claim: Money, *, explanation: str, **about: Any
) -> Dispute:
    """Write it down and tell the other side. The caller holds the locks and has frozen the hold."""
    dispute = Dispute.objects.create(
        contract=contract,
        hold=hold,
        opener=actor,
        side=policies.role_in(contract, actor),
        explanation=explanation.strip(),
        held_minor=hold.held_minor,
        claim_minor=claim.minor,
        currency=hold.currency,
        answer_by=timezone.now() + timedelta(days=marketplace_rules().dispute_answer_days),
        **about,
    )
    dispute.events.create(move="open", to_status=dispute.status, actor=actor)
    audit.record(actor, "dispute.opened", dispute, claim=claim.as_string(), currency=claim.currency)
    tell_opened(dispute)
    return dispute


def _require_disputable(contract: Contract, milestone: Milestone) -> None:
    if milestone.status == MilestoneStatus.DISPUTED:
        raise Conflict("dispute_already_open", "A dispute about this milestone is open already.")
    if milestone.rolled_into:
        raise Conflict(
            "nothing_to_dispute",
            f"What is left here goes with “{milestone.rolled_into}”, and so by the outcome of a dispute about that.",
        )
    hold: Hold | None = milestone.hold
    if milestone.status not in HELD_MILESTONES or hold is None or hold.status != HoldStatus.HELD:
        raise Conflict(
            "nothing_to_dispute", "Nothing is held for this milestone. What was released or returned stays where it is."
        )
    window = timedelta(days=marketplace_rules().dispute_window_days)
    if contract.ended_at and contract.ended_at + window < timezone.now():
        raise Conflict("dispute_too_late", f"This contract ended more than {window.days} days ago.")
