"""Payment providers behind one small interface. Never call one while a transaction is open or a row is locked.

Every call that creates or moves something takes `key`: the same key means the same call, and the provider answers it
with the first result. `core.errors.Unavailable` means that the outcome is unknown: ask again, or repeat with the key.
`payments.errors.ProviderRefused` is a definite no. A declined card is neither: it is an Intent that says so.
"""

from functools import cache

from django.conf import settings
from django.urls import reverse

from core.money import Money
from payments.providers.base import (
    APPROVED,
    KEYS_ARE_REMEMBERED,
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
from payments.providers.paypal import Pages, PayPalProvider
from payments.providers.paypal_reading import read_paypal_refund
from payments.providers.stripe import StripeProvider, read_charge, read_intent, read_refund
from payments.providers.stripe_billing import read_invoice, read_subscription
from payments.providers.stripe_connect import read_payout, read_transfer
from payments.rules import ProviderName, why_not_payable

__all__ = [
    "APPROVED",
    "KEYS_ARE_REMEMBERED",
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
    "PayPalProvider",
    "Provider",
    "ProviderDispute",
    "ProviderInvoice",
    "ProviderPayout",
    "ProviderRefund",
    "ProviderSubscription",
    "StripeProvider",
    "Transfer",
    "is_live",
    "main",
    "of",
    "offered",
    "paypal_provider",
    "read_charge",
    "read_intent",
    "read_invoice",
    "read_payout",
    "read_paypal_refund",
    "read_refund",
    "read_subscription",
    "read_transfer",
    "why_not",
]


@cache
def main() -> MainProvider:
    """Stripe: the one that also keeps customers, their cards, subscriptions and the accounts of those who are paid."""
    return StripeProvider(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@cache
def paypal_provider() -> PayPalProvider:
    return PayPalProvider(
        client_id=settings.PAYPAL_CLIENT_ID,
        secret=settings.PAYPAL_SECRET,
        webhook_id=settings.PAYPAL_WEBHOOK_ID,
        api_base=settings.PAYPAL_API_BASE,
        live=settings.PAYPAL_LIVE_MODE,
        pages=_pages,
    )


def of(name: str) -> Provider:
    """The provider that a payment is made by; `name` is one of payments.rules.ProviderName."""
    return main() if name == ProviderName.STRIPE else paypal_provider()


def offered() -> list[ProviderName]:
    """What people can choose from: PayPal only where it is set up."""
    return [ProviderName.STRIPE, *([ProviderName.PAYPAL] if settings.PAYPAL_CLIENT_ID else [])]


def why_not(name: str, amount: Money) -> str:
    """Why the amount cannot be paid this way, as a sentence for the person; empty when it can."""
    if name not in offered():
        return "PayPal is not offered here. Pay by card instead."
    return why_not_payable(name, amount)


def is_live(name: str) -> bool:
    """Whether the provider moves real money."""
    return bool(settings.STRIPE_LIVE_MODE if name == ProviderName.STRIPE else settings.PAYPAL_LIVE_MODE)


def _pages(token: str) -> Pages:
    return Pages(
        approved=settings.SITE_URL + reverse("payment-approved", args=[token]),
        cancelled=settings.SITE_URL + reverse("payment-left", args=[token]),
    )
