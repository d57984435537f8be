from __future__ import annotations

import pytest
import stripe

from .payments import paid
from .process import Standin


def test_life_of_a_customer(standin: Standin) -> None:
    customer = standin.v1.customers.create(
        {"email": "ada@example.com", "name": "Ada", "metadata": {"user": "7"}, "address": {"city": "Paris"}}
    )
    assert (customer.email, customer.name, customer.livemode) == ("ada@example.com", "Ada", False)
    updated = standin.v1.customers.update(customer.id, {"name": "Ada L."})
    assert (updated.name, updated.email) == ("Ada L.", "ada@example.com")
    event = standin.v1.events.list({"type": "customer.updated"}).data[0]
    assert event.data.previous_attributes is not None
    assert event.data.previous_attributes.to_dict() == {"name": "Ada"}
    assert standin.v1.customers.delete(customer.id).deleted is True
    assert standin.v1.customers.retrieve(customer.id).deleted is True
    assert standin.v1.customers.list().data == []
    assert standin.event_types() == ["customer.created", "customer.updated", "customer.deleted"]


def test_an_update_without_change_is_no_event(standin: Standin) -> None:
    customer = standin.v1.customers.create({"name": "Ada"})
    standin.v1.customers.update(customer.id, {"name": "Ada"})
    assert standin.event_types() == ["customer.created"]


def test_a_deleted_customer_pays_no_more(standin: Standin) -> None:
    customer = standin.v1.customers.create({"payment_method": "pm_card_visa"})
    method = standin.v1.customers.payment_methods.list(customer.id).data[0]
    standin.v1.customers.delete(customer.id)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        paid(standin, customer=customer.id)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        paid(standin, payment_method=method.id)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        standin.v1.customers.update(customer.id, {"name": "Ghost"})


def test_the_default_payment_method_must_be_a_saved_one(standin: Standin) -> None:
    customer = standin.v1.customers.create({})
    loose = standin.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    with pytest.raises(stripe.InvalidRequestError, match="No such PaymentMethod"):
        standin.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": loose.id}})
