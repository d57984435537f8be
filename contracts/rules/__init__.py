"""Statuses, moves and figures of contracts. Pure."""

from contracts.rules.contract import (
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

__all__ = [
    "CONTRACT_LIFECYCLE",
    "ENDED_MILESTONES",
    "HELD_MILESTONES",
    "MAX_FILES",
    "MAX_MILESTONES",
    "MILESTONE_LIFECYCLE",
    "WORKED_ON",
    "ContractStatus",
    "MilestoneStatus",
]
