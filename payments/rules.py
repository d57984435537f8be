"""Statuses of money, their moves, and the arithmetic of fees. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import lcm
from typing import NamedTuple

from django.db.models import TextChoices

from core.lifecycle import Badge, Lifecycle, move
from core.money import BPS, EXPONENTS, Money, share


class ProviderName(TextChoices):
    STRIPE = "stripe", "Card"
    PAYPAL = "paypal", "PayPal"


COMPANIES = {ProviderName.STRIPE: "Stripe", ProviderName.PAYPAL: "PayPal"}


# The least that a card can be charged with, and what providers take only in coarser units than the currency has; in
# minor units. Both publish these lists.
SMALLEST = {
    ProviderName.STRIPE: {
        "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 15_00, "DKK": 250, "EUR": 50, "GBP": 30,
        "HUF": 175_00, "INR": 50, "JPY": 50, "MXN": 10_00, "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300,
        "SGD": 50, "THB": 10_00, "USD": 50,
    },
    ProviderName.PAYPAL: {},
}  # fmt: skip
STEPS = {
    ProviderName.STRIPE: dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10),
    ProviderName.PAYPAL: {"HUF": 100},
}
TAKES = {
    ProviderName.STRIPE: frozenset(EXPONENTS),
    ProviderName.PAYPAL: frozenset(
        {
            "AUD", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HUF", "ILS", "JPY", "MXN", "NOK", "NZD", "PHP", "PLN",
            "SEK", "SGD", "THB", "USD",
        }
    ),
}  # fmt: skip


def step(provider: str, currency: str) -> int:
    """In minor units: what is paid by this provider, or sent back by it, is a multiple of it."""
    return STEPS[ProviderName(provider)].get(currency, 1)


def common_step(currency: str) -> int:
    """In minor units: a multiple of it can be paid by every provider, and sent back in such parts."""
    return lcm(*(step(name, currency) for name in ProviderName))


def why_not_payable(provider: str, amount: Money) -> str:
    """Why the provider would not take this amount, as a sentence for the person; empty when it does."""
    name, unit = ProviderName(provider), step(provider, amount.currency)
    smallest = Money(SMALLEST[name].get(amount.currency, unit), amount.currency)
    if amount.currency not in TAKES[name]:
        return f"{name.label} payments are not possible in {amount.currency}. Choose another way to pay."
    if amount < smallest:
        return f"{name.label} payments start at {smallest}."
    if amount.minor % unit:
        return f"{name.label} payments in {amount.currency} need a rounder amount, such as {nearest(name, amount)}."
    return ""


def nearest(provider: str, amount: Money) -> str:
    """The amounts around this one that the provider takes and sends back, in words."""
    unit = step(provider, amount.currency)
    below = amount.minor - amount.minor % unit
    return " or ".join(str(Money(minor, amount.currency)) for minor in (below, below + unit) if minor)


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


AUTHORISATION_DAYS = 7  # for so long a card's bank keeps an authorised amount for us

# Providers let money be held for 90 days. What is left is settled a day before, so that it is never later, even if the
# jobs stand still for a while.
HOLD_WARNING = timedelta(days=75)
HOLD_QUEUE = timedelta(days=85)
HOLD_ENDS = timedelta(days=89)


def hold_ends_at(funded_at: datetime) -> datetime:
    """When what is still held is settled by rule, whatever the clocks of the work say."""
    return funded_at + HOLD_ENDS


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
    BY_BANK = "by_bank", "Paid back by the bank"


class DocumentKind(TextChoices):
    RECEIPT = "receipt", "Receipt"
    INVOICE = "invoice", "Invoice"
    CREDIT_NOTE = "credit_note", "Credit note"


DOCUMENT_PREFIXES = {DocumentKind.RECEIPT: "R", DocumentKind.INVOICE: "I", DocumentKind.CREDIT_NOTE: "C"}


class Audience(TextChoices):
    """Whom a plan is for: the side of the work that it makes better."""

    CLIENT = "client", "Clients"
    FREELANCER = "freelancer", "Freelancers"


class SubscriptionStatus(TextChoices):
    CREATED = "created", "Started"
    INCOMPLETE = "incomplete", "Waiting for the first payment"
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "Payment overdue"
    ENDED = "ended", "Ended"


GIVES_BENEFITS = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)
GRACE = timedelta(days=14)  # after a renewal failed, before the plan ends
REMIND_BEFORE_END = timedelta(days=3)


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


def included_tax(gross: Money, bps: int) -> Money:
    """The part of a price that is tax, when the price includes it: net + tax = gross, and the tax is `bps` of the net."""
    net = (gross.minor * BPS * 2 + BPS + bps) // (2 * (BPS + bps))
    return gross - Money(net, gross.currency)


class Taxed(NamedTuple):
    """A price, or a part of it, that includes tax."""

    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        return self.net + self.tax


def taxed_part(amount: Money, *, whole: Taxed, gone: Taxed) -> Taxed:
    """What of the next `amount` that goes back is tax, when `gone` of `whole` went back before.

    Together the parts have the proportion of the whole, rounded once; the last one takes all that is left of both.
    """
    after = (gone.gross + amount).minor
    wanted = (2 * whole.tax.minor * after + whole.gross.minor) // (2 * whole.gross.minor) - gone.tax.minor
    least = max(0, (amount - (whole.net - gone.net)).minor)
    most = min(amount.minor, (whole.tax - gone.tax).minor)
    tax = Money(min(max(wanted, least), most), amount.currency)
    return Taxed(amount - tax, tax)


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
        RefundStatus.BY_BANK: ("quiet", "bank"),
    },
    move("succeed", [RefundStatus.PENDING], RefundStatus.SUCCEEDED, "provider"),
    move("fail", [RefundStatus.PENDING, RefundStatus.SUCCEEDED], RefundStatus.FAILED, "provider"),
    move("retry", [RefundStatus.FAILED], RefundStatus.PENDING, "staff", "system"),
    move("leave_to_bank", [RefundStatus.FAILED], RefundStatus.BY_BANK, "system"),
)


# --- Paying out ---------------------------------------------------------------------------------

# What about one US dollar is in each currency, as a round figure: limits that are set in dollars need no rate of the day.
ABOUT_A_DOLLAR = {
    "AED": 4, "BRL": 5, "CLP": 1000, "COP": 4000, "CZK": 20, "DKK": 7, "EGP": 50, "GHS": 10, "HUF": 350, "IDR": 15000,
    "ILS": 4, "INR": 80, "JPY": 150, "KES": 130, "KRW": 1400, "MAD": 10, "MXN": 20, "NGN": 1500, "NOK": 10, "PHP": 60,
    "PLN": 4, "RON": 5, "SEK": 10, "THB": 30, "TND": 3, "TRY": 40, "UAH": 40, "VND": 25000, "ZAR": 20,
}  # fmt: skip
APPROVALS_NEEDED = 2


def about(dollars: int, currency: str) -> Money:
    """A limit that is set in dollars, as a round figure of the currency."""
    return Money.parse(dollars * ABOUT_A_DOLLAR.get(currency, 1), currency)


# What the payment provider asks for, in words; a longer name begins with the shorter one.
_ASKED_FOR = {
    "external_account": "Your bank account",
    "tos_acceptance": "Your agreement to the payment provider’s terms",
    "business_type": "Whether you are a person or a company",
    "individual.verification": "A document that shows who you are",
    "individual.dob": "Your date of birth",
    "individual.first_name": "Your name",
    "individual.last_name": "Your name",
    "individual.address": "Your address",
    "individual.id_number": "Your tax or identity number",
    "company": "Details of your company",
}


def asked_for(names: Iterable[str]) -> list[str]:
    """Each thing once, in words; what we have no words for is one line."""
    found = (next((words for start, words in _ASKED_FOR.items() if name.startswith(start)), "") for name in names)
    return list(dict.fromkeys(words or "Something more: the payment provider says what" for words in found))


class PayoutStatus(TextChoices):
    REQUESTED = "requested", "Asked for"
    AWAITING_APPROVAL = "awaiting_approval", "Being looked at"
    SENDING = "sending", "Being sent"
    SENT = "sent", "On its way to the bank"
    PAID = "paid", "Arrived"
    FAILED = "failed", "Came back"
    REJECTED = "rejected", "Not approved"
    CANCELLED = "cancelled", "Cancelled"


RESERVED_PAYOUTS = (PayoutStatus.REQUESTED, PayoutStatus.AWAITING_APPROVAL, PayoutStatus.SENDING, PayoutStatus.SENT)
RETURNED_PAYOUTS = (PayoutStatus.FAILED, PayoutStatus.REJECTED, PayoutStatus.CANCELLED)

PAYOUT_LIFECYCLE = Lifecycle.of(
    "payout",
    PayoutStatus,
    {
        PayoutStatus.REQUESTED: ("info", "hourglass"),
        PayoutStatus.AWAITING_APPROVAL: ("waiting", "eye"),
        PayoutStatus.SENDING: ("info", "send"),
        PayoutStatus.SENT: ("info", "bank"),
        PayoutStatus.PAID: ("success", "check2"),
        PayoutStatus.FAILED: ("danger", "exclamation-triangle"),
        PayoutStatus.REJECTED: ("danger", "x"),
        PayoutStatus.CANCELLED: ("quiet", "x"),
    },
    move("ask_approval", [PayoutStatus.REQUESTED], PayoutStatus.AWAITING_APPROVAL, "system"),
    move("approve", [PayoutStatus.AWAITING_APPROVAL], PayoutStatus.SENDING, "staff"),
    move("reject", [PayoutStatus.AWAITING_APPROVAL], PayoutStatus.REJECTED, "staff"),
    move("cancel", [PayoutStatus.REQUESTED, PayoutStatus.AWAITING_APPROVAL], PayoutStatus.CANCELLED, "payee"),
    move("send", [PayoutStatus.REQUESTED], PayoutStatus.SENDING, "system"),
    move("sent", [PayoutStatus.SENDING], PayoutStatus.SENT, "provider"),
    move("arrive", [PayoutStatus.SENT], PayoutStatus.PAID, "provider"),
    # A bank may send money back days after it seemed to have arrived.
    move("fail", [PayoutStatus.SENDING, PayoutStatus.SENT, PayoutStatus.PAID], PayoutStatus.FAILED, "provider"),
)

# --- Chargebacks --------------------------------------------------------------------------------


class ChargebackStatus(TextChoices):
    """Our side of a provider's dispute about one payment."""

    INQUIRY = "inquiry", "The bank asks"
    NEEDS_RESPONSE = "needs_response", "Needs an answer"
    UNDER_REVIEW = "under_review", "With the bank"
    WON = "won", "Won"
    LOST = "lost", "Lost"
    CLOSED = "closed", "Closed without a chargeback"


