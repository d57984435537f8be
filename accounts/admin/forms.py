"""What staff write to a person in a dialog."""

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")


class AnswerForm(BaseDialogForm):
    answer = forms.CharField(max_length=5000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")
