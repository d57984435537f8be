"""Form fields for money."""

import re
from decimal import Decimal
from typing import Any

from django import forms

from core.money import EXPONENTS, MAX_MINOR

WITH_THOUSANDS = re.compile(r"\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?")


class AmountField(forms.DecimalField):
    """A positive amount in major units. The currency decides how many decimals are allowed, so the form's clean checks that."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(max_value=Decimal(MAX_MINOR), max_digits=14, decimal_places=3, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs think of whole numbers
        if isinstance(value, str):
            value = value.strip().replace("\u00a0", "").replace(" ", "")
            if WITH_THOUSANDS.fullmatch(value):  # any other comma is refused: "12,50" is not 1250
                value = value.replace(",", "")
        return super().to_python(value)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and value <= 0:
            raise forms.ValidationError("The amount must be above zero.")


def currency_choices() -> list[tuple[str, str]]:
    return [(code, code) for code in EXPONENTS]


class BoundsField(forms.CharField):
    """ "minLng,minLat,maxLng,maxLat" in degrees → (west, south, east, north)."""

    def clean(self, value: Any) -> tuple[float, float, float, float] | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError as error:
            raise forms.ValidationError("Give minLng,minLat,maxLng,maxLat.") from error
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise forms.ValidationError("These bounds are not on the globe.")
        return west, south, east, north
