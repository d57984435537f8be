"""Payment providers behind one small interface. Never call one while a transaction is open or a row is locked.

Every call that creates or moves something takes `key`: the same key means the same call, and the provider answers it
with the first result. `core.errors.Unavailable` means that the outcome is unknown: ask again, or repeat with the key.
`payments.errors.ProviderRefused` is a definite no. A declined card is neither: it is an Intent that says so.
"""

from functools import cache

from django.conf import settings

from payments.providers.base import (
    PAYMENT_KEY,
    PAYOUT_KEY,
    REFUND_KEY,
    SUBSCRIPTION_KEY,
    BalanceTransaction,
    Card,
    Connected,
    DisputeMove,
    Intent,
    MainProvider,
    Provider,
    ProviderDispute,
    ProviderInvoice,
    ProviderPayout,
    ProviderRefund,
    ProviderSubscription,
    Transfer,
)
from payments.providers.stripe import StripeProvider, read_charge, read_intent, read_refund
from payments.providers.stripe_billing import read_invoice, read_subscription
from payments.providers.stripe_connect import read_payout, read_transfer

__all__ = [
    "PAYMENT_KEY",
    "PAYOUT_KEY",
    "REFUND_KEY",
    "SUBSCRIPTION_KEY",
    "BalanceTransaction",
    "Card",
    "Connected",
    "DisputeMove",
    "Intent",
    "MainProvider",
    "Provider",
    "ProviderDispute",
    "ProviderInvoice",
    "ProviderPayout",
    "ProviderRefund",
    "ProviderSubscription",
    "StripeProvider",
    "Transfer",
    "main",
    "of",
    "read_charge",
    "read_intent",
    "read_invoice",
    "read_payout",
    "read_refund",
    "read_subscription",
    "read_transfer",
]


@cache
def main() -> MainProvider:
    """Stripe: the one that also keeps customers, their cards, subscriptions and the accounts of those who are paid."""
    return StripeProvider(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


def of(name: str) -> Provider:
    """The provider that a payment is made by; `name` is one of payments.rules.ProviderName."""
    return {"stripe": main}[name]()
