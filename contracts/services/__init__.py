"""Use cases of contracts."""

from contracts.services.ending import cancel_contract, complete_contract, pause_contract, resume_contract
from contracts.services.funding import fund_milestone, milestone_funded, milestone_refunded, prepare_funding
from contracts.services.hiring import accept_proposal
from contracts.services.hours import add_time, delete_time, edit_time, start_timer, stop_overdue_timers, stop_timer
from contracts.services.planning import add_milestone
from contracts.services.release import approve_milestone, release_overdue
from contracts.services.timesheets import (
    approve_timesheet,
    bill_due_weeks,
    concede_timesheet,
    decide_timesheet,
    reject_timesheet,
    send_due_weeks,
    submit_timesheet,
)
from contracts.services.weeks import (
    change_weekly_cap,
    fund_week,
    open_due_weeks,
    prepare_week,
    week_funded,
    week_refunded,
    week_released,
)
from contracts.services.work import request_revision, submit_milestone

__all__ = [
    "accept_proposal",
    "add_milestone",
    "add_time",
    "approve_milestone",
    "approve_timesheet",
    "bill_due_weeks",
    "cancel_contract",
    "change_weekly_cap",
    "complete_contract",
    "concede_timesheet",
    "decide_timesheet",
    "delete_time",
    "edit_time",
    "fund_milestone",
    "fund_week",
    "milestone_funded",
    "milestone_refunded",
    "open_due_weeks",
    "pause_contract",
    "prepare_funding",
    "prepare_week",
    "reject_timesheet",
    "release_overdue",
    "request_revision",
    "resume_contract",
    "send_due_weeks",
    "start_timer",
    "stop_overdue_timers",
    "stop_timer",
    "submit_milestone",
    "submit_timesheet",
    "week_funded",
    "week_refunded",
    "week_released",
]
