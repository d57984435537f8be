from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import stripe

from .accounts import available, fund, of, ready_account
from .billing import create_customer, create_price
from .payments import create_intent, paid
from .process import SECRET_KEY, Standin


def names(standin: Standin) -> list[str | None]:
    return [customer.name for customer in standin.v1.customers.list().data]


def test_error_before_the_work(standin: Standin) -> None:
    standin.fault("error_before", "/v1/customers", method="POST", status=500)
    with pytest.raises(stripe.APIError) as failure:
        standin.v1.customers.create({"name": "Ada"})
    assert failure.value.http_status == 500
    assert names(standin) == []
    standin.v1.customers.create({"name": "Ada"})
    assert names(standin) == ["Ada"]


def test_error_after_the_work_is_a_lost_answer(standin: Standin) -> None:
    standin.fault("error_after", "/v1/customers", method="POST", status=502)
    with pytest.raises(stripe.APIError):
        standin.v1.customers.create({"name": "Ada"}, {"idempotency_key": "c-1"})
    assert names(standin) == ["Ada"]
    again = standin.v1.customers.create({"name": "Ada"}, {"idempotency_key": "c-1"})
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert names(standin) == ["Ada"]


def test_rate_limit(standin: Standin) -> None:
    standin.fault("error_before", status=429)
    with pytest.raises(stripe.RateLimitError):
        standin.v1.balance.retrieve()


@pytest.mark.parametrize(("action", "done"), [("drop_before", []), ("drop_after", ["Ada"])])
def test_a_cut_connection(standin: Standin, action: str, done: list[str]) -> None:
    standin.fault(action, "/v1/customers", method="POST")
    with pytest.raises(stripe.APIConnectionError):
        standin.v1.customers.create({"name": "Ada"}, {"idempotency_key": "c-1"})
    assert names(standin) == done
    standin.v1.customers.create({"name": "Ada"}, {"idempotency_key": "c-1"})
    assert names(standin) == ["Ada"]


@pytest.mark.parametrize(("action", "done"), [("hang_before", []), ("hang_after", ["Ada"])])
def test_a_time_out(standin: Standin, action: str, done: list[str]) -> None:
    standin.fault(action, "/v1/customers", method="POST", seconds=30)
    form, headers = {"name": "Ada"}, {"Idempotency-Key": "c-1"}
    with pytest.raises(httpx.ReadTimeout):
        standin.raw("POST", "/v1/customers", data=form, headers=headers, timeout=0.5)
    assert names(standin) == done
    # The key is free again soon after the client has gone, long before the fault would end.
    deadline = time.monotonic() + 10
    while (answer := standin.raw("POST", "/v1/customers", data=form, headers=headers)).status_code == 409:
        assert time.monotonic() < deadline
    assert answer.status_code == 200
    assert names(standin) == ["Ada"]


def test_a_hang_ends_with_a_cut_connection(standin: Standin) -> None:
    standin.fault("hang_before", "/v1/customers", seconds=0.1)
    with pytest.raises(httpx.RemoteProtocolError):
        standin.raw("GET", "/v1/customers")


def test_delay_only_delays(standin: Standin) -> None:
    standin.fault("delay", "/v1/customers", seconds=0.3)
    with pytest.raises(httpx.ReadTimeout):
        standin.raw("GET", "/v1/customers", timeout=0.1)
    standin.fault("delay", "/v1/customers", seconds=0.3)
    assert standin.raw("GET", "/v1/customers").status_code == 200


def test_the_librarys_own_retries_see_a_payment_through(standin: Standin) -> None:
    client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": standin.url}, max_network_retries=2)
    standin.fault("drop_after", "/v1/payment_intents")
    standin.fault("error_before", "/v1/payment_intents")
    intent = client.v1.payment_intents.create(
        {
            "amount": 10_000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "payment_method_types": ["card"],
        }
    )
    assert intent.status == "succeeded"
    assert len(standin.v1.charges.list().data) == 1
    log = [row for row in standin.control("GET", "/requests")["data"] if row["path"] == "/v1/payment_intents"]
    assert [row["fault"] for row in log] == ["drop_after", "error_before", None]
    assert len({row["idempotency_key"] for row in log}) == 1