LONGEST_EVIDENCE = {ProviderName.PAYPAL: 2000}  # characters, of all that is told together
REVERSAL = "reversal:"  # begins the id of what PayPal took back without a dispute
OPEN_CHARGEBACKS = (ChargebackStatus.INQUIRY, ChargebackStatus.NEEDS_RESPONSE, ChargebackStatus.UNDER_REVIEW)
ANSWERABLE = (ChargebackStatus.INQUIRY, ChargebackStatus.NEEDS_RESPONSE)

CHARGEBACK_LIFECYCLE = Lifecycle.of(
    "chargeback",
    ChargebackStatus,
    {
        ChargebackStatus.INQUIRY: ("waiting", "question-circle"),
        ChargebackStatus.NEEDS_RESPONSE: ("danger", "exclamation-triangle"),
        ChargebackStatus.UNDER_REVIEW: ("info", "hourglass"),
        ChargebackStatus.WON: ("success", "check2"),
        ChargebackStatus.LOST: ("quiet", "x"),
        ChargebackStatus.CLOSED: ("quiet", "check2"),
    },
    move("ask", [ChargebackStatus.UNDER_REVIEW], ChargebackStatus.INQUIRY, "provider"),
    move(
        "dispute",
        [ChargebackStatus.INQUIRY, ChargebackStatus.UNDER_REVIEW],
        ChargebackStatus.NEEDS_RESPONSE,
        "provider",
    ),
    move("review", ANSWERABLE, ChargebackStatus.UNDER_REVIEW, "provider"),
    move("win", OPEN_CHARGEBACKS, ChargebackStatus.WON, "provider"),
    move("lose", OPEN_CHARGEBACKS, ChargebackStatus.LOST, "provider"),
    move("close", OPEN_CHARGEBACKS, ChargebackStatus.CLOSED, "provider"),
    # PayPal took it back by itself, and lets the person dispute the same payment afterwards.
    move("reopen", [ChargebackStatus.LOST], ChargebackStatus.UNDER_REVIEW, "provider"),
)
MOVE_TO = {
    ChargebackStatus.INQUIRY: "ask",
    ChargebackStatus.NEEDS_RESPONSE: "dispute",
    ChargebackStatus.UNDER_REVIEW: "review",
    ChargebackStatus.WON: "win",
    ChargebackStatus.LOST: "lose",
    ChargebackStatus.CLOSED: "close",
}


