"""What people type on the pages of contracts."""

from contracts.forms.contract import (
    AnswerForm,
    BonusForm,
    MilestoneForm,
    PartForm,
    ReasonForm,
    RevisionForm,
    ScopeForm,
    SubmitForm,
)

__all__ = [
    "AnswerForm",
    "BonusForm",
    "MilestoneForm",
    "PartForm",
    "ReasonForm",
    "RevisionForm",
    "ScopeForm",
    "SubmitForm",
]