def test_a_fault_hits_only_its_method_and_path_and_count(standin: Standin) -> None:
    standin.fault("error_before", "/v1/refunds", method="POST", times=2)
    intent = paid(standin)
    assert standin.v1.refunds.list().data == []
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            standin.v1.refunds.create({"payment_intent": intent.id})
    assert standin.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"


def test_a_fault_hits_one_path_of_any_object(standin: Standin) -> None:
    standin.fault("error_before", "/v1/payment_intents/*/cancel", times=2)
    first, second = create_intent(standin), create_intent(standin)
    assert standin.v1.payment_intents.retrieve(first.id).id == first.id
    for intent in (first, second):
        with pytest.raises(stripe.APIError):
            standin.v1.payment_intents.cancel(intent.id)
    assert standin.v1.payment_intents.cancel(first.id).status == "canceled"


@pytest.mark.parametrize("action", ["error_before", "error_after", "drop_before", "drop_after"])
@pytest.mark.parametrize("kind", ["transfer", "reversal", "payout", "subscription"])
def test_whatever_goes_wrong_a_repeated_call_moves_money_once(standin: Standin, kind: str, action: str) -> None:
    fund(standin)
    account = ready_account(standin)
    transfer = standin.v1.transfers.create({"amount": 9_000, "currency": "usd", "destination": account.id})
    subscriber: Any = {"customer": create_customer(standin).id, "items": [{"price": create_price(standin).id}]}
    key: Any = {"idempotency_key": "k-1"}
    money: Any = {"amount": 1_000, "currency": "usd"}
    calls: dict[str, tuple[str, Callable[[], object]]] = {
        "transfer": (
            "/v1/transfers",
            lambda: standin.v1.transfers.create(money | {"destination": account.id}, key),
        ),
        "reversal": (
            "/v1/transfers/*/reversals",
            lambda: standin.v1.transfers.reversals.create(transfer.id, {"amount": 1_000}, key),
        ),
        "payout": ("/v1/payouts", lambda: standin.v1.payouts.create(money, of(account) | key)),
        "subscription": ("/v1/subscriptions", lambda: standin.v1.subscriptions.create(subscriber, key)),
    }
    path, act = calls[kind]
    before = len(standin.v1.balance_transactions.list({"limit": 100}).data), available(standin, account)
    standin.fault(action, path, method="POST")
    with pytest.raises((stripe.APIError, stripe.APIConnectionError)):
        act()
    act()
    act()
    after = len(standin.v1.balance_transactions.list({"limit": 100}).data), available(standin, account)
    moved = {"transfer": (1, 1_000), "reversal": (1, -1_000), "payout": (0, -1_000), "subscription": (1, 0)}[kind]
    assert (after[0] - before[0], after[1] - before[1]) == moved


def test_a_lasting_fault_is_cleared(standin: Standin) -> None:
    standin.fault("error_before", times=None)
    for _ in range(3):
        assert standin.raw("GET", "/v1/balance").status_code == 503
    assert [fault["action"] for fault in standin.control("GET", "/faults")["data"]] == ["error_before"]
    standin.control("DELETE", "/faults")
    assert standin.raw("GET", "/v1/balance").status_code == 200


@pytest.mark.parametrize(
    "body", [{"action": "explode"}, {"action": "delay", "path": "/standin/"}, {"action": "delay", "times": 0}, {"x": 1}]
)
def test_senseless_faults_are_refused(standin: Standin, body: dict[str, object]) -> None:
    assert standin.http.post("/standin/faults", json=body).status_code == 400


def test_reset_forgets_everything(standin: Standin) -> None:
    standin.fault("error_before", "/v1/refunds", times=None)
    standin.control("POST", "/webhooks", {"hold": True})
    paid(standin)
    standin.control("POST", "/reset")
    assert standin.control("GET", "/faults")["data"] == []
    assert standin.control("GET", "/webhooks")["hold"] is False
    assert standin.control("GET", "/requests")["data"] == []
    assert standin.v1.payment_intents.list().data == []
    assert standin.event_types() == []
