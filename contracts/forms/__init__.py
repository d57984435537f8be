"""What people type on the pages of contracts."""

from contracts.forms.contract import MilestoneForm, ReasonForm, RevisionForm, SubmitForm

__all__ = ["MilestoneForm", "ReasonForm", "RevisionForm", "SubmitForm"]
