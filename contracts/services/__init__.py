"""Use cases of contracts."""

from contracts.services import disputes
from contracts.services.bonus import drop_bonus, give_bonus, prepare_bonus
from contracts.services.calendar import close_calendar, open_calendar
from contracts.services.clocks import send_reminders, watch_holds
from contracts.services.contested import watch_contested_weeks
from contracts.services.ending import cancel_contract, complete_contract, end_contract, pause_contract, resume_contract
from contracts.services.funding import fund_milestone, milestone_funded, milestone_refunded, prepare_funding
from contracts.services.hiring import accept_proposal
from contracts.services.hours import add_time, delete_time, edit_time
from contracts.services.planning import (
    accept_change,
    add_milestone,
    decline_change,
    propose_milestone_change,
    propose_milestone_removal,
    propose_scope,
    withdraw_change,
)
from contracts.services.refunding import (
    agree_to_refund,
    refund_unanswered,
    refuse_refund,
    request_milestone_refund,
    withdraw_refund_request,
)
from contracts.services.release import approve_milestone, release_overdue
from contracts.services.timers import start_timer, stop_overdue_timers, stop_timer
from contracts.services.timesheets import (
    approve_timesheet,
    bill_due_weeks,
    concede_timesheet,
    decide_timesheet,
    reject_timesheet,
    send_due_weeks,
    submit_timesheet,
)
from contracts.services.unpaid import ask_for_weeks
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
    "accept_change",
    "accept_proposal",
    "add_milestone",
    "add_time",
    "agree_to_refund",
    "approve_milestone",
    "approve_timesheet",
    "ask_for_weeks",
    "bill_due_weeks",
    "cancel_contract",
    "change_weekly_cap",
    "close_calendar",
    "complete_contract",
    "concede_timesheet",
    "decide_timesheet",
    "decline_change",
    "delete_time",
    "disputes",
    "drop_bonus",
    "edit_time",
    "end_contract",
    "fund_milestone",
    "fund_week",
    "give_bonus",
    "milestone_funded",
    "milestone_refunded",
    "open_calendar",
    "open_due_weeks",
    "pause_contract",
    "prepare_bonus",
    "prepare_funding",
    "prepare_week",
    "propose_milestone_change",
    "propose_milestone_removal",
    "propose_scope",
    "refund_unanswered",
    "refuse_refund",
    "reject_timesheet",
    "release_overdue",
    "request_milestone_refund",
    "request_revision",
    "resume_contract",
    "send_due_weeks",
    "send_reminders",
    "start_timer",
    "stop_overdue_timers",
    "stop_timer",
    "submit_milestone",
    "submit_timesheet",
    "watch_contested_weeks",
    "watch_holds",
    "week_funded",
    "week_refunded",
    "week_released",
    "withdraw_change",
    "withdraw_refund_request",
]
