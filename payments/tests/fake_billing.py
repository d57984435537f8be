"""The part of the provider in memory that bills subscriptions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from core.money import Money
from payments.providers import Intent, ProviderInvoice, ProviderSubscription

MONTH = timedelta(days=30)


@dataclass
class FakeSubscription:
    id: str
    customer_id: str
    price: Money
    metadata: Mapping[str, str]
    period_end: datetime
    cancel_at_period_end: bool = False
    has_ended: bool = False
    invoices: list[tuple[str, str]] = field(default_factory=list)
    """(invoice, its intent), the latest last."""


class FakeBilling:
    """Its invoices are paid when their intents are, however that happened."""

    stamp: str
    subscriptions: dict[str, FakeSubscription]
    prices: dict[str, Money]
    intents: dict[str, Intent]
    _once: Callable[..., Any]
    _call: Callable[..., Any]

    def create_price(self, *, key: str, name: str, price: Money, reference: str) -> str:
        def act() -> str:
            price_id = f"price_{len(self.prices) + 1}"
            self.prices[price_id] = price
            return price_id

        return self._once("create_price", key, act)

    def create_subscription(
        self, *, key: str, customer_id: str, price_id: str, metadata: Mapping[str, str]
    ) -> ProviderSubscription:
        def act() -> str:
            made = FakeSubscription(
                f"sub_{len(self.subscriptions) + 1}_{self.stamp}",
                customer_id,
                self.prices[price_id],
                dict(metadata),
                timezone.now() + MONTH,
            )
            self.subscriptions[made.id] = made
            self._bill(made)
            return made.id

        return self.shown(self._once("create_subscription", key, act))

    def retrieve_subscription(self, subscription_id: str) -> ProviderSubscription:
        return self._call("retrieve_subscription", lambda: self.shown(subscription_id))

    def retrieve_invoice(self, invoice_id: str) -> ProviderInvoice:
        def act() -> ProviderInvoice:
            [(one, number)] = [
                (one, number)
                for one in self.subscriptions.values()
                for number, (known, _) in enumerate(one.invoices)
                if known == invoice_id
            ]
            return self.invoice(one.id, number)

        return self._call("retrieve_invoice", act)

    def find_invoice(self, intent_id: str) -> ProviderInvoice | None:
        def act() -> ProviderInvoice | None:
            paid = (
                self.invoice(one.id, number)
                for one in self.subscriptions.values()
                for number, (_, known) in enumerate(one.invoices)
                if known == intent_id
            )
            return next(paid, None)

        return self._call("find_invoice", act)

    def find_subscription(self, customer_id: str, *, reference: str) -> ProviderSubscription | None:
        def act() -> ProviderSubscription | None:
            mine = (one for one in self.subscriptions.values() if reference in one.metadata.values())
            found = next(mine, None)
            return self.shown(found.id) if found else None

        return self._call("find_subscription", act)

    def end_with_period(self, subscription_id: str, *, key: str, wanted: bool) -> ProviderSubscription:
        def act() -> str:
            self.subscriptions[subscription_id].cancel_at_period_end = wanted
            return subscription_id

        return self.shown(self._once("end_with_period", key, act))

    def end_subscription(self, subscription_id: str, *, key: str) -> ProviderSubscription:
        def act() -> str:
            self.subscriptions[subscription_id].has_ended = True
            return subscription_id

        return self.shown(self._once("end_subscription", key, act))

    # What happens at the provider without us.

    def bill_next_month(self, subscription_id: str) -> str:
        """The intent of its invoice, which nobody has paid yet."""
        one = self.subscriptions[subscription_id]
        one.period_end += MONTH
        return self._bill(one)

    def shown(self, subscription_id: str) -> ProviderSubscription:
        one = self.subscriptions[subscription_id]
        invoice = self.invoice(subscription_id)
        if one.has_ended:
            status = "canceled"
        elif invoice.status == "paid":
            status = "active"
        else:
            status = "incomplete" if len(one.invoices) == 1 else "past_due"
        return ProviderSubscription(
            one.id, status, one.customer_id, one.period_end, one.cancel_at_period_end, one.metadata, invoice
        )

    def invoice(self, subscription_id: str, number: int = -1) -> ProviderInvoice:
        one = self.subscriptions[subscription_id]
        invoice_id, intent_id = one.invoices[number]
        intent = self.intents[intent_id]
        is_paid = intent.status == "succeeded"
        return ProviderInvoice(
            invoice_id,
            "paid" if is_paid else "open",
            one.price.currency,
            one.price.minor,
            one.price.minor if is_paid else 0,
            one.id,
            one.metadata,
            one.period_end - MONTH,
            one.period_end,
            "" if is_paid else intent_id,
            "" if is_paid else intent.client_secret,
            intent_id if is_paid else "",
        )

    def _bill(self, one: FakeSubscription) -> str:
        number = len(one.invoices) + 1
        intent_id = f"pi_{one.id}_{number}"
        self.intents[intent_id] = Intent(
            intent_id,
            "requires_payment_method",
            one.price.minor,
            one.price.currency,
            client_secret=f"{intent_id}_secret_x",
        )
        one.invoices.append((f"in_{one.id}_{number}", intent_id))
        return intent_id


def subscription_object(state: ProviderSubscription, **more: Any) -> dict[str, Any]:
    """As Stripe writes it in an event."""
    assert state.current_period_end is not None
    return {
        "id": state.id,
        "object": "subscription",
        "status": state.status,
        "customer": state.customer_id,
        "items": {"data": [{"current_period_end": int(state.current_period_end.timestamp())}]},
        "cancel_at_period_end": state.cancel_at_period_end,
        "latest_invoice": state.invoice and state.invoice.id,
        "metadata": dict(state.metadata),
        "livemode": False,
        **more,
    }


def invoice_object(invoice: ProviderInvoice, **more: Any) -> dict[str, Any]:
    """As Stripe writes it in an event."""
    assert invoice.period_start is not None
    assert invoice.period_end is not None
    period = {"start": int(invoice.period_start.timestamp()), "end": int(invoice.period_end.timestamp())}
    return {
        "id": invoice.id,
        "object": "invoice",
        "status": invoice.status,
        "currency": invoice.currency.lower(),
        "amount_due": invoice.due_minor,
        "amount_paid": invoice.paid_minor,
        "parent": {
            "type": "subscription_details",
            "subscription_details": {"subscription": invoice.subscription_id, "metadata": dict(invoice.metadata)},
        },
        "lines": {"data": [{"period": period}]},
        "livemode": False,
        **more,
    }
