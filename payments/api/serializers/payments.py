"""Payments, as we show them and as Stripe shows its intents, and refunds of them."""

from typing import Any

from rest_framework import serializers

from core.fields import CurrencyField, MinorAmountField
from core.formats import iso
from payments.api.serializers.amounts import MoneyInput
from payments.models import Payment, PaymentCustomer, Refund
from payments.rules import PaymentStatus, ProviderName

INTENT_STATUS = {
    PaymentStatus.CREATED: "requires_payment_method",
    PaymentStatus.FAILED: "requires_payment_method",
    PaymentStatus.REQUIRES_ACTION: "requires_action",
    PaymentStatus.PROCESSING: "processing",
    PaymentStatus.AUTHORISED: "requires_capture",
    PaymentStatus.SUCCEEDED: "succeeded",
    PaymentStatus.CANCELLED: "canceled",
}
MAX_METADATA = 20


class MetadataField(serializers.DictField):
    """Up to 20 short texts of the caller's own, kept with the payment and sent to the provider."""

    child = serializers.CharField(max_length=500, allow_blank=True)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        metadata: dict[str, str] = super().to_internal_value(data)
        if len(metadata) > MAX_METADATA:
            raise serializers.ValidationError(f"At most {MAX_METADATA} entries.")
        if any(len(name) > 40 or name.startswith("guildhall") for name in metadata):
            raise serializers.ValidationError('Names have at most 40 characters and do not begin with "guildhall".')
        if any("\0" in name for name in metadata):
            raise serializers.ValidationError("Null characters are not allowed.")
        return metadata


