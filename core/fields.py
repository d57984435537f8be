"""Serializer fields for money and places."""

import decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.money import EXPONENTS, MAX_MINOR, Money


class CurrencyField(serializers.CharField):
    """An ISO 4217 code in any case; upper-case inside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_length": 3} | kwargs))

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data).upper()
        if code not in EXPONENTS:
            raise serializers.ValidationError("We do not deal in this currency.")
        return code


@extend_schema_field({"type": "string", "format": "decimal", "example": "120.50"})
class AmountField(serializers.Field):
    """A positive decimal amount in major units ("600.01"), as Decimal; give it its currency with `to_money`."""

    default_error_messages = {
        "invalid": "Enter an amount such as 120.50.",
        "positive": "The amount must be above zero.",
        "absurd": "The amount is too large.",
    }

    def to_internal_value(self, data: Any) -> decimal.Decimal:
        if isinstance(data, bool) or not isinstance(data, str | int | decimal.Decimal):
            self.fail("invalid")
        try:
            amount = decimal.Decimal(data.strip() if isinstance(data, str) else data)
        except decimal.InvalidOperation:
            self.fail("invalid")
        if not amount.is_finite():
            self.fail("invalid")
        if amount <= 0:
            self.fail("positive")
        if amount > MAX_MINOR:
            self.fail("absurd")
        return amount

    def to_representation(self, value: Money) -> str:
        return value.as_string()


def to_money(amount: decimal.Decimal, currency: str, field: str) -> Money:
    """The amount in its currency; a ValidationError at `field` for fractional minor units or an absurd sum."""
    try:
        money = Money.parse(amount, currency)
    except ValueError as error:
        raise serializers.ValidationError({field: [str(error)]}) from error
    if money.minor > MAX_MINOR:
        raise serializers.ValidationError({field: ["The amount is too large."]})
    return money


class MinorAmountField(serializers.IntegerField):
    """A positive amount in minor units, as at Stripe."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"min_value": 1, "max_value": MAX_MINOR} | kwargs))

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool | float | decimal.Decimal):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class PlaceField(serializers.Serializer[Any]):
    """{lat, lng} in degrees, on the globe."""

    lat = serializers.FloatField(min_value=-90, max_value=90)
    lng = serializers.FloatField(min_value=-180, max_value=180)
