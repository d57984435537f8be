"""Currencies and amounts, as decimal texts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from .errors import PayPalError, invalid, unprocessable

CURRENCIES = frozenset(
    [
        "AUD",
        "BRL",
        "CAD",
        "CHF",
        "CNY",
        "CZK",
        "DKK",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "ILS",
        "JPY",
        "MXN",
        "MYR",
        "NOK",
        "NZD",
        "PHP",
        "PLN",
        "SEK",
        "SGD",
        "THB",
        "TWD",
        "USD",
    ]
)
WHOLE_UNITS_ONLY = frozenset({"HUF", "JPY", "TWD"})

Amount = dict[str, str]


def parsed(given: Any, *, field: str) -> Amount:
    """A positive amount as PayPal takes it: a text, with two decimals at most, and none in some currencies."""
    if not isinstance(given, dict) or not {"currency_code", "value"} <= given.keys():
        raise invalid("MISSING_REQUIRED_PARAMETER", "A required parameter is missing.", field=field)
    currency, value = given["currency_code"], given["value"]
    if currency not in CURRENCIES:
        raise unprocessable("CURRENCY_NOT_SUPPORTED", "Currency code should be one that PayPal supports.")
    if not isinstance(value, str) or not re.fullmatch(r"\d{1,10}(\.\d{1,2})?", value):
        raise invalid("INVALID_PARAMETER_VALUE", "The value of a field is invalid.", field=f"{field}/value")
    if currency in WHOLE_UNITS_ONLY and Decimal(value) % 1:
        raise _decimals()
    if Decimal(value) <= 0:
        raise unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", "Must be greater than zero.")
    return of(Decimal(value), currency)


def of(value: Decimal, currency: str) -> Amount:
    """PayPal writes two decimals in its answers, also where it takes none."""
    return {"currency_code": currency, "value": f"{value:.2f}"}


def number(amount: Amount) -> Decimal:
    return Decimal(amount["value"])


def _decimals() -> PayPalError:
    return unprocessable(
        "DECIMALS_NOT_SUPPORTED", "Currency does not support decimals. See https://developer.paypal.com/currencies."
    )
