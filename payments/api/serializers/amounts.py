"""Amounts, and what the fee leaves of them."""

from typing import Any

from rest_framework import serializers

from core.fields import CurrencyField, MinorAmountField
from core.money import Money
from payments.rules import Quote

MAX_PARTS = 50


class MoneyInput(serializers.Serializer[Any]):
    amount = MinorAmountField()
    currency = CurrencyField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """{"amount": Money, …}"""
        return attrs | {"amount": Money(attrs["amount"], attrs.pop("currency"))}


class QuoteSerializer(serializers.Serializer[Any]):
    """gross = fee + net."""

    gross = serializers.IntegerField()
    fee = serializers.IntegerField()
    net = serializers.IntegerField()
    fee_bps = serializers.IntegerField()
    currency = serializers.CharField()


class FeeQuoteInput(MoneyInput):
    """`freelancer_id`: who would do the work for you. Without, you would do it; your plan and theirs count."""

    freelancer_id = serializers.IntegerField(required=False, min_value=1)
    parts = serializers.ListField(
        child=MinorAmountField(),
        required=False,
        min_length=1,
        max_length=MAX_PARTS,
        help_text="Milestones that add up to the amount: the fee of each, and together exactly the fee of the whole.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if "parts" in attrs and sum(attrs["parts"]) != attrs["amount"].minor:
            raise serializers.ValidationError({"parts": ["The parts do not add up to the amount."]})
        return attrs


class PartQuoteSerializer(serializers.Serializer[Any]):
    """gross = fee + net."""

    gross = serializers.IntegerField()
    fee = serializers.IntegerField()
    net = serializers.IntegerField()


class FeeQuoteSerializer(QuoteSerializer):
    parts = PartQuoteSerializer(many=True)


def quote_json(figures: Quote, fee_bps: int) -> dict[str, Any]:
    return {
        "gross": figures.gross.minor,
        "fee": figures.fee.minor,
        "net": figures.net.minor,
        "fee_bps": fee_bps,
        "currency": figures.gross.currency.lower(),
    }
