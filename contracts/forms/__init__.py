"""What people type on the pages of contracts."""

from contracts.forms.contract import (
    AnswerForm,
    BonusForm,
    HireForm,
    MilestoneForm,
    PartForm,
    ReasonForm,
    RevisionForm,
    ScopeForm,
    SubmitForm,
)
from contracts.forms.time import HoursForm, SendBackForm, TimerForm, WeeklyCapForm

__all__ = [
    "AnswerForm",
    "BonusForm",
    "HireForm",
    "HoursForm",
    "MilestoneForm",
    "PartForm",
    "ReasonForm",
    "RevisionForm",
    "ScopeForm",
    "SendBackForm",
    "SubmitForm",
    "TimerForm",
    "WeeklyCapForm",
]
