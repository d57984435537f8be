"""Loading contracts, milestones and what belongs to them for change: visible to the person, locked, contract first."""

import uuid

from accounts.models import User
from contracts.models import ChangeRequest, Contract, Milestone, RefundRequest
from contracts.rules import ContractStatus
from core.errors import Conflict
from core.queries import get_or_refuse


def lock_contract(actor: User, contract_id: uuid.UUID) -> Contract:
    return get_or_refuse(Contract.objects.visible_to(actor).select_for_update(no_key=True), pk=contract_id)


def lock_milestone(actor: User, milestone_id: int) -> Milestone:
    """The milestone with its locked contract as `.contract`."""
    contract_id = get_or_refuse(Milestone.objects.visible_to(actor), pk=milestone_id).contract_id
    contract = lock_contract(actor, contract_id)
    milestone = get_or_refuse(Milestone.objects.select_for_update(no_key=True), pk=milestone_id)
    milestone.contract = contract
    return milestone


def lock_change(actor: User, change_id: int) -> ChangeRequest:
    """The change with its locked contract as `.contract`."""
    contract_id = get_or_refuse(ChangeRequest.objects.visible_to(actor), pk=change_id).contract_id
    contract = lock_contract(actor, contract_id)
    change = (
        ChangeRequest.objects.select_for_update(of=("self",), no_key=True).select_related("proposer").get(pk=change_id)
    )
    change.contract = contract
    return change


def lock_refund_request(actor: User, request_id: int) -> RefundRequest:
    """The request with its locked milestone as `.milestone`."""
    milestone_id = get_or_refuse(RefundRequest.objects.visible_to(actor), pk=request_id).milestone_id
    milestone = lock_milestone(actor, milestone_id)
    asked = RefundRequest.objects.select_for_update(no_key=True).get(pk=request_id)
    asked.milestone = milestone
    return asked


def require_active(contract: Contract) -> None:
    if contract.status != ContractStatus.ACTIVE:
        raise Conflict(f"contract_{contract.status}", f"This contract is {contract.get_status_display().lower()}.")
