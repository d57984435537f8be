"""Statuses of money, their moves, and the arithmetic of fees. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db.models import TextChoices

from core.lifecycle import Badge, Lifecycle, move
from core.money import Money, share


class ProviderName(TextChoices):
    STRIPE = "stripe", "Card"
    PAYPAL = "paypal", "PayPal"


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
    WRITE_OFF = "write_off", "Difference written off"


class Sides(NamedTuple):
    """Which accounts a journal may take from (lines below zero) and give to (above)."""

    takes: frozenset[AccountKind]
    gives: frozenset[AccountKind]


def _sides(takes: Iterable[AccountKind], gives: Iterable[AccountKind]) -> Sides:
    return Sides(frozenset(takes), frozenset(gives))


_AT_PROVIDERS = tuple(CLEARING.values())
SIDES: Mapping[JournalKind, Sides] = {
    JournalKind.FUND: _sides(_AT_PROVIDERS, [AccountKind.HELD]),
    JournalKind.RELEASE: _sides([AccountKind.HELD], [AccountKind.FEES, AccountKind.AVAILABLE]),
    JournalKind.REFUND: _sides([AccountKind.HELD, AccountKind.CREDIT], [AccountKind.REFUNDS]),
    JournalKind.REFUND_SENT: _sides([AccountKind.REFUNDS], _AT_PROVIDERS),
    JournalKind.CREDIT: _sides(_AT_PROVIDERS, [AccountKind.CREDIT]),
    JournalKind.REVERSAL: _sides(
        [*_AT_PROVIDERS, AccountKind.CONNECTED], [AccountKind.REFUNDS, AccountKind.CONNECTED, AccountKind.PAYOUTS]
    ),
    JournalKind.PAYOUT: _sides([AccountKind.AVAILABLE], [AccountKind.PAYOUTS]),
    JournalKind.PAYOUT_SENT: _sides([AccountKind.CONNECTED], _AT_PROVIDERS),
    JournalKind.PAYOUT_PAID: _sides([AccountKind.PAYOUTS], [AccountKind.CONNECTED]),
    JournalKind.PAYOUT_BACK: _sides([AccountKind.PAYOUTS, AccountKind.CONNECTED], [AccountKind.AVAILABLE]),
    JournalKind.SUBSCRIPTION: _sides(
        [*_AT_PROVIDERS, AccountKind.CREDIT], [AccountKind.SUBSCRIPTIONS, AccountKind.TAXES]
    ),
    JournalKind.CHARGEBACK: _sides(
        [AccountKind.HELD, AccountKind.CREDIT, AccountKind.DEBT, AccountKind.LOSSES], _AT_PROVIDERS
    ),
    JournalKind.CHARGEBACK_WON: _sides(_AT_PROVIDERS, [AccountKind.CREDIT, AccountKind.DEBT, AccountKind.LOSSES]),
    JournalKind.DEBT_PAID: _sides([AccountKind.AVAILABLE, AccountKind.CREDIT], [AccountKind.DEBT]),
    JournalKind.PROVIDER_FEE: _sides([AccountKind.COSTS, *_AT_PROVIDERS], [AccountKind.COSTS, *_AT_PROVIDERS]),
    JournalKind.BANKED: _sides([AccountKind.BANK, *_AT_PROVIDERS], [AccountKind.BANK, *_AT_PROVIDERS]),
    JournalKind.WRITE_OFF: _sides([AccountKind.LOSSES, *_AT_PROVIDERS], [AccountKind.LOSSES, *_AT_PROVIDERS]),
}


class HoldStatus(TextChoices):
    PENDING = "pending", "Not funded yet"
    HELD = "held", "Funds held"
    RELEASED = "released", "Released"
    REFUNDED = "refunded", "Refunded"
    CANCELLED = "cancelled", "Cancelled"


class PaymentStatus(TextChoices):
    """Our side of a provider's payment intent."""

    CREATED = "created", "Started"
    REQUIRES_ACTION = "requires_action", "Waiting for your bank"
    PROCESSING = "processing", "Being processed"
    AUTHORISED = "authorised", "Authorised"
    SUCCEEDED = "succeeded", "Paid"
    FAILED = "failed", "Declined"
    CANCELLED = "cancelled", "Cancelled"


class RefundStatus(TextChoices):
    PENDING = "pending", "On its way"
    SUCCEEDED = "succeeded", "Refunded"
    FAILED = "failed", "Needs attention"


class Quote(NamedTuple):
    """What a release comes to, always shown in this order: gross = fee + net, to the minor unit."""

    gross: Money
    fee: Money
    net: Money


def quote(amount: Money, fee_bps: int, *, after: Money | None = None) -> Quote:
    """The fee and net of releasing `amount`, when `after` (gross) of the same hold was released before.

    The fees of parts add up to the fee of the whole, however it was cut.
    """
    before = after or Money(0, amount.currency)
    fee = share(before + amount, fee_bps) - share(before, fee_bps)
    return Quote(amount, fee, amount - fee)


