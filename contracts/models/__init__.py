from contracts.models.contract import Contract, ContractEvent, Milestone, MilestoneEvent, Submission

__all__ = ["Contract", "ContractEvent", "Milestone", "MilestoneEvent", "Submission"]
