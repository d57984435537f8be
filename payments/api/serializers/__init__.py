"""Shapes of money in the API: amounts in minor units with a lower-case currency, as at Stripe."""

from payments.api.serializers.payments import PaymentIntentSerializer, ProviderField, payment_intent_json

__all__ = ["PaymentIntentSerializer", "ProviderField", "payment_intent_json"]