def evidence_text(told: Mapping[str, str]) -> str:
    """All that staff tell the bank, for a provider that takes it as one text."""
    return "\n\n".join(told.values())


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
OWN_FEE_TRANSACTIONS = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost", "paypal_fee"})
SUBSCRIPTION_LIFECYCLE = Lifecycle.of(
    "subscription",
    SubscriptionStatus,
    {
        SubscriptionStatus.CREATED: ("quiet", "circle"),
        SubscriptionStatus.INCOMPLETE: ("waiting", "clock"),
        SubscriptionStatus.ACTIVE: ("success", "check2"),
        SubscriptionStatus.PAST_DUE: ("danger", "exclamation-triangle"),
        SubscriptionStatus.ENDED: ("quiet", "x"),
    },
    move("await_payment", [SubscriptionStatus.CREATED], SubscriptionStatus.INCOMPLETE, "provider"),
    move(
        "activate",
        [SubscriptionStatus.CREATED, SubscriptionStatus.INCOMPLETE, SubscriptionStatus.PAST_DUE],
        SubscriptionStatus.ACTIVE,
        "provider",
    ),
    move(
        "fall_behind",
        [SubscriptionStatus.CREATED, SubscriptionStatus.INCOMPLETE, SubscriptionStatus.ACTIVE],
        SubscriptionStatus.PAST_DUE,
        "provider",
    ),
    move(
        "end",
        [
            SubscriptionStatus.CREATED,
            SubscriptionStatus.INCOMPLETE,
            SubscriptionStatus.ACTIVE,
            SubscriptionStatus.PAST_DUE,
        ],
        SubscriptionStatus.ENDED,
        "provider",
    ),
)
