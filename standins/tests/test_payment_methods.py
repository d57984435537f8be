from __future__ import annotations

import time
from typing import Any

import pytest
import stripe

from standins.stripe.cards import BY_NUMBER, passes_luhn

from .payments import paid
from .process import PUBLISHABLE_KEY, Standin

NEXT_YEAR = time.gmtime().tm_year + 1


def card(number: str = "4242424242424242", **others: Any) -> Any:
    details = {"number": number, "exp_month": 12, "exp_year": NEXT_YEAR, "cvc": "123", **others}
    return {"type": "card", "card": details, "billing_details": {"name": "Ada"}}


@pytest.mark.parametrize("test_card", BY_NUMBER.values(), ids=lambda test_card: test_card.number)
def test_every_test_card_is_a_possible_number(standin: Standin, test_card: Any) -> None:
    assert passes_luhn(test_card.number)
    method = standin.v1.payment_methods.create(card(test_card.number))
    assert method.card is not None
    assert (method.card.brand, method.card.last4) == (test_card.brand, test_card.last4)


def test_created_from_a_number(standin: Standin) -> None:
    method = standin.v1.payment_methods.create(card("4242 4242 4242 4242", exp_year=NEXT_YEAR % 100))
    assert method.card is not None
    assert method.card.checks is not None
    assert (method.card.exp_month, method.card.exp_year) == (12, NEXT_YEAR)
    assert method.card.checks.cvc_check == "pass"
    assert method.billing_details.name == "Ada"
    assert paid(standin, payment_method=method.id).status == "succeeded"


def test_the_browser_may_create_one(standin: Standin) -> None:
    form = {
        "type": "card",
        "card[number]": "4242424242424242",
        "card[exp_month]": "1",
        "card[exp_year]": str(NEXT_YEAR),
    }
    answer = standin.raw("POST", "/v1/payment_methods", key=PUBLISHABLE_KEY, data=form)
    assert answer.status_code == 200
    assert answer.json()["card"]["last4"] == "4242"


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"number": "42"}, "incorrect_number"),
        ({"number": "4111111111111111"}, "card_declined"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_year": NEXT_YEAR - 2}, "invalid_expiry_year"),
        ({"exp_year": NEXT_YEAR + 60}, "invalid_expiry_year"),
        ({"cvc": "12"}, "invalid_cvc"),
    ],
)
def test_wrong_cards_are_refused(standin: Standin, details: dict[str, Any], code: str) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        standin.v1.payment_methods.create(card(**details))
    assert (refusal.value.code, refusal.value.http_status) == (code, 402)


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("4242424242424242", "succeeded"),
        ("4000000000000002", "card_declined"),
        ("4000000000009995", "card_declined"),
        ("4000002500003155", "requires_action"),
        ("4000002760003184", "requires_action"),
    ],
)
def test_numbers_behave_as_published(standin: Standin, number: str, status: str) -> None:
    method = standin.v1.payment_methods.create(card(number))
    try:
        assert paid(standin, payment_method=method.id).status == status
    except stripe.CardError as error:
        assert error.code == status


def test_a_test_name_stands_for_a_new_payment_method_each_time(standin: Standin) -> None:
    first, second = (standin.v1.payment_methods.retrieve("pm_card_mastercard") for _ in range(2))
    assert first.id != second.id
    assert first.card is not None
    assert second.card is not None
    assert (first.card.brand, first.card.fingerprint) == ("mastercard", second.card.fingerprint)


def test_attach_list_detach(standin: Standin) -> None:
    customer, other = standin.v1.customers.create({}), standin.v1.customers.create({})
    method = standin.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert method.customer == customer.id
    standin.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    for listed in (
        standin.v1.customers.payment_methods.list(customer.id, {"type": "card"}),
        standin.v1.payment_methods.list({"customer": customer.id, "type": "card"}),
    ):
        assert [found.id for found in listed.data] == [method.id]
    assert standin.v1.customers.payment_methods.list(customer.id, {"type": "us_bank_account"}).data == []
    assert standin.v1.customers.payment_methods.list(other.id).data == []
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        standin.v1.payment_methods.attach(method.id, {"customer": other.id})
    assert standin.v1.payment_methods.detach(method.id).customer is None
    settings = standin.v1.customers.retrieve(customer.id).invoice_settings
    assert settings is not None
    assert settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        standin.v1.payment_methods.detach(method.id)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        standin.v1.payment_methods.attach(method.id, {"customer": customer.id})
    assert {"payment_method.attached", "payment_method.detached"} <= set(standin.event_types())


def test_a_declining_card_cannot_be_saved(standin: Standin) -> None:
    customer = standin.v1.customers.create({})
    with pytest.raises(stripe.CardError):
        standin.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer.id})
    saved = standin.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    with pytest.raises(stripe.CardError):
        paid(standin, customer=customer.id, payment_method=saved.id)


def test_update_keeps_what_is_not_given(standin: Standin) -> None:
    method = standin.v1.payment_methods.create(card())
    updated = standin.v1.payment_methods.update(
        method.id, {"billing_details": {"address": {"city": "Paris"}}, "card": {"exp_month": 3}}
    )
    assert updated.card is not None
    assert updated.billing_details.address is not None
    assert (updated.billing_details.name, updated.billing_details.address.city) == ("Ada", "Paris")
    assert (updated.card.exp_month, updated.card.exp_year) == (3, NEXT_YEAR)
