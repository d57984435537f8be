"""Use cases of disputes. Locks are taken in the order contract, milestone, dispute, hold."""

from contracts.services.disputes.answering import ask_mediation, contest_dispute, withdraw_dispute
from contracts.services.disputes.deadlines import meet_deadlines, warn_of_deadlines
from contracts.services.disputes.deciding import confirm_decision, decide_dispute, refuse_decision
from contracts.services.disputes.evidence import add_evidence
from contracts.services.disputes.offers import accept_claim, accept_offer, offer_split
from contracts.services.disputes.opening import open_dispute
from contracts.services.disputes.reading import read_dispute, review_dispute
from contracts.services.disputes.weeks import open_week_dispute

__all__ = [
    "accept_claim",
    "accept_offer",
    "add_evidence",
    "ask_mediation",
    "confirm_decision",
    "contest_dispute",
    "decide_dispute",
    "meet_deadlines",
    "offer_split",
    "open_dispute",
    "open_week_dispute",
    "read_dispute",
    "refuse_decision",
    "review_dispute",
    "warn_of_deadlines",
    "withdraw_dispute",
]
