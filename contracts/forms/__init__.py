"""What people type on the pages of contracts."""

from contracts.forms.contract import MilestoneForm, ReasonForm, RevisionForm, SubmitForm
from contracts.forms.time import HireForm, HoursForm, SendBackForm, TimerForm, WeeklyCapForm

__all__ = [
    "HireForm",
    "HoursForm",
    "MilestoneForm",
    "ReasonForm",
    "RevisionForm",
    "SendBackForm",
    "SubmitForm",
    "TimerForm",
    "WeeklyCapForm",
]
