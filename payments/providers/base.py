"""What every payment provider does, and the snapshots that it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.money import Money

PAYMENT_KEY = "guildhall_payment"
REFUND_KEY = "guildhall_refund"
APPROVED = "requires_confirmation"  # of an intent that the person agreed to on the provider's own page


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment intent as the provider sees it; amounts in minor units, `currency` upper-case."""

    id: str
    status: str
    amount_minor: int
    currency: str
    received_minor: int = 0
    client_secret: str = ""
    live: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    method_label: str = ""
    receipt_url: str = ""
    failure_code: str = ""
    failure_message: str = ""
    approval_url: str = ""


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund as the provider sees it. `id` is empty if the provider refused to make it."""

    id: str
    status: str
    amount_minor: int
    currency: str
    intent_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    failure_message: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A saved card."""

    id: str
    label: str
    expires: str


class Provider(Protocol):
    """What it takes to be paid by somebody, and to send it back.

    `approved_elsewhere`: the person agrees on the provider's own page, and `confirm_intent` then takes the money. Before
    it nothing is taken, so that an intent ends as soon as we say that we shall not confirm it.
    `knows_customers`: its intents belong to a customer that we made there.
    """

    approved_elsewhere: bool
    knows_customers: bool

    def create_intent(
        self,
        *,
        key: str,
        amount: Money,
        customer_id: str,
        manual_capture: bool,
        description: str,
        metadata: Mapping[str, str],
    ) -> Intent:
        """An intent that is not confirmed: it takes no money yet."""

    def retrieve_intent(self, intent_id: str) -> Intent: ...

    def confirm_intent(self, intent_id: str, *, key: str, payment_method: str) -> Intent: ...

    def capture_intent(self, intent_id: str, *, key: str, amount: Money | None) -> Intent: ...

    def cancel_intent(self, intent_id: str, *, key: str) -> Intent:
        """The intent as it is afterwards: an intent that cannot be cancelled any more is answered as it stands."""

    def create_refund(self, *, key: str, intent_id: str, amount: Money, reference: str) -> ProviderRefund: ...

    def retrieve_refund(self, refund_id: str) -> ProviderRefund: ...

    def find_refund(self, intent_id: str, *, reference: str) -> ProviderRefund | None:
        """A refund made earlier, when its key may be forgotten."""


class MainProvider(Provider, Protocol):
    """The provider that knows people too."""

    def create_customer(self, *, key: str, user_id: int, email: str, name: str) -> str: ...

    def cards(self, customer_id: str) -> list[Card]: ...
