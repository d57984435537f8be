"""The client's time to answer work stands still while a contract is paused or in dispute."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from contracts.models import Contract, Dispute, Milestone
from contracts.rules import AFTER_DISPUTE, MILESTONE_LIFECYCLE, ContractStatus, MilestoneStatus
from payments.rules import hold_ends_at


def stopped_at(contract: Contract) -> datetime:
    """Since when the clock stands still; now, if it runs."""
    status = contract.status
    if status == ContractStatus.DISPUTED:
        began = contract.events.filter(move="dispute").latest("id")
        if began.from_status != ContractStatus.PAUSED:
            return began.created_at
        status = ContractStatus.PAUSED
    if status == ContractStatus.PAUSED:
        return contract.events.filter(move="pause").latest("id").created_at
    return timezone.now()


def left_of(milestone: Milestone, contract: Contract) -> timedelta | None:
    """What is left of the time to answer; nothing where no clock runs."""
    if milestone.release_at is None:
        return None
    return max(milestone.release_at - stopped_at(contract), timedelta(0))


def go_on(dispute: Dispute) -> None:
    """The milestone is again what it was before, with the time that was left then. The contract is still disputed."""
    milestone = dispute.milestone
    if milestone is None:
        return
    changes: dict[str, Any] = {}
    if dispute.clock_left is not None:
        # As all clocks of this contract it stands at the moment when they stopped; whoever lets them run adds the rest.
        assert dispute.hold.funded_at  # disputed funds are held
        end = stopped_at(dispute.contract) + dispute.clock_left
        changes["release_at"] = min(end, hold_ends_at(dispute.hold.funded_at))
    move = AFTER_DISPUTE[MilestoneStatus(dispute.milestone_before)]
    MILESTONE_LIFECYCLE.perform(milestone, move, actor=None, **changes)
