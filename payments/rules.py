"""Statuses of money, their moves, and the arithmetic of fees. Pure."""

from typing import NamedTuple

from django.db.models import TextChoices

from core.lifecycle import Lifecycle, move
from core.money import Money, share


class AccountKind(TextChoices):
    """Ledger accounts. Positive means: Guildhall owes it to the owner. Only `provider` may be negative (money we have)."""

    PROVIDER = "provider", "Money at the payment provider"
    FEES = "fees", "Platform fees"
    HELD = "held", "Held for one milestone or gig"
    REFUNDS = "refunds", "Refunds on their way"
    AVAILABLE = "available", "Available to pay out"
    PAYOUTS = "payouts", "Payouts on their way"
    CREDIT = "credit", "Paid in, not yet assigned"


class JournalKind(TextChoices):
    FUND = "fund", "Funds held"
    RELEASE = "release", "Funds released"
    REFUND = "refund", "Refund set aside"
    REFUND_SENT = "refund_sent", "Refund sent"
    CREDIT = "credit", "Paid in"
    REVERSAL = "reversal", "Correction"


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