OPEN_PAYMENTS = frozenset(
    {
        PaymentStatus.CREATED,
        PaymentStatus.REQUIRES_ACTION,
        PaymentStatus.PROCESSING,
        PaymentStatus.AUTHORISED,
        PaymentStatus.FAILED,
    }
)

HOLD_LIFECYCLE = Lifecycle.of(
    "hold",
    HoldStatus,
    {
        HoldStatus.PENDING: ("quiet", "circle"),
        HoldStatus.HELD: ("info", "lock"),
        HoldStatus.RELEASED: ("success", "check2"),
        HoldStatus.REFUNDED: ("quiet", "arrow-counterclockwise"),
        HoldStatus.CANCELLED: ("quiet", "x"),
    },
    move("fund", [HoldStatus.PENDING], HoldStatus.HELD, "system"),
    move("release_part", [HoldStatus.HELD], HoldStatus.HELD, "system"),
    move("refund_part", [HoldStatus.HELD], HoldStatus.HELD, "system"),
    move("freeze", [HoldStatus.HELD], HoldStatus.HELD, "system"),
    move("unfreeze", [HoldStatus.HELD], HoldStatus.HELD, "system"),
    move("release", [HoldStatus.HELD], HoldStatus.RELEASED, "system"),
    move("refund", [HoldStatus.HELD], HoldStatus.REFUNDED, "system"),
    move("cancel", [HoldStatus.PENDING], HoldStatus.CANCELLED, "system"),
)
PAYMENT_LIFECYCLE = Lifecycle.of(
    "payment",
    PaymentStatus,
    {
        PaymentStatus.CREATED: ("quiet", "circle"),
        PaymentStatus.REQUIRES_ACTION: ("waiting", "shield-check"),
        PaymentStatus.PROCESSING: ("info", "hourglass"),
        PaymentStatus.AUTHORISED: ("info", "lock"),
        PaymentStatus.SUCCEEDED: ("success", "check2"),
        PaymentStatus.FAILED: ("danger", "exclamation-triangle"),
        PaymentStatus.CANCELLED: ("quiet", "x"),
    },
    move(
        "require_action",
        [PaymentStatus.CREATED, PaymentStatus.FAILED, PaymentStatus.PROCESSING],
        PaymentStatus.REQUIRES_ACTION,
        "provider",
    ),
    move(
        "process",
        [PaymentStatus.CREATED, PaymentStatus.REQUIRES_ACTION, PaymentStatus.FAILED],
        PaymentStatus.PROCESSING,
        "provider",
    ),
    move(
        "authorise",
        [PaymentStatus.CREATED, PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING, PaymentStatus.FAILED],
        PaymentStatus.AUTHORISED,
        "provider",
    ),
    move("succeed", OPEN_PAYMENTS, PaymentStatus.SUCCEEDED, "provider"),
    move(
        "fail",
        [PaymentStatus.CREATED, PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING],
        PaymentStatus.FAILED,
        "provider",
    ),
    move("cancel", OPEN_PAYMENTS, PaymentStatus.CANCELLED, "provider"),
)
# Of an open payment whose confirmation was not answered.
UNHEARD = Badge("Waiting for the provider", "info", "hourglass-split")
REFUND_LIFECYCLE = Lifecycle.of(
    "refund",
    RefundStatus,
    {
        RefundStatus.PENDING: ("info", "hourglass"),
        RefundStatus.SUCCEEDED: ("success", "check2"),
        RefundStatus.FAILED: ("danger", "exclamation-triangle"),
    },
    move("succeed", [RefundStatus.PENDING], RefundStatus.SUCCEEDED, "provider"),
    move("fail", [RefundStatus.PENDING, RefundStatus.SUCCEEDED], RefundStatus.FAILED, "provider"),
    move("retry", [RefundStatus.FAILED], RefundStatus.PENDING, "staff"),
)


# --- What the provider says against the books ---------------------------------------------------


class ExceptionKind(TextChoices):
    """What staff must know of and can do something about."""

    NOT_IN_BOOKS = "not_in_books", "Moved at the provider, not in the books"
    NOT_AT_PROVIDER = "not_at_provider", "In the books, not at the provider"
    OTHER_AMOUNT = "other_amount", "Another amount at the provider"
    EVENT_STUCK = "event_stuck", "News of the provider that cannot be processed"
    PAYMENT_STUCK = "payment_stuck", "Payment without an outcome"
    REFUND_STUCK = "refund_stuck", "Refund that was not sent"


MONEY_EXCEPTIONS = (ExceptionKind.NOT_IN_BOOKS, ExceptionKind.NOT_AT_PROVIDER, ExceptionKind.OTHER_AMOUNT)


class Resolution(TextChoices):
    MATCHED = "matched", "Came right by itself"
    WRITTEN_OFF = "written_off", "Written off"
    NOTED = "noted", "Dealt with elsewhere"


# How the provider names what it moves for itself.
OWN_BANK_TRANSACTIONS = frozenset({"payout", "payout_cancel", "payout_failure", "topup", "topup_reversal"})
OWN_FEE_TRANSACTIONS = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost"})
