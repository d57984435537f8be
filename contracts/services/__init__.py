"""Use cases of contracts."""

from contracts.services.bonus import drop_bonus, give_bonus, prepare_bonus
from contracts.services.calendar import close_calendar, open_calendar
from contracts.services.clocks import send_reminders, watch_holds
from contracts.services.ending import (
    cancel_contract,
    complete_contract,
    end_contract,
    pause_contract,
    resume_contract,
)
from contracts.services.funding import fund_milestone, milestone_funded, milestone_refunded, prepare_funding
from contracts.services.hiring import accept_proposal
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
from contracts.services.work import request_revision, submit_milestone

__all__ = [
    "accept_change",
    "accept_proposal",
    "add_milestone",
    "agree_to_refund",
    "approve_milestone",
    "cancel_contract",
    "close_calendar",
    "complete_contract",
    "decline_change",
    "drop_bonus",
    "end_contract",
    "fund_milestone",
    "give_bonus",
    "milestone_funded",
    "milestone_refunded",
    "open_calendar",
    "pause_contract",
    "prepare_bonus",
    "prepare_funding",
    "propose_milestone_change",
    "propose_milestone_removal",
    "propose_scope",
    "refund_unanswered",
    "refuse_refund",
    "release_overdue",
    "request_milestone_refund",
    "request_revision",
    "resume_contract",
    "send_reminders",
    "submit_milestone",
    "watch_holds",
    "withdraw_change",
    "withdraw_refund_request",
]
