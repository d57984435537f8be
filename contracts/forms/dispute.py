"""What people and staff type about a dispute."""

from typing import Any

from django import forms

from contracts.forms.files import FilesForm
from contracts.rules import DisputeReason
from contracts.rules.dispute import MAX_EXPLANATION
from core.forms import AmountField
from core.money import Money


class ShareField(AmountField):
    """A part of a whole: an amount that may be nothing."""

    def validate(self, value: Any) -> None:
        if value == 0:
            return
        super().validate(value)


class _OfMoney(forms.Form):
    """`currency`: of what is typed; `money` names the field."""

    money = "to_freelancer"

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def _read_money(self) -> Money:
        try:
            return Money.parse(self.cleaned_data[self.money], self.currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class DisputeForm(_OfMoney):
    money = "amount"

    reason = forms.ChoiceField(label="What it is about", choices=DisputeReason.choices)
    explanation = forms.CharField(
        label="What happened",
        max_length=MAX_EXPLANATION,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="The other side and our staff read it. Say what was agreed, and what came instead.",
    )
    amount = AmountField(label="What you ask for", help_text="Of what is held. The rest goes to the other side.")

    def clean_amount(self) -> Money:
        return self._read_money()


class WeekDisputeForm(DisputeForm):
    """About hours; what only a milestone can be is left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = (
            DisputeReason.NOT_AS_AGREED,
            DisputeReason.NOT_DELIVERED,
            DisputeReason.NO_ANSWER,
            DisputeReason.OTHER,
        )
        self.fields["reason"].choices = [(reason.value, reason.label) for reason in reasons]
        self.fields["amount"].help_text = "Of what is held for these hours."


class ContestForm(forms.Form):
    text = forms.CharField(label="How you see it", max_length=MAX_EXPLANATION, widget=forms.Textarea(attrs={"rows": 4}))


class OfferForm(_OfMoney):
    to_freelancer = ShareField(label="To the freelancer", help_text="Before the fee. The rest goes back to the client.")
    note = forms.CharField(
        label="Why", max_length=MAX_EXPLANATION, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_to_freelancer(self) -> Money:
        return self._read_money()


class EvidenceForm(FilesForm):
    text = forms.CharField(
        label="What it shows",
        max_length=MAX_EXPLANATION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stays as you send it.",
    )


class DecisionForm(_OfMoney):
    """Of the staff."""

    to_freelancer = ShareField(label="To the freelancer, before the fee")
    reasons = forms.CharField(
        label="Reasons",
        max_length=MAX_EXPLANATION,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Both sides read them. Say what you went by, in words that either can follow.",
    )

    def clean_to_freelancer(self) -> Money:
        return self._read_money()


class RefusalForm(forms.Form):
    refusal = forms.CharField(
        label="Why not",
        max_length=MAX_EXPLANATION,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For the staff alone.",
    )
