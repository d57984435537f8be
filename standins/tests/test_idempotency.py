from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from .payments import CARDS_ONLY, authorised, paid
from .process import Standin

PAYMENT: Any = {
    "amount": 10_000,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "confirm": True,
    "automatic_payment_methods": CARDS_ONLY,
}


def post(standin: Standin, path: str, key: str, **form: Any) -> httpx.Response:
    return standin.raw("POST", path, data=form, headers={"Idempotency-Key": key})


def test_the_same_request_is_answered_with_the_first_answer(standin: Standin) -> None:
    first = standin.v1.payment_intents.create(PAYMENT, {"idempotency_key": "pay-1"})
    again = standin.v1.payment_intents.create(PAYMENT, {"idempotency_key": "pay-1"})
    assert again.to_dict() == first.to_dict()
    assert again.last_response is not None
    assert first.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert len(standin.v1.charges.list().data) == 1


def test_the_first_answer_stays_although_the_object_changed(standin: Standin) -> None:
    first = post(standin, "/v1/customers", "c-1", name="Ada")
    standin.v1.customers.update(first.json()["id"], {"name": "Grace"})
    assert post(standin, "/v1/customers", "c-1", name="Ada").json()["name"] == "Ada"


def test_other_parameters_are_refused(standin: Standin) -> None:
    post(standin, "/v1/customers", "c-1", name="Ada")
    answer = post(standin, "/v1/customers", "c-1", name="Grace")
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")
    with pytest.raises(stripe.IdempotencyError):
        standin.v1.customers.create({"name": "Grace"}, {"idempotency_key": "c-1"})


def test_another_endpoint_is_refused(standin: Standin) -> None:
    post(standin, "/v1/customers", "c-1", name="Ada")
    answer = post(standin, "/v1/payment_intents", "c-1", amount=1_000, currency="usd")
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")
    assert "same endpoint" in answer.json()["error"]["message"]


def test_the_order_of_parameters_does_not_matter(standin: Standin) -> None:
    first = post(standin, "/v1/customers", "c-1", name="Ada", email="ada@example.com")
    again = post(standin, "/v1/customers", "c-1", email="ada@example.com", name="Ada")
    assert again.json() == first.json()


def test_a_decline_is_kept(standin: Standin) -> None:
    declined = PAYMENT | {"payment_method": "pm_card_chargeDeclined"}
    errors = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refusal:
            standin.v1.payment_intents.create(declined, {"idempotency_key": "pay-1"})
        errors.append(refusal.value.json_body)
    assert errors[0] == errors[1]
    assert len(standin.v1.charges.list().data) == 1


def test_a_wrong_state_is_kept(standin: Standin) -> None:
    intent = authorised(standin)
    captured = post(standin, f"/v1/payment_intents/{intent.id}/cancel", "x-1")
    assert captured.status_code == 200
    refused = [post(standin, f"/v1/payment_intents/{intent.id}/capture", "x-2") for _ in range(2)]
    assert [answer.status_code for answer in refused] == [400, 400]
    assert refused[1].headers["Idempotent-Replayed"] == "true"


def test_a_request_refused_before_its_work_leaves_the_key_free(standin: Standin) -> None:
    assert post(standin, "/v1/payment_intents", "pay-1", amount=0, currency="usd").status_code == 400
    assert post(standin, "/v1/payment_intents", "pay-1", amount=1_000, currency="usd").status_code == 200


def test_reading_takes_no_key(standin: Standin) -> None:
    standin.v1.customers.create({})
    for expected in (1, 2):
        answer = standin.raw("GET", "/v1/customers", headers={"Idempotency-Key": "read"})
        assert len(answer.json()["data"]) == expected
        standin.v1.customers.create({})


def test_keys_have_a_length(standin: Standin) -> None:
    assert post(standin, "/v1/customers", "k" * 255).status_code == 200
    assert post(standin, "/v1/customers", "k" * 256).status_code == 400


def test_twenty_at_once_are_one(standin: Standin) -> None:
    form = {"amount": 10_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true"}
    form |= {"payment_method_types[]": "card"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(standin, "/v1/payment_intents", "pay-1", **form), range(20)))
    assert Counter(answer.status_code for answer in answers) == {200: 20}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(standin.v1.charges.list().data) == 1


def test_a_key_under_way_is_a_conflict(standin: Standin) -> None:
    standin.fault("delay", "/v1/customers", seconds=1.5)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, standin, "/v1/customers", "c-1", name="Ada")
        while not standin.control("GET", "/requests")["data"]:
            pass
        second = post(standin, "/v1/customers", "c-1", name="Ada")
    assert (second.status_code, second.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    assert first.result().status_code == 200
    assert post(standin, "/v1/customers", "c-1", name="Ada").json() == first.result().json()


def test_twenty_captures_with_different_keys_capture_once(standin: Standin) -> None:
    intent = authorised(standin)
    path = f"/v1/payment_intents/{intent.id}/capture"
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: post(standin, path, f"capture-{number}"), range(20)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 19}
    assert len(standin.v1.balance_transactions.list().data) == 1


def test_twenty_refunds_at_once_give_back_no_more_than_was_paid(standin: Standin) -> None:
    intent = paid(standin)
    form = {"payment_intent": intent.id, "amount": 3_000}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: post(standin, "/v1/refunds", f"r-{number}", **form), range(20)))
    assert Counter(answer.status_code for answer in answers) == {200: 3, 400: 17}
