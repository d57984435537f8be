"""Accounts of the ledger, kinds of journals, and which accounts each kind may move."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db.models import TextChoices

from payments.rules.amounts import ProviderName


class AccountKind(TextChoices):
    """Ledger accounts. Positive means: Guildhall owes it to the owner, or earned it.

    Negative is what Guildhall has (at a provider, at people's connected accounts) or what others cost or owe it.
    """

    PROVIDER = "provider", "Money at Stripe"
    PAYPAL = "paypal", "Money at PayPal"
    CONNECTED = "connected", "Money at connected accounts, on its way to banks"
    FEES = "fees", "Platform fees"
    SUBSCRIPTIONS = "subscriptions", "Subscriptions"
    TAXES = "taxes", "Taxes to hand on"
    COSTS = "costs", "What providers charged"
    BANK = "bank", "Moved to our own bank"
    LOSSES = "losses", "Charged back and not covered"
    HELD = "held", "Held for one piece of work"
    REFUNDS = "refunds", "Refunds on their way"
    AVAILABLE = "available", "Available to pay out"
    PAYOUTS = "payouts", "Payouts on their way"
    CREDIT = "credit", "Paid in, not yet assigned"
    DEBT = "debt", "Owed to Guildhall after a chargeback"


PERSONAL_ACCOUNTS = (AccountKind.AVAILABLE, AccountKind.PAYOUTS, AccountKind.CREDIT, AccountKind.DEBT)
MAY_BE_NEGATIVE = (
    AccountKind.PROVIDER,
    AccountKind.PAYPAL,
    AccountKind.CONNECTED,
    AccountKind.BANK,
    AccountKind.COSTS,
    AccountKind.LOSSES,
    AccountKind.DEBT,
)
CLEARING = {ProviderName.STRIPE: AccountKind.PROVIDER, ProviderName.PAYPAL: AccountKind.PAYPAL}

# In this order everybody locks them, of one kind by id: first what decides about amounts, last what everybody shares.
# A transaction that moves money more than once goes on in it, too.
LOCKING_ORDER = (
    AccountKind.CREDIT,
    AccountKind.DEBT,
    AccountKind.HELD,
    *CLEARING.values(),
    AccountKind.AVAILABLE,
    AccountKind.PAYOUTS,
    AccountKind.CONNECTED,
    AccountKind.FEES,
    AccountKind.SUBSCRIPTIONS,
    AccountKind.TAXES,
    AccountKind.REFUNDS,
    AccountKind.LOSSES,
    AccountKind.BANK,
    AccountKind.COSTS,
)


class JournalKind(TextChoices):
    FUND = "fund", "Funds held"
    RELEASE = "release", "Funds released"
    REFUND = "refund", "Refund set aside"
    REFUND_SENT = "refund_sent", "Refund sent"
    CREDIT = "credit", "Paid in"
    REVERSAL = "reversal", "Correction"
    PAYOUT = "payout", "Payout asked for"
    PAYOUT_SENT = "payout_sent", "Payout sent to the connected account"
    PAYOUT_PAID = "payout_paid", "Payout arrived"
    PAYOUT_BACK = "payout_back", "Payout came back"
    SUBSCRIPTION = "subscription", "Subscription paid"
    CHARGEBACK = "chargeback", "Charged back by the bank"
    CHARGEBACK_WON = "chargeback_won", "Chargeback won"
    DEBT_PAID = "debt_paid", "Debt settled"
    PROVIDER_FEE = "provider_fee", "Charged by the provider"
    BANKED = "banked", "Moved between the provider and our bank"
    WRITE_OFF = "write_off", "Written off"


class Sides(NamedTuple):
    """Which accounts a journal may take from (lines below zero) and give to (above)."""

    takes: frozenset[AccountKind]
    gives: frozenset[AccountKind]


def _sides(takes: Iterable[AccountKind], gives: Iterable[AccountKind]) -> Sides:
    return Sides(frozenset(takes), frozenset(gives))


_AT_PROVIDERS = tuple(CLEARING.values())
_OF_PLANS = (AccountKind.SUBSCRIPTIONS, AccountKind.TAXES)
SIDES: Mapping[JournalKind, Sides] = {
    JournalKind.FUND: _sides(_AT_PROVIDERS, [AccountKind.HELD]),
    JournalKind.RELEASE: _sides([AccountKind.HELD], [AccountKind.FEES, AccountKind.AVAILABLE]),
    # To the payer's purse when their bank took the payment back already.
    JournalKind.REFUND: _sides(
        [AccountKind.HELD, AccountKind.CREDIT, AccountKind.REFUNDS, *_OF_PLANS],
        [AccountKind.REFUNDS, AccountKind.CREDIT, AccountKind.DEBT],
    ),
    JournalKind.REFUND_SENT: _sides([AccountKind.REFUNDS], _AT_PROVIDERS),
    JournalKind.CREDIT: _sides(_AT_PROVIDERS, [AccountKind.CREDIT]),
    JournalKind.REVERSAL: _sides(
        [*_AT_PROVIDERS, AccountKind.CONNECTED], [AccountKind.REFUNDS, AccountKind.CONNECTED, AccountKind.PAYOUTS]
    ),
    JournalKind.PAYOUT: _sides([AccountKind.AVAILABLE], [AccountKind.PAYOUTS]),
    JournalKind.PAYOUT_SENT: _sides([AccountKind.CONNECTED], _AT_PROVIDERS),
    JournalKind.PAYOUT_PAID: _sides([AccountKind.PAYOUTS], [AccountKind.CONNECTED]),
    JournalKind.PAYOUT_BACK: _sides([AccountKind.PAYOUTS, AccountKind.CONNECTED], [AccountKind.AVAILABLE]),
    JournalKind.SUBSCRIPTION: _sides([*_AT_PROVIDERS, AccountKind.CREDIT], _OF_PLANS),
    JournalKind.CHARGEBACK: _sides(
        [AccountKind.HELD, AccountKind.CREDIT, AccountKind.DEBT, AccountKind.LOSSES, *_OF_PLANS], _AT_PROVIDERS
    ),
    JournalKind.CHARGEBACK_WON: _sides(
        _AT_PROVIDERS, [AccountKind.CREDIT, AccountKind.DEBT, AccountKind.LOSSES, *_OF_PLANS]
    ),
    JournalKind.DEBT_PAID: _sides([AccountKind.AVAILABLE, AccountKind.CREDIT], [AccountKind.DEBT]),
    JournalKind.PROVIDER_FEE: _sides([AccountKind.COSTS, *_AT_PROVIDERS], [AccountKind.COSTS, *_AT_PROVIDERS]),
    JournalKind.BANKED: _sides([AccountKind.BANK, *_AT_PROVIDERS], [AccountKind.BANK, *_AT_PROVIDERS]),
    JournalKind.WRITE_OFF: _sides(
        [AccountKind.LOSSES, *_AT_PROVIDERS], [AccountKind.LOSSES, AccountKind.DEBT, *_AT_PROVIDERS]
    ),
}
