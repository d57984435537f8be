"""A payment provider in memory, with the same interface as the real one and switches for what can go wrong."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_hex
from threading import Lock
from typing import Any
from unittest import mock

from django.utils import timezone

from core.errors import Unavailable
from core.money import Money
from payments.errors import ProviderRefused
from payments.providers import (
    REFUND_KEY,
    BalanceTransaction,
    Card,
    Connected,
    Intent,
    MainProvider,
    ProviderDispute,
    ProviderPayout,
    ProviderRefund,
    ProviderSubscription,
    Transfer,
)
from payments.rules import ProviderName
from payments.tests.fake_billing import FakeBilling, FakeSubscription
from payments.tests.fake_connect import FakeConnect
from payments.tests.fake_disputes import FakeDisputes

VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"
THREE_D_SECURE = "pm_card_authenticationRequired"

DECIDED = {"succeeded", "canceled"}


@dataclass
class FakeProvider(FakeBilling, FakeConnect, FakeDisputes):
    """Keeps Stripe's rules: one charge per intent, the same answer for the same key, never refunds too much.

    `fail_before` and `fail_after` name methods whose next call times out before, or after, doing its work.
    """

    approved_elsewhere = False
    knows_customers = True

    stamp: str = field(default_factory=lambda: token_hex(6))  # ends every id, so that no two providers give the same
    intents: dict[str, Intent] = field(default_factory=dict)
    manual: set[str] = field(default_factory=set)
    refunds: dict[str, ProviderRefund] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    saved: list[Card] = field(default_factory=list)
    saved_by: str = ""  # the customer who kept them; empty: everybody
    subscriptions: dict[str, FakeSubscription] = field(default_factory=dict)
    prices: dict[str, Money] = field(default_factory=dict)
    fail_before: set[str] = field(default_factory=set)
    fail_after: set[str] = field(default_factory=set)
    refunds_stay_pending: bool = False
    refuse_refunds: bool = False
    accounts: dict[str, Connected] = field(default_factory=dict)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    payouts: dict[str, ProviderPayout] = field(default_factory=dict)
    disputes: dict[str, ProviderDispute] = field(default_factory=dict)
    short_of_money: bool = False
    refuse_transfers: bool = False
    refuse_payouts: bool = False
    transactions: list[BalanceTransaction] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    lock: Any = field(default_factory=Lock)

    def create_customer(self, *, key: str, user_id: int, email: str, name: str) -> str:
        def act() -> str:
            customer_id = f"cus_{len(self.customers) + 1:08}_{user_id}"
            self.customers[customer_id] = user_id
            return customer_id

        return self._once("create_customer", key, act)

    def cards(self, customer_id: str) -> list[Card]:
        return self._call("cards", lambda: list(self.saved) if self.saved_by in {"", customer_id} else [])

    def forget_card(self, card_id: str) -> None:
        def act() -> None:
            self.saved = [card for card in self.saved if card.id != card_id]

        self._call("forget_card", act)

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
        def act() -> Intent:
            intent_id = f"pi_{key.replace('-', '_')}_{self.stamp}"
            if manual_capture:
                self.manual.add(intent_id)
            return self._keep(
                Intent(
                    intent_id,
                    "requires_payment_method",
                    amount.minor,
                    amount.currency,
                    client_secret=f"{intent_id}_secret",
                    metadata=dict(metadata),
                )
            )

        return self._once("create_intent", key, act)

    def retrieve_intent(self, intent_id: str) -> Intent:
        return self._call("retrieve_intent", lambda: self.intents[intent_id])

    def confirm_intent(self, intent_id: str, *, key: str, payment_method: str) -> Intent:
        def act() -> Intent:
            intent = self.intents[intent_id]
            if intent.status in DECIDED:
                return intent
            if not payment_method:
                raise ProviderRefused(fields={"payment_method": ["Choose a card."]})
            if payment_method == DECLINED:
                return self.decline(intent_id)
            if payment_method == THREE_D_SECURE:
                return self._keep(replace(intent, status="requires_action", failure_code="", failure_message=""))
            return self.pay(intent_id)

        return self._once("confirm_intent", key, act)

    def capture_intent(self, intent_id: str, *, key: str, amount: Money | None) -> Intent:
        def act() -> Intent:
            intent = self.intents[intent_id]
            if intent.status != "requires_capture":
                return intent
            received = intent.amount_minor if amount is None else amount.minor
            self.move("charge", received, intent.currency, source_id=f"ch_{intent_id}", intent_id=intent_id, fee=30)
            return self._keep(replace(intent, status="succeeded", received_minor=received))

        return self._once("capture_intent", key, act)

    def cancel_intent(self, intent_id: str, *, key: str) -> Intent:
        def act() -> Intent:
            intent = self.intents[intent_id]
            return intent if intent.status in DECIDED else self._keep(replace(intent, status="canceled"))

        return self._once("cancel_intent", key, act)

    def create_refund(self, *, key: str, intent_id: str, amount: Money, reference: str) -> ProviderRefund:
        def act() -> ProviderRefund:
            intent = self.intents[intent_id]
            gone = (one for one in self.refunds.values() if one.intent_id == intent_id and one.status != "failed")
            sent = sum(refund.amount_minor for refund in gone)
            if self.refuse_refunds or sent + amount.minor > intent.received_minor:
                return ProviderRefund(
                    "", "failed", amount.minor, amount.currency, intent_id, failure_message="The charge was refunded."
                )
            refund = ProviderRefund(
                f"re_{reference.replace('-', '_')}_{self.stamp}",
                "pending" if self.refunds_stay_pending else "succeeded",
                amount.minor,
                amount.currency,
                intent_id,
                {REFUND_KEY: reference},
            )
            self.refunds[refund.id] = refund
            self.move("refund", -amount.minor, amount.currency, source_id=refund.id, intent_id=intent_id)
            return refund

        return self._once("create_refund", key, act)

    def retrieve_refund(self, refund_id: str) -> ProviderRefund:
        return self._call("retrieve_refund", lambda: self.refunds[refund_id])

    def find_refund(self, intent_id: str, *, reference: str) -> ProviderRefund | None:
        def act() -> ProviderRefund | None:
            return next((one for one in self.refunds.values() if one.metadata.get(REFUND_KEY) == reference), None)

        return self._call("find_refund", act)

    def balance_transactions(self, since: datetime | None) -> list[BalanceTransaction]:
        def act() -> list[BalanceTransaction]:
            return [one for one in self.transactions if since is None or one.created_at >= since]

        return self._call("balance_transactions", act)

    # What happens at the provider without us.

    def move(
        self, type: str, minor: int, currency: str, *, source_id: str = "", intent_id: str = "", fee: int = 0
    ) -> BalanceTransaction:
        """Something moves our balance there."""
        moved = BalanceTransaction(
            f"txn_{len(self.transactions) + 1}_{self.stamp}",
            type,
            minor,
            fee,
            minor - fee,
            currency,
            timezone.now(),
            source_id,
            intent_id,
        )
        self.transactions.append(moved)
        return moved

    def pay(self, intent_id: str) -> Intent:
        """The card holder's bank agrees, for instance after 3-D Secure."""
        intent = self.intents[intent_id]
        paid = replace(
            intent, failure_code="", failure_message="", method_label="Visa ending 4242", receipt_url="https://r.test/1"
        )
        if intent_id in self.manual:
            return self._keep(replace(paid, status="requires_capture"))
        minor = intent.amount_minor
        self.move("charge", minor, intent.currency, source_id=f"ch_{intent_id}", intent_id=intent_id, fee=30)
        return self._keep(replace(paid, status="succeeded", received_minor=minor))

    def decline(self, intent_id: str) -> Intent:
        return self._keep(
            replace(
                self.intents[intent_id],
                status="requires_payment_method",
                failure_code="generic_decline",
                failure_message="Your card was declined.",
            )
        )

    def renew(self, subscription_id: str, *, paid: bool = True) -> ProviderSubscription:
        """The next month of a plan begins; its invoice is paid by the saved card, or the card declines."""
        intent_id = self.bill_next_month(subscription_id)
        if paid:
            self.pay(intent_id)
        else:
            self.decline(intent_id)
        return self.shown(subscription_id)

    def move_refund(self, refund_id: str, status: str) -> ProviderRefund:
        self.refunds[refund_id] = replace(self.refunds[refund_id], status=status)
        return self.refunds[refund_id]

    def charges(self) -> int:
        """How many intents took money."""
        return sum(intent.received_minor > 0 for intent in self.intents.values())

    def _keep(self, intent: Intent) -> Intent:
        self.intents[intent.id] = intent
        return intent

    def _once(self, method: str, key: str, act: Callable[[], Any]) -> Any:
        def remembered() -> Any:
            with self.lock:
                if key not in self.answers:
                    self.answers[key] = act()
                return self.answers[key]

        return self._call(method, remembered)

    def _call(self, method: str, act: Callable[[], Any]) -> Any:
        self.calls.append(method)
        if method in self.fail_before:
            self.fail_before.discard(method)
            raise Unavailable
        answer = act()
        if method in self.fail_after:
            self.fail_after.discard(method)
            raise Unavailable
        return answer


@contextmanager
def use_provider(provider: MainProvider, paypal: FakeProvider | None = None) -> Iterator[MainProvider]:
    """Everything in this process talks to `provider`, and about PayPal to `paypal` if it is given."""

    def of(name: str) -> Any:
        return paypal if paypal is not None and name == ProviderName.PAYPAL else provider

    with mock.patch.multiple("payments.providers", main=lambda: provider, of=of):
        yield provider
