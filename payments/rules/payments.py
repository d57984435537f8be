"""Held funds, payments and refunds: their statuses and moves."""

from datetime import datetime, timedelta

from django.db.models import TextChoices

from core.lifecycle import Badge, Lifecycle, move

AUTHORISATION_DAYS = 7  # for so long a card's bank keeps an authorised amount for us
# Providers let money be held for 90 days. What is left is settled a day before, so that it is never later, even if the
# jobs stand still for a while.
HOLD_WARNING = timedelta(days=75)
HOLD_QUEUE = timedelta(days=85)
HOLD_ENDS = timedelta(days=89)
APPROVAL_DAYS = range(3, 31)  # silence for so long approves work; the usual number is a setting


def hold_ends_at(funded_at: datetime) -> datetime:
    """When what is still held is settled by rule, whatever the clocks of the work say."""
    return funded_at + HOLD_ENDS


def silence_at(now: datetime, approval_days: int, funded_at: datetime) -> datetime:
    """When work that is handed in `now` counts as approved."""
    return min(now + timedelta(days=approval_days), hold_ends_at(funded_at))


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
