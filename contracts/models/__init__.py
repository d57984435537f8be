from contracts.models.contract import Contract, ContractEvent, Milestone, MilestoneEvent, Submission
from contracts.models.dispute import Dispute, DisputeDecision, DisputeEvent, DisputeEvidence, DisputeOffer

__all__ = [
    "Contract",
    "ContractEvent",
    "Dispute",
    "DisputeDecision",
    "DisputeEvent",
    "DisputeEvidence",
    "DisputeOffer",
    "Milestone",
    "MilestoneEvent",
    "Submission",
]
