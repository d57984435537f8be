"""Chargebacks: their statuses and moves."""

from collections.abc import Mapping

from django.db.models import TextChoices

from core.lifecycle import Lifecycle, move
from payments.rules.amounts import ProviderName


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
