"""Statuses, moves and figures of contracts. Pure."""

from contracts.rules.changes import (
    CHANGE_LIFECYCLE,
    REFUND_REQUEST_LIFECYCLE,
    ChangeKind,
    ChangeStatus,
    RefundRequestStatus,
)
from contracts.rules.contract import (
    AFTER_DISPUTE,
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
from contracts.rules.dispute import DISPUTE_LIFECYCLE, LIVE_DISPUTES, DisputeReason, DisputeStatus, Side

__all__ = [
    "AFTER_DISPUTE",
    "CHANGE_LIFECYCLE",
    "CONTRACT_LIFECYCLE",
    "DISPUTE_LIFECYCLE",
    "ENDED_MILESTONES",
    "HELD_MILESTONES",
    "LIVE_DISPUTES",
    "MAX_FILES",
    "MAX_MILESTONES",
    "MILESTONE_LIFECYCLE",
    "REFUND_REQUEST_LIFECYCLE",
    "RUNNING_CONTRACTS",
    "WORKED_ON",
    "ChangeKind",
    "ChangeStatus",
    "ContractStatus",
    "DisputeReason",
    "DisputeStatus",
    "MilestoneStatus",
    "RefundRequestStatus",
    "Remainder",
    "Side",
]
