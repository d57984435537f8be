"""Payment providers behind one small interface. Never call one while a transaction is open or a row is locked.

Every call that creates or moves something takes `key`: the same key means the same call, and the provider answers it
with the first result. `core.errors.Unavailable` means that the outcome is unknown: ask again, or repeat with the key.
`payments.errors.ProviderRefused` is a definite no. A declined card is neither: it is an Intent that says so.
"""

from functools import cache

from django.conf import settings

from payments.providers.base import (
    PAYMENT_KEY,
    REFUND_KEY,
    SUBSCRIPTION_KEY,
    Card,
    Intent,
    MainProvider,
    Provider,
    ProviderInvoice,
    ProviderRefund,
    ProviderSubscription,
)
from payments.providers.stripe import StripeProvider, read_charge, read_intent, read_refund
from payments.providers.stripe_billing import read_invoice, read_subscription

__all__ = [
    "PAYMENT_KEY",
    "REFUND_KEY",
    "SUBSCRIPTION_KEY",
    "Card",
    "Intent",
    "MainProvider",
    "Provider",
    "ProviderInvoice",
    "ProviderRefund",
    "ProviderSubscription",
    "StripeProvider",
    "main",
    "of",
    "read_charge",
    "read_intent",
    "read_invoice",
    "read_refund",
    "read_subscription",
]


@cache
def main() -> MainProvider:
    """Stripe: the one that also keeps customers, their cards, subscriptions and the accounts of those who are paid."""
    return StripeProvider(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


def of(name: str) -> Provider:
    """The provider that a payment is made by; `name` is one of payments.rules.ProviderName."""
    return {"stripe": main}[name]()
