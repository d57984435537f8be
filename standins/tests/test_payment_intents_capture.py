"""Capturing at once, later, in part; giving an authorisation up."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .payments import authorised, create_intent, paid
from .process import Standin


def test_automatic_capture_pays_at_once(standin: Standin) -> None:
    intent = paid(standin, expand=["latest_charge.balance_transaction"])
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (intent.status, intent.amount_received, intent.amount_capturable) == ("succeeded", 10_000, 0)
    assert (charge.status, charge.captured, charge.amount_captured) == ("succeeded", True, 10_000)
    assert charge.payment_intent == intent.id
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (320, 9_680)
    assert charge.balance_transaction.source == charge.id
    assert standin.event_types() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_asynchronous_capture_is_the_default_and_books_after_the_answer(standin: Standin) -> None:
    intent = create_intent(standin, payment_method="pm_card_visa", confirm=True)
    assert intent.capture_method == "automatic_async"
    assert standin.event_types()[-2:] == ["payment_intent.succeeded", "charge.updated"]
    succeeded = standin.v1.events.list({"type": "charge.succeeded"}).data[0]
    assert succeeded.data.object["balance_transaction"] is None
    assert isinstance(intent.latest_charge, str)
    assert standin.v1.charges.retrieve(intent.latest_charge).balance_transaction is not None


def test_whole_capture(standin: Standin) -> None:
    intent = authorised(standin)
    assert (intent.amount_capturable, intent.amount_received) == (10_000, 0)
    captured = standin.v1.payment_intents.capture(intent.id, {"expand": ["latest_charge.refunds"]})
    assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 10_000, 0)
    assert isinstance(captured.latest_charge, stripe.Charge)
    assert captured.latest_charge.refunds is not None
    assert captured.latest_charge.refunds.data == []
    assert standin.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ]


def test_an_authorised_charge_says_until_when_it_can_be_captured(standin: Standin) -> None:
    charge = authorised(standin, expand=["latest_charge"]).latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.captured, charge.balance_transaction) == (False, None)
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert charge.payment_method_details.card.capture_before == charge.created + 7 * 86_400


def test_partial_capture_releases_the_rest(standin: Standin) -> None:
    intent = authorised(standin)
    captured = standin.v1.payment_intents.capture(
        intent.id, {"amount_to_capture": 7_000, "expand": ["latest_charge.balance_transaction"]}
    )
    charge = captured.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (captured.amount, captured.amount_received, captured.amount_capturable) == (10_000, 7_000, 0)
    assert (charge.amount, charge.amount_captured, charge.amount_refunded) == (10_000, 7_000, 3_000)
    assert charge.refunded is False
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert (charge.balance_transaction.amount, charge.balance_transaction.fee) == (7_000, 233)
    release = standin.v1.refunds.list({"charge": charge.id}).data[0]
    assert (release.amount, release.balance_transaction) == (3_000, None)


@pytest.mark.parametrize("amount", [0, -1, 10_001, "1.5", "all"])
def test_capture_refuses_other_amounts(standin: Standin, amount: Any) -> None:
    intent = authorised(standin)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.payment_intents.capture(intent.id, {"amount_to_capture": amount})
    assert refusal.value.param == "amount_to_capture"
    assert standin.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_cancelling_an_authorisation_releases_it(standin: Standin) -> None:
    intent = authorised(standin)
    cancelled = standin.v1.payment_intents.cancel(
        intent.id, {"cancellation_reason": "requested_by_customer", "expand": ["latest_charge"]}
    )
    charge = cancelled.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (cancelled.status, cancelled.amount_capturable) == ("canceled", 0)
    assert cancelled.cancellation_reason == "requested_by_customer"
    assert cancelled.canceled_at is not None
    assert (charge.captured, charge.refunded, charge.amount_refunded) == (False, True, 10_000)
    assert standin.v1.balance_transactions.list().data == []
    assert standin.event_types()[-2:] == ["charge.refunded", "payment_intent.canceled"]


def test_cancellation_reason_is_checked(standin: Standin) -> None:
    intent = create_intent(standin)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "whim"})
    assert refusal.value.param == "cancellation_reason"
