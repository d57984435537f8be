"""Loading contracts and milestones for change: visible to the person, locked, contract before milestone."""

import uuid

from accounts.models import User
from contracts.models import Contract, Milestone
from contracts.rules import ContractStatus
from core.errors import Conflict
from core.queries import get_or_refuse


def lock_contract(actor: User, contract_id: uuid.UUID) -> Contract:
    return get_or_refuse(Contract.objects.visible_to(actor).select_for_update(no_key=True), pk=contract_id)


def lock_milestone(actor: User, milestone_id: int) -> Milestone:
    """The milestone with its locked contract as `.contract`."""
    contract_id = get_or_refuse(Milestone.objects.visible_to(actor), pk=milestone_id).contract_id
    contract = lock_contract(actor, contract_id)
    milestone = Milestone.objects.select_for_update(no_key=True).get(pk=milestone_id)
    milestone.contract = contract
    return milestone


def require_active(contract: Contract) -> None:
    if contract.status != ContractStatus.ACTIVE:
        raise Conflict(f"contract_{contract.status}", f"This contract is {contract.get_status_display().lower()}.")
