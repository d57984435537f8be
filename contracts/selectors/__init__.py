"""Reads that span models, and what the pages of a contract say."""

from contracts.selectors.account import export, ties
from contracts.selectors.books import Entry, ledger_entries
from contracts.selectors.calendar import calendar_of
from contracts.selectors.disputes import DisputeRecord, DisputeView, Parts, queue, rests_with
from contracts.selectors.ending import Outcome, outcome_of_ending
from contracts.selectors.hours import HourlyWorkspace, HoursRow, WeekView, room_context, settled_weeks, workspace_of
from contracts.selectors.printed import record_pdf
from contracts.selectors.proof import CHECKS
from contracts.selectors.steps import (
    Planned,
    Step,
    automatic_actions,
    moment_of,
    next_steps,
    open_change_of,
    open_refund_request,
    refund_possible_from,
)
from contracts.selectors.versions import Version, versions
from contracts.selectors.workspace import (
    NextStep,
    Workspace,
    files,
    history,
    is_due,
    rooms_of_project,
    terms_in_force,
)

__all__ = [
    "CHECKS",
    "DisputeRecord",
    "DisputeView",
    "Entry",
    "HourlyWorkspace",
    "HoursRow",
    "NextStep",
    "Outcome",
    "Parts",
    "Planned",
    "Step",
    "Version",
    "WeekView",
    "Workspace",
    "automatic_actions",
    "calendar_of",
    "export",
    "files",
    "history",
    "is_due",
    "ledger_entries",
    "moment_of",
    "next_steps",
    "open_change_of",
    "open_refund_request",
    "outcome_of_ending",
    "queue",
    "record_pdf",
    "refund_possible_from",
    "rests_with",
    "room_context",
    "rooms_of_project",
    "settled_weeks",
    "terms_in_force",
    "ties",
    "versions",
    "workspace_of",
]
