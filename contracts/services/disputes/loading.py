"""Loading disputes for change: contract, milestone or week, and dispute locked in this order; the hold's service locks the hold."""

from accounts.models import User
from contracts import policies
from contracts.models import Contract, Dispute, Milestone, Timesheet
from contracts.rules import DisputeStatus
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.money import Money
from core.queries import get_or_refuse
from payments.rules import common_step


def lock_dispute(dispute: Dispute) -> Dispute:
    """The same dispute, locked and as it is now, with its locked contract and milestone (or week)."""
    contract = Contract.objects.select_for_update(no_key=True).get(pk=dispute.contract_id)
    milestone = None
    if dispute.milestone_id:
        milestone = Milestone.objects.select_for_update(no_key=True).get(pk=dispute.milestone_id)
    Timesheet.objects.select_for_update(no_key=True).filter(hold=dispute.hold_id).first()
    locked = Dispute.objects.select_for_update(no_key=True).get(pk=dispute.pk)
    locked.contract = contract
    locked.milestone = milestone
    return locked


def lock_visible_dispute(actor: User, dispute_id: int) -> Dispute:
    """For one of the two sides."""
    return lock_dispute(get_or_refuse(Dispute.objects.visible_to(actor), pk=dispute_id))


def find_for_staff(actor: User, dispute_id: int) -> Dispute:
    """For a mediator. Forbidden `own_dispute` for a side of it; to everybody else it is not there."""
    dispute = get_or_refuse(Dispute.objects.select_related("contract"), pk=dispute_id)
    if refusal := policies.why_not_mediate(actor, dispute):
        if policies.role_in(dispute.contract, actor):
            raise Forbidden(refusal.code, refusal.message)
        raise NotFound
    return dispute


def require_live(dispute: Dispute) -> None:
    if not dispute.is_live:
        raise Conflict("dispute_ended", f"This dispute is {dispute.get_status_display().lower()}.")


def require_mediation(dispute: Dispute) -> None:
    require_live(dispute)
    if dispute.status != DisputeStatus.MEDIATION:
        raise Conflict("dispute_not_in_mediation", "The two sides are still answering each other.")


def require_payable(part: Money, whole: Money, *, field: str) -> None:
    """Invalid for a part of what is held that no provider could pay: they take some currencies in coarser units."""
    if part.minor % (unit := common_step(part.currency)) and part != whole:
        raise Invalid(fields={field: [f"A multiple of {Money(unit, part.currency)}, since only that can be paid."]})


def require_share(dispute: Dispute, to_freelancer: Money) -> None:
    """Invalid unless the freelancer's part (gross) of what is held can be so much."""
    if to_freelancer.currency != dispute.currency or not 0 <= to_freelancer.minor <= dispute.held_minor:
        raise Invalid(fields={"to_freelancer": [f"Between nothing and the {dispute.held} that is held."]})
    require_payable(to_freelancer, dispute.held, field="to_freelancer")
