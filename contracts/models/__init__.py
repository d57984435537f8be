"""Contracts, milestones and what is handed in for them; changes, refunds asked for, bonuses and calendars."""

from contracts.models.calendar import CalendarFeed, Notice
from contracts.models.change import ChangeEvent, ChangeRequest, TermsAcceptance, TermsVersion
from contracts.models.contract import Contract, ContractEvent, Milestone, MilestoneEvent, Submission
from contracts.models.money import Bonus, RefundRequest, RefundRequestEvent

__all__ = [
    "Bonus",
    "CalendarFeed",
    "ChangeEvent",
    "ChangeRequest",
    "Contract",
    "ContractEvent",
    "Milestone",
    "MilestoneEvent",
    "Notice",
    "RefundRequest",
    "RefundRequestEvent",
    "Submission",
    "TermsAcceptance",
    "TermsVersion",
]
