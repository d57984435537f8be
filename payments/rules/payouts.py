"""Payouts: their statuses and moves, and what the provider asks of who is paid."""

from collections.abc import Iterable

from django.db.models import TextChoices

from core.lifecycle import Lifecycle, move

APPROVALS_NEEDED = 2
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
