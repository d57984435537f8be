"""What people type on the pages of a contract."""

from typing import Any

from django import forms

from contracts.forms.files import FilesForm
from contracts.models import Contract
from contracts.rules import Remainder
from contracts.rules.changes import MAX_TERMS
from core.forms import AmountField
from core.money import Money


class HireForm(forms.Form):
    """What is agreed on when a proposal is accepted: for a fixed price the days, by the hour the hours a week."""

    approval_days = forms.IntegerField(label="Days to answer work", required=False)
    weekly_cap_hours = forms.DecimalField(
        label="Hours a week, at most", min_value=0, max_value=168, max_digits=5, decimal_places=2, required=False
    )

    read_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def agreed(self) -> dict[str, Any]:
        """For services.accept_proposal."""
        hours = self.cleaned_data["weekly_cap_hours"]
        return {
            "read_at": self.cleaned_data["read_at"],
            "approval_days": self.cleaned_data["approval_days"],
            "weekly_cap_minutes": None if hours is None else round(hours * 60),
        }


class SubmitForm(FilesForm):
    note = forms.CharField(
        label="What you hand in",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Say where to find it and what to look at first.",
    )


class RevisionForm(forms.Form):
    note = forms.CharField(
        label="What should change",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The clock stops until the work is handed in again.",
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class AnswerForm(forms.Form):
    answer = forms.CharField(label="Why not", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class ScopeForm(forms.Form):
    terms = forms.CharField(label="What is done", max_length=MAX_TERMS, widget=forms.Textarea(attrs={"rows": 10}))
    note = forms.CharField(label="Why", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class PricedForm(forms.Form):
    """With an `amount` in the currency of `contract`, as Money."""

    amount = AmountField(label="Amount")

    def __init__(self, *args: Any, contract: Contract, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contract = contract

    def clean_amount(self) -> Money:
        try:
            return Money.parse(self.cleaned_data["amount"], self.contract.currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class MilestoneForm(PricedForm):
    title = forms.CharField(label="What is delivered", max_length=160)
    description = forms.CharField(
        label="Details", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    amount = AmountField(label="Price")
    due_date = forms.DateField(label="Due", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label="Why", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class PartForm(PricedForm):
    amount = AmountField(label="Release now")
    remainder = forms.ChoiceField(
        label="The rest", choices=Remainder.choices, initial=Remainder.HOLD, widget=forms.RadioSelect
    )


class BonusForm(PricedForm):
    amount = AmountField(label="Bonus")
    note = forms.CharField(label="What for", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
