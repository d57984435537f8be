"""Statuses, moves and figures of contracts. Pure."""

from contracts.rules.changes import (
    CHANGE_LIFECYCLE,
    REFUND_REQUEST_LIFECYCLE,
    ChangeKind,
    ChangeStatus,
    RefundRequestStatus,
)
from contracts.rules.contract import (
    CONTRACT_LIFECYCLE,
    ENDED_MILESTONES,
    HELD_MILESTONES,
    MAX_FILES,
    MAX_MILESTONES,
    MILESTONE_LIFECYCLE,
    RUNNING_CONTRACTS,
    WORKED_ON,
    ContractStatus,
    MilestoneStatus,
    Remainder,
)

__all__ = [
    "CHANGE_LIFECYCLE",
    "CONTRACT_LIFECYCLE",
    "ENDED_MILESTONES",
    "HELD_MILESTONES",
    "MAX_FILES",
    "MAX_MILESTONES",
    "MILESTONE_LIFECYCLE",
    "REFUND_REQUEST_LIFECYCLE",
    "RUNNING_CONTRACTS",
    "WORKED_ON",
    "ChangeKind",
    "ChangeStatus",
    "ContractStatus",
    "MilestoneStatus",
    "RefundRequestStatus",
    "Remainder",
]
