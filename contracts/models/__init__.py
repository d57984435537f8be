from contracts.models.contract import Contract, ContractEvent, Milestone, MilestoneEvent, Submission
from contracts.models.time import TimeEntry, Timesheet, TimesheetEvent

__all__ = [
    "Contract",
    "ContractEvent",
    "Milestone",
    "MilestoneEvent",
    "Submission",
    "TimeEntry",
    "Timesheet",
    "TimesheetEvent",
]
