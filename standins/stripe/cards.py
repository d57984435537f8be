"""Stripe's published test cards, by number and by the `pm_card_...` names that stand for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

Authentication = Literal["never", "always", "until_set_up"]


@dataclass(frozen=True)
class Decline:
    code: str
    message: str
    decline_code: str


GENERIC = Decline("card_declined", "Your card was declined.", "generic_decline")
INSUFFICIENT_FUNDS = Decline("card_declined", "Your card has insufficient funds.", "insufficient_funds")
LOST = Decline("card_declined", "Your card was declined.", "lost_card")
STOLEN = Decline("card_declined", "Your card was declined.", "stolen_card")
EXPIRED = Decline("expired_card", "Your card has expired.", "expired_card")
INCORRECT_CVC = Decline("incorrect_cvc", "Your card's security code is incorrect.", "incorrect_cvc")
PROCESSING_ERROR = Decline(
    "processing_error", "An error occurred while processing your card. Try again in a little bit.", "processing_error"
)
NEEDS_AUTHENTICATION = Decline(
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    "authentication_required",
)


@dataclass(frozen=True, kw_only=True)
class TestCard:
    """What a test card does.

    `attaches`: it can be saved for a customer although payments fail.
    `refunds`: how a refund to it ends.
    `available`: what it pays is available at once.
    `disputed`: why its owner disputes each payment; with `inquiry` the bank only asks first.
    """

    __test__ = False

    number: str
    brand: str = "visa"
    funding: str = "credit"
    decline: Decline | None = None
    attaches: bool = False
    authentication: Authentication = "never"
    refunds: Literal["succeeded", "pending", "failed"] = "succeeded"
    available: bool = False
    disputed: Literal["fraudulent", "product_not_received"] | None = None
    inquiry: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        """The same for every payment method made of the card."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


def _cards() -> dict[str, TestCard]:
    named = {
        "visa": TestCard(number="4242424242424242"),
        "visa_debit": TestCard(number="4000056655665556", funding="debit"),
        "mastercard": TestCard(number="5555555555554444", brand="mastercard"),
        "mastercard_debit": TestCard(number="5200828282828210", brand="mastercard", funding="debit"),
        "amex": TestCard(number="378282246310005", brand="amex"),
        "discover": TestCard(number="6011111111111117", brand="discover"),
        "jcb": TestCard(number="3566002020360505", brand="jcb"),
        "chargeDeclined": TestCard(number="4000000000000002", decline=GENERIC),
        "chargeDeclinedInsufficientFunds": TestCard(number="4000000000009995", decline=INSUFFICIENT_FUNDS),
        "chargeDeclinedLostCard": TestCard(number="4000000000009987", decline=LOST),
        "chargeDeclinedStolenCard": TestCard(number="4000000000009979", decline=STOLEN),
        "chargeDeclinedExpiredCard": TestCard(number="4000000000000069", decline=EXPIRED),
        "chargeDeclinedIncorrectCvc": TestCard(number="4000000000000127", decline=INCORRECT_CVC),
        "chargeDeclinedProcessingError": TestCard(number="4000000000000119", decline=PROCESSING_ERROR),
        "chargeCustomerFail": TestCard(number="4000000000000341", decline=GENERIC, attaches=True),
        "authenticationRequired": TestCard(number="4000002760003184", authentication="always"),
        "authenticationRequiredOnSetup": TestCard(number="4000002500003155", authentication="until_set_up"),
        "threeDSecureRequired": TestCard(number="4000000000003063", authentication="always"),
        "threeDSecure2Required": TestCard(number="4000000000003220", authentication="always"),
        "authenticationRequiredChargeDeclinedInsufficientFunds": TestCard(
            number="4000008260003178", authentication="always", decline=INSUFFICIENT_FUNDS
        ),
        "bypassPending": TestCard(number="4000000000000077", available=True),
        "createDispute": TestCard(number="4000000000000259", disputed="fraudulent"),
        "createDisputeProductNotReceived": TestCard(number="4000000000002685", disputed="product_not_received"),
        "createDisputeInquiry": TestCard(number="4000000000001976", disputed="fraudulent", inquiry=True),
        "refundFail": TestCard(number="4000000000005126", refunds="failed"),
        "pendingRefund": TestCard(number="4000000000007726", refunds="pending"),
    }
    declining = {f"visa_{name}": card for name, card in named.items() if name.startswith("charge")}
    return named | declining


BY_NAME = _cards()
BY_NUMBER = {card.number: card for card in BY_NAME.values()}


def by_alias(alias: str) -> TestCard | None:
    """`pm_card_visa` and `tok_visa` name the same card."""
    for prefix in ("pm_card_", "tok_"):
        if alias.startswith(prefix):
            return BY_NAME.get(alias.removeprefix(prefix))
    return None


def passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0
