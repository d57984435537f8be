"""What every payment provider does, and the snapshots that it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from core.money import Money

# For so long the same key is the same call at every provider: Stripe forgets them after a day, PayPal after 45 days.
KEYS_ARE_REMEMBERED = timedelta(hours=20)
PAYMENT_KEY = "guildhall_payment"
REFUND_KEY = "guildhall_refund"
PAYOUT_KEY = "guildhall_payout"
SUBSCRIPTION_KEY = "guildhall_subscription"
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


@dataclass(frozen=True, slots=True)
class Connected:
    """Somebody's account at the provider, from which their bank is paid. `missing` names what it still asks for."""

    id: str
    details_submitted: bool = False
    payouts_enabled: bool = False
    missing: tuple[str, ...] = ()
    disabled_reason: str = ""
    currencies: tuple[str, ...] = ()
    bank_label: str = ""
    bank_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money moved from us to somebody's account, and how much of it was taken back."""

    id: str
    account_id: str
    amount_minor: int
    currency: str
    reversed_minor: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProviderPayout:
    """Money on its way from somebody's account to their bank: pending, in_transit, paid, failed or canceled."""

    id: str
    status: str
    amount_minor: int
    currency: str
    arrives_at: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    failure_code: str = ""
    failure_message: str = ""


@dataclass(frozen=True, slots=True)
class DisputeMove:
    """What a dispute did to our balance: negative took, positive gave back. `fee_minor` is beside it."""

    id: str
    amount_minor: int
    fee_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """A payer's bank disputes a payment. Its moves say whether money was taken, and given back."""

    id: str
    status: str
    amount_minor: int
    currency: str
    intent_id: str = ""
    reason: str = ""
    answer_by: datetime | None = None
    answered: bool = False
    moves: tuple[DisputeMove, ...] = ()


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """A movement of our balance as the provider booked it, in minor units: `net_minor` is the amount less the fee.

    `type` is one of Stripe's words. `source_id` is what moved it, `parent_id` the payment intent (of a reversal, the
    transfer; at PayPal, our mark on the order) behind that, both empty where there is none.
    """

    id: str
    type: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    created_at: datetime
    source_id: str = ""
    parent_id: str = ""


@dataclass(frozen=True, slots=True)
class ProviderInvoice:
    """An invoice of a subscription as the provider sees it; amounts in minor units, `currency` upper-case.

    `intent_id` and `client_secret` are of its payment, while there is something to pay and the provider was asked for it.
    `paid_by` is the intent that paid it, if the provider was asked for it. `metadata` is the subscription's.
    """

    id: str
    status: str
    currency: str
    due_minor: int
    paid_minor: int = 0
    subscription_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    period_start: datetime | None = None
    period_end: datetime | None = None
    intent_id: str = ""
    client_secret: str = ""
    paid_by: str = ""
    live: bool = False


@dataclass(frozen=True, slots=True)
class ProviderSubscription:
    """A subscription as the provider sees it, with its latest invoice if the provider was asked for it."""

    id: str
    status: str
    customer_id: str
    current_period_end: datetime | None = None
    cancel_at_period_end: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    invoice: ProviderInvoice | None = None
    live: bool = False


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

    def balance_transactions(self, since: datetime | None) -> list[BalanceTransaction]:
        """All movements of our balance from `since` on, the oldest first."""

    def retrieve_dispute(self, dispute_id: str) -> ProviderDispute: ...

    def send_evidence(self, dispute_id: str, *, key: str, evidence: Mapping[str, str]) -> ProviderDispute:
        """Answer the bank, once and for all. A dispute that is decided already is answered as it stands."""

    def accept_dispute(self, dispute_id: str, *, key: str) -> ProviderDispute:
        """Let the bank's decision stand without an answer. A dispute that is decided already is answered as it stands."""


class MainProvider(Provider, Protocol):
    """The provider that knows people too."""

    def create_customer(self, *, key: str, user_id: int, email: str, name: str) -> str: ...

    def cards(self, customer_id: str) -> list[Card]: ...

    def forget_card(self, card_id: str) -> None:
        """Nothing is paid by it any more. A card that is not saved is a ProviderRefused."""

    def create_account(self, *, key: str, user_id: int, email: str, country: str) -> Connected:
        """An account that we pay out of, when we say so; the person completes it by an onboarding link."""

    def retrieve_account(self, account_id: str) -> Connected: ...

    def onboarding_link(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        """Good for one visit, within minutes."""

    def dashboard_link(self, account_id: str) -> str:
        """Where the person changes their bank account, once they have told the provider who they are."""

    def create_transfer(self, *, key: str, account_id: str, amount: Money, reference: str) -> Transfer:
        """`payments.errors.NotYet` when what we have there is not available yet."""

    def retrieve_transfer(self, transfer_id: str) -> Transfer: ...

    def find_transfer(self, account_id: str, *, reference: str) -> Transfer | None:
        """A transfer made earlier, when its key may be forgotten."""

    def reverse_transfer(self, transfer_id: str, *, key: str) -> Transfer:
        """Take all of it back. A transfer that was reversed before is answered as it stands."""

    def create_payout(self, *, key: str, account_id: str, amount: Money, reference: str) -> ProviderPayout: ...

    def retrieve_payout(self, account_id: str, payout_id: str) -> ProviderPayout: ...

    def find_payout(self, account_id: str, *, reference: str) -> ProviderPayout | None:
        """A payout made earlier, when its key may be forgotten."""

    def create_price(self, *, key: str, name: str, price: Money, reference: str) -> str:
        """What a plan costs a month: the id of the price."""

    def create_subscription(
        self, *, key: str, customer_id: str, price_id: str, metadata: Mapping[str, str]
    ) -> ProviderSubscription:
        """A subscription that waits for its first payment, by the intent of its invoice."""

    def retrieve_subscription(self, subscription_id: str) -> ProviderSubscription: ...

    def retrieve_invoice(self, invoice_id: str) -> ProviderInvoice: ...

    def find_invoice(self, intent_id: str) -> ProviderInvoice | None:
        """The invoice that an intent pays; None if it pays none."""

    def find_subscription(self, customer_id: str, *, reference: str) -> ProviderSubscription | None:
        """One made earlier, when its key may be forgotten."""

    def end_with_period(self, subscription_id: str, *, key: str, wanted: bool) -> ProviderSubscription:
        """Let it end when what is paid for is over, or (not `wanted`) go on after all."""

    def end_subscription(self, subscription_id: str, *, key: str) -> ProviderSubscription:
        """End it now; one that has ended is answered as it stands."""
