"""Prices, customers with cards, and subscriptions to them."""

from __future__ import annotations

from typing import Any

import stripe

from .process import Standin


def create_price(standin: Standin, amount: int = 2_000, **params: Any) -> stripe.Price:
    product = standin.v1.products.create({"name": "Plus"})
    defaults: Any = {
        "product": product.id,
        "unit_amount": amount,
        "currency": "usd",
        "recurring": {"interval": "month"},
    }
    return standin.v1.prices.create(defaults | params)


def create_customer(standin: Standin, card: str | None = "pm_card_visa") -> stripe.Customer:
    """With that card as the default."""
    customer = standin.v1.customers.create({"name": "Ada", "email": "ada@example.com"})
    if card is not None:
        use_card(standin, customer.id, card)
    return standin.v1.customers.retrieve(customer.id)


def use_card(standin: Standin, customer: str, card: str) -> None:
    method = standin.v1.payment_methods.attach(card, {"customer": customer})
    standin.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})


def subscribe(standin: Standin, card: str | None = "pm_card_visa", **params: Any) -> stripe.Subscription:
    price = params.pop("price", None) or create_price(standin).id
    customer = params.pop("customer", None) or create_customer(standin, card).id
    defaults: Any = {"customer": customer, "items": [{"price": price}]}
    return standin.v1.subscriptions.create(defaults | params)


def advance(standin: Standin, subscription: stripe.Subscription, **body: str) -> stripe.Subscription:
    """What it waits for happens now."""
    standin.control("POST", f"/subscriptions/{subscription.id}/advance", body)
    return standin.v1.subscriptions.retrieve(subscription.id)


def latest_invoice(standin: Standin, subscription: stripe.Subscription, **params: Any) -> stripe.Invoice:
    current = standin.v1.subscriptions.retrieve(subscription.id)
    assert isinstance(current.latest_invoice, str)
    return standin.v1.invoices.retrieve(current.latest_invoice, params)  # type: ignore[arg-type]
