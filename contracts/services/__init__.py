"""Use cases of contracts."""

from contracts.services import disputes
from contracts.services.ending import cancel_contract, complete_contract, pause_contract, resume_contract
from contracts.services.funding import fund_milestone, milestone_funded, milestone_refunded, prepare_funding
from contracts.services.hiring import accept_proposal
from contracts.services.planning import add_milestone
from contracts.services.release import approve_milestone, release_overdue
from contracts.services.work import request_revision, submit_milestone

__all__ = [
    "accept_proposal",
    "add_milestone",
    "approve_milestone",
    "cancel_contract",
    "complete_contract",
    "disputes",
    "fund_milestone",
    "milestone_funded",
    "milestone_refunded",
    "pause_contract",
    "prepare_funding",
    "release_overdue",
    "request_revision",
    "resume_contract",
    "submit_milestone",
]
