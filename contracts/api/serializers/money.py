"""Money asked back, and bonuses."""

from typing import Any

from rest_framework import serializers

from contracts.models import Bonus, RefundRequest
from contracts.rules import RefundRequestStatus
from core.fields import AmountField, CurrencyField
from core.formats import iso
from payments.api.serializers import PaymentIntentSerializer
from payments.rules import HoldStatus, quote


class RefundRequestSerializer(serializers.Serializer[RefundRequest]):
    """The client asks the money of work back that was never handed in."""

    id = serializers.IntegerField()
    milestone_id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=RefundRequestStatus.choices)
    reason = serializers.CharField()
    answer = serializers.CharField()
    answer_by = serializers.DateTimeField(help_text="When silence refunds.")
    created_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, asked: RefundRequest) -> dict[str, Any]:
        return {
            "id": asked.pk,
            "milestone_id": asked.milestone_id,
            "status": asked.status,
            "reason": asked.reason,
            "answer": asked.answer,
            "answer_by": iso(asked.answer_by),
            "created_at": iso(asked.created_at),
            "answered_at": iso(asked.answered_at),
        }


class AnswerInput(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=2000)


class BonusInput(serializers.Serializer[Any]):
    amount = AmountField()
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    payment_method = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class BonusSerializer(serializers.Serializer[Bonus]):
    """Needs `hold` loaded."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    amount = AmountField(help_text="What the client pays in.")
    fee = AmountField(help_text="Guildhall's part of it.")
    net = AmountField(help_text="What the freelancer receives.")
    currency = CurrencyField()
    note = serializers.CharField()
    status = serializers.ChoiceField(choices=HoldStatus.choices, help_text="released: given. pending: not paid in yet.")
    created_at = serializers.DateTimeField()

    def to_representation(self, bonus: Bonus) -> dict[str, Any]:
        figures = quote(bonus.amount, bonus.hold.fee_bps)
        return {
            "id": bonus.pk,
            "contract_id": str(bonus.contract_id),
            "amount": figures.gross.as_string(),
            "fee": figures.fee.as_string(),
            "net": figures.net.as_string(),
            "currency": bonus.hold.currency,
            "note": bonus.note,
            "status": bonus.hold.status,
            "created_at": iso(bonus.created_at),
        }


class BonusPaidSerializer(serializers.Serializer[Any]):
    bonus = BonusSerializer()
    payment_intent = PaymentIntentSerializer()
