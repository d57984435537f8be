"""Amounts that people type on pages."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from core.forms import AmountField


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1200.5", "1200.5"),
        (" 1,200.50 ", "1200.50"),
        ("1\u00a0200.50", "1200.50"),
        ("12,345,678", "12345678"),
        ("1,23,456.00", "123456"),
    ],
)
def test_commas_and_spaces_group_thousands(typed: str, amount: str) -> None:
    assert AmountField().clean(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["12,50", "1200,5", "1,2", "1.200,50", ",50", "0", "-5", "NaN", "inf", "1e99"])
def test_what_could_mean_another_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        AmountField().clean(typed)
