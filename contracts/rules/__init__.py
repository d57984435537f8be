"""Statuses, moves and figures of contracts. Pure."""

from contracts.rules.contract import (
    AFTER_DISPUTE,
    CONTRACT_LIFECYCLE,
    ENDED_MILESTONES,
    HELD_MILESTONES,
    MAX_FILES,
    MAX_MILESTONES,
    MILESTONE_LIFECYCLE,
    WORKED_ON,
    ContractStatus,
    MilestoneStatus,
)
from contracts.rules.dispute import (
    DISPUTE_LIFECYCLE,
    LIVE_DISPUTES,
    DisputeReason,
    DisputeStatus,
    Side,
)

__all__ = [
    "AFTER_DISPUTE",
    "CONTRACT_LIFECYCLE",
    "DISPUTE_LIFECYCLE",
    "ENDED_MILESTONES",
    "HELD_MILESTONES",
    "LIVE_DISPUTES",
    "MAX_FILES",
    "MAX_MILESTONES",
    "MILESTONE_LIFECYCLE",
    "WORKED_ON",
    "ContractStatus",
    "DisputeReason",
    "DisputeStatus",
    "MilestoneStatus",
    "Side",
]
