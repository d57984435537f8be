"""What people type on the pages of money."""

from typing import Any

from django import forms

from core.forms import AmountField
from core.money import Money
from core.regions import country_choices


class SumForm(forms.Form):
    """An amount in a currency that is known, as Money."""

    amount = AmountField(label="How much")

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_amount(self) -> Money:
        try:
            return Money.parse(self.cleaned_data["amount"], self.currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class SendBackForm(SumForm):
    """`token`: the same form sent twice sends back once."""

    token = forms.UUIDField(widget=forms.HiddenInput)


class BankCountryForm(forms.Form):
    country = forms.ChoiceField(label="Country of your bank", help_text="It cannot be changed later.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "Choose a country"), *country_choices()]  # type: ignore[attr-defined]