class ProviderField(serializers.ChoiceField):
    """How it is paid: by card, or at PayPal, where the answer's `approval_url` leads."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=ProviderName.choices, default=ProviderName.STRIPE, **kwargs)


class PaymentIntentInput(MoneyInput):
    capture_method = serializers.ChoiceField(Payment.Capture.choices, default=Payment.Capture.AUTOMATIC)
    customer_id = serializers.CharField(max_length=80, required=False)
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    metadata = MetadataField(required=False)


class PaymentInput(PaymentIntentInput):
    """Credit of `amount` and `currency`, or instead of them the `hold_id` of held funds (a transaction) to pay in."""

    hold_id = serializers.IntegerField(min_value=1, required=False)
    amount = MinorAmountField(required=False)
    currency = CurrencyField(required=False)
    payment_method = serializers.CharField(max_length=80, required=False, allow_blank=True)
    provider = ProviderField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """{"hold_id", "payment_method"?, "provider"}, or what creates a payment of credit."""
        if attrs["provider"] != ProviderName.STRIPE and attrs.get("payment_method"):
            raise serializers.ValidationError({"payment_method": ["Only cards have one."]})
        if "hold_id" in attrs:
            if {"amount", "currency"} & attrs.keys():
                raise serializers.ValidationError({"hold_id": ["The held funds have an amount of their own."]})
            return {name: attrs[name] for name in ("hold_id", "payment_method", "provider") if name in attrs}
        if missing := [name for name in ("amount", "currency") if name not in attrs]:
            raise serializers.ValidationError({name: ["This field is required."] for name in missing})
        return super().validate(attrs)


class ConfirmInput(serializers.Serializer[Any]):
    payment_method = serializers.CharField(max_length=80, required=False, allow_blank=True)


class CaptureInput(serializers.Serializer[Any]):
    amount_to_capture = MinorAmountField(required=False)


class RefundInput(serializers.Serializer[Any]):
    payment_intent = serializers.CharField(max_length=80)
    amount = MinorAmountField(required=False)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """Why the last attempt did not succeed."""

    code = serializers.CharField()
    message = serializers.CharField()


class CustomerSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    email = serializers.EmailField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()

    def to_representation(self, customer: PaymentCustomer) -> dict[str, Any]:
        return {
            "id": customer.customer_id,
            "email": customer.user.email,
            "name": customer.user.get_full_name(),
            "created_at": iso(customer.created_at),
        }


class PaymentMethodSerializer(serializers.Serializer[Any]):
    """A card that you kept. `id` is a `payment_method` wherever one is asked for."""

    id = serializers.CharField()
    label = serializers.CharField(help_text="Such as “Visa ending 4242”.")
    expires = serializers.CharField(help_text="Month and year: 04/31.")


class PaymentIntentSerializer(serializers.Serializer[Any]):
    """A payment as Stripe shows its intent. `id` is null until the provider has answered for the first time."""

    id = serializers.CharField(allow_null=True)
    amount = serializers.IntegerField()
    amount_received = serializers.IntegerField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(sorted(set(INTENT_STATUS.values())))
    client_secret = serializers.CharField()
    provider = serializers.ChoiceField(ProviderName.choices)
    approval_url = serializers.CharField(help_text="Where the payer agrees, at PayPal; else empty.")
    capture_method = serializers.ChoiceField(Payment.Capture.choices)
    description = serializers.CharField()
    metadata = serializers.DictField(child=serializers.CharField())
    last_payment_error = ProblemSerializer(allow_null=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, payment: Payment) -> dict[str, Any]:
        return {
            "id": payment.intent_id,
            "amount": payment.amount_minor,
            "amount_received": payment.received_minor,
            "currency": payment.currency.lower(),
            "status": INTENT_STATUS[PaymentStatus(payment.status)],
            "client_secret": payment.client_secret,
            "provider": payment.provider,
            "approval_url": payment.approval_url if payment.is_open else "",
            "capture_method": payment.capture_method,
            "description": payment.description,
            "metadata": payment.metadata,
            "last_payment_error": _problem(payment),
            "created_at": iso(payment.created_at),
        }


class RefundSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    payment_intent = serializers.CharField()
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    status = serializers.CharField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()

    def to_representation(self, refund: Refund) -> dict[str, Any]:
        return {
            "id": refund.refund_id,
            "payment_intent": refund.payment.intent_id,
            "amount": refund.amount_minor,
            "currency": refund.currency.lower(),
            "status": refund.status,
            "reason": refund.reason,
            "created_at": iso(refund.created_at),
        }


class PaymentSerializer(serializers.Serializer[Any]):
    """A payment in our own terms. `transaction` is the held funds that it paid, null for credit."""

    id = serializers.IntegerField()
    amount = serializers.IntegerField()
    amount_received = serializers.IntegerField()
    amount_refunded = serializers.IntegerField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(PaymentStatus.choices)
    payment_intent = serializers.CharField(allow_null=True)
    client_secret = serializers.CharField()
    provider = serializers.ChoiceField(ProviderName.choices)
    approval_url = serializers.CharField(help_text="Where the payer agrees, at PayPal; else empty.")
    capture_method = serializers.ChoiceField(Payment.Capture.choices)
    description = serializers.CharField()
    metadata = serializers.DictField(child=serializers.CharField())
    method = serializers.CharField()
    receipt_url = serializers.CharField()
    transaction = serializers.IntegerField(allow_null=True)
    problem = ProblemSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, payment: Payment) -> dict[str, Any]:
        return {
            "id": payment.pk,
            "amount": payment.amount_minor,
            "amount_received": payment.received_minor,
            "amount_refunded": payment.refunded_minor,
            "currency": payment.currency.lower(),
            "status": payment.status,
            "payment_intent": payment.intent_id,
            "client_secret": payment.client_secret,
            "provider": payment.provider,
            "approval_url": payment.approval_url if payment.is_open else "",
            "capture_method": payment.capture_method,
            "description": payment.description,
            "metadata": payment.metadata,
            "method": payment.method_label,
            "receipt_url": payment.receipt_url,
            "transaction": payment.hold_id,
            "problem": _problem(payment),
            "created_at": iso(payment.created_at),
            "updated_at": iso(payment.updated_at),
        }


class PaymentConfigSerializer(serializers.Serializer[Any]):
    """What a client needs to take a card: the provider's public key and script."""

    publishable_key = serializers.CharField()
    js_url = serializers.CharField()
    currencies = serializers.DictField(child=serializers.IntegerField(), help_text="Code → number of decimals.")
    providers = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="How people can pay → in which currencies.",
    )
    fee_bps = serializers.IntegerField(help_text="The platform's fee on new work; 1000 is 10 %.")


class DebtInput(serializers.Serializer[Any]):
    currency = CurrencyField()
    payment_method = serializers.CharField(max_length=80, required=False, allow_blank=True)


def payment_intent_json(payment: Payment) -> dict[str, Any]:
    """For answers that carry a payment intent, such as funding a milestone."""
    return PaymentIntentSerializer().to_representation(payment)


def _problem(payment: Payment) -> dict[str, str] | None:
    if not payment.failure_code and not payment.failure_message:
        return None
    return {"code": payment.failure_code, "message": payment.failure_message}
