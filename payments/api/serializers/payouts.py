"""Payouts, and the account that they go to."""

from typing import Any

from rest_framework import serializers

from core.formats import iso
from core.regions import country_codes
from payments.models import ConnectAccount, Payout
from payments.rules import PAYOUT_LIFECYCLE, PayoutStatus


class PayoutAccountInput(serializers.Serializer[Any]):
    country = serializers.CharField(max_length=2, help_text="Of the bank account, as two letters.")

    def validate_country(self, value: str) -> str:
        if value.upper() not in country_codes():
            raise serializers.ValidationError("This is not a country.")
        return value.upper()


class PayoutAccountSerializer(serializers.Serializer[Any]):
    """Where the person is paid. `missing` names what the payment provider still asks for."""

    country = serializers.CharField()
    ready = serializers.BooleanField()
    details_submitted = serializers.BooleanField()
    missing = serializers.ListField(child=serializers.CharField())
    currencies = serializers.ListField(child=serializers.CharField())
    bank = serializers.CharField()

    def to_representation(self, account: ConnectAccount) -> dict[str, Any]:
        return {
            "country": account.country,
            "ready": account.payouts_enabled,
            "details_submitted": account.details_submitted,
            "missing": account.missing,
            "currencies": [currency.lower() for currency in account.currencies],
            "bank": account.bank_label,
        }


class PayoutAccountLinkSerializer(serializers.Serializer[Any]):
    """Open it in a browser within minutes; it works once."""

    url = serializers.CharField()


class PayoutSerializer(serializers.Serializer[Any]):
    """A payout. There is no fee: `net` is the whole `amount`."""

    id = serializers.IntegerField()
    amount = serializers.IntegerField()
    fee = serializers.IntegerField()
    net = serializers.IntegerField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(PayoutStatus.choices)
    bank = serializers.CharField()
    can_cancel = serializers.BooleanField()
    arrives_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField(help_text="Why it came back or was not approved.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, payout: Payout) -> dict[str, Any]:
        return {
            "id": payout.pk,
            "amount": payout.amount_minor,
            "fee": 0,
            "net": payout.amount_minor,
            "currency": payout.currency.lower(),
            "status": payout.status,
            "bank": payout.bank_label,
            "can_cancel": "cancel" in PAYOUT_LIFECYCLE.available(payout.status, "payee"),
            "arrives_at": iso(payout.arrives_at),
            "problem": payout.failure_message,
            "created_at": iso(payout.created_at),
            "updated_at": iso(payout.updated_at),
        }
