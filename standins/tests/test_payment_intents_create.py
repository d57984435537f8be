"""Making and changing payment intents: what is taken, kept and refused."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .payments import create_intent, paid, refused
from .process import Standin


@pytest.mark.parametrize("methods", [{}, {"automatic_payment_methods": {"enabled": True}}])
def test_redirecting_methods_need_a_return_url(standin: Standin, methods: dict[str, Any]) -> None:
    card: Any = {"amount": 10_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        standin.v1.payment_intents.create(card | methods)
    assert standin.v1.payment_intents.list().data == []
    with_url = card | methods | {"return_url": "https://site.example/"}
    assert standin.v1.payment_intents.create(with_url).status == "succeeded"


def test_listed_types_need_no_return_url(standin: Standin) -> None:
    card: Any = {"amount": 10_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    intent = standin.v1.payment_intents.create(card | {"payment_method_types": ["card"]})
    assert (intent.status, intent.automatic_payment_methods) == ("succeeded", None)


def test_types_and_automatic_methods_exclude_each_other(standin: Standin) -> None:
    assert "only specify one" in str(refused(standin, payment_method_types=["card"]))


@pytest.mark.parametrize("amount", [0, -100, "12.50", "ten", 10**20])
def test_senseless_amounts_are_refused(standin: Standin, amount: Any) -> None:
    error = refused(standin, amount=amount)
    assert (error.http_status, error.param, error.code) == (400, "amount", "parameter_invalid_integer")


@pytest.mark.parametrize(("currency", "smallest"), [("usd", 50), ("gbp", 30), ("jpy", 50)])
def test_limits_of_amounts(standin: Standin, currency: str, smallest: int) -> None:
    for amount in (smallest, 99_999_999):
        assert create_intent(standin, amount=amount, currency=currency).amount == amount
    assert refused(standin, amount=smallest - 1, currency=currency).code == "amount_too_small"
    assert refused(standin, amount=100_000_000, currency=currency).code == "amount_too_large"


def test_three_decimal_amounts_go_in_tens(standin: Standin) -> None:
    assert create_intent(standin, amount=1_230, currency="kwd").amount == 1_230
    assert refused(standin, amount=1_235, currency="kwd").param == "amount"


def test_zero_decimal_amounts_are_whole_units(standin: Standin) -> None:
    intent = paid(standin, amount=5_000, currency="jpy", expand=["latest_charge.balance_transaction"])
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert isinstance(intent.latest_charge.balance_transaction, stripe.BalanceTransaction)
    assert intent.latest_charge.balance_transaction.net == 5_000 - 145 - 30
    with pytest.raises(stripe.InvalidRequestError, match=r"¥6,000.*¥5,000"):
        standin.v1.refunds.create({"payment_intent": intent.id, "amount": 6_000})


@pytest.mark.parametrize("currency", ["xyz", "us", "dollar"])
def test_unknown_currencies_are_refused(standin: Standin, currency: str) -> None:
    assert refused(standin, currency=currency).param == "currency"


def test_currencies_are_kept_in_lower_case(standin: Standin) -> None:
    assert create_intent(standin, currency="EUR").currency == "eur"


def test_what_describes_a_payment_is_kept_and_reaches_the_charge(standin: Standin) -> None:
    intent = paid(
        standin,
        description="Milestone 1",
        metadata={"order": "7"},
        receipt_email="client@example.com",
        statement_descriptor_suffix="ORDER 7",
        transfer_group="order_7",
        expand=["latest_charge"],
    )
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    for kept in (intent, charge):
        assert kept.description == "Milestone 1"
        assert kept.metadata.to_dict() == {"order": "7"}
        assert kept.receipt_email == "client@example.com"
        assert kept.statement_descriptor_suffix == "ORDER 7"
        assert kept.transfer_group == "order_7"


def test_card_payments_take_no_whole_statement_descriptor(standin: Standin) -> None:
    error = refused(standin, statement_descriptor="MARKET", payment_method="pm_card_visa", confirm=True)
    assert error.param == "statement_descriptor"


@pytest.mark.parametrize("name", ["off_session", "return_url", "error_on_requires_action"])
def test_parameters_of_a_confirmation_need_one(standin: Standin, name: str) -> None:
    value = "https://site.example/" if name == "return_url" else True
    assert "`confirm` is set to `true`" in str(refused(standin, **{name: value}))


def test_an_intent_that_cannot_be_confirmed_at_once_is_not_made(standin: Standin) -> None:
    assert "missing a payment method" in str(refused(standin, confirm=True))
    assert standin.v1.payment_intents.list().data == []
    assert standin.event_types() == []


def test_unknown_parameters_are_refused(standin: Standin) -> None:
    error = refused(standin, colour="red")
    assert (error.code, error.param, error.http_status) == ("parameter_unknown", "colour", 400)
    error = refused(standin, automatic_payment_methods={"enabled": True, "colour": "red"})
    assert error.param == "automatic_payment_methods[colour]"


def test_missing_parameters_are_refused(standin: Standin) -> None:
    without_currency: Any = {"amount": 1_000}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.payment_intents.create(without_currency)
    assert (refusal.value.code, refusal.value.param) == ("parameter_missing", "currency")


def test_unknown_customer_and_payment_method_are_refused(standin: Standin) -> None:
    error = refused(standin, customer="cus_nobody")
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", "customer")
    error = refused(standin, payment_method="pm_nothing")
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", "payment_method")


def test_update_changes_only_what_is_given(standin: Standin) -> None:
    intent = create_intent(standin, metadata={"a": "1", "b": "2"}, description="first")
    updated = standin.v1.payment_intents.update(intent.id, {"metadata": {"b": "", "c": "3"}, "amount": 4_200})
    assert updated.metadata.to_dict() == {"a": "1", "c": "3"}
    assert (updated.amount, updated.description) == (4_200, "first")


def test_update_with_a_payment_method_makes_it_confirmable(standin: Standin) -> None:
    intent = create_intent(standin)
    updated = standin.v1.payment_intents.update(intent.id, {"payment_method": "pm_card_visa"})
    assert updated.status == "requires_confirmation"


def test_texts_of_a_paid_intent_can_still_change(standin: Standin) -> None:
    intent = paid(standin)
    assert standin.v1.payment_intents.update(intent.id, {"description": "later"}).description == "later"
