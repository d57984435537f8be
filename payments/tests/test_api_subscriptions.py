from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import IdempotencyRecord
from accounts.tests.factories import ClientFactory, FreelancerFactory, UserFactory
from payments.models import Subscription
from payments.rules import Audience
from payments.tests.factories import make_plan, on_plan
from payments.tests.fakes import DECLINED, VISA, FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
URL = "/api/stripe/subscriptions"


@pytest.fixture(autouse=True)
def _plan() -> None:
    make_plan()


@pytest.fixture
def mine(api_as: Any) -> APIClient:
    client: APIClient = api_as(FreelancerFactory.create())
    return client


def test_beginning_with_a_card(mine: APIClient) -> None:
    response = mine.post(URL, {"plan": "pro", "payment_method": VISA})
    assert (response.status_code, response.data["status"], response.data["amount"]) == (201, "active", 15_00)
    assert mine.get(f"{URL}/{response.data['id']}").data == response.data
    assert mine.get(URL).data["results"] == [response.data]


def test_beginning_with_a_secret(mine: APIClient) -> None:
    data = mine.post(URL, {"plan": "pro"}).data
    assert (data["status"], data["client_secret"] != "") == ("incomplete", True)


def test_repeating_a_key_after_a_crash_gives_the_same_subscription(mine: APIClient, provider: FakeProvider) -> None:
    key, body = {"Idempotency-Key": "once"}, {"plan": "pro", "payment_method": VISA}
    first = mine.post(URL, body, headers=key)
    IdempotencyRecord.objects.update(status=None, body="")  # as if the process had ended before it kept the answer
    again = mine.post(URL, body, headers=key)
    assert (again.status_code, again.data) == (201, first.data)
    assert len(provider.subscriptions) == 1


@pytest.mark.parametrize("method", ["create_subscription", "confirm_intent"])
def test_repeating_a_key_whose_outcome_was_not_heard(mine: APIClient, provider: FakeProvider, method: str) -> None:
    key, body = {"Idempotency-Key": "once"}, {"plan": "pro", "payment_method": VISA}
    provider.fail_after = {method}
    assert mine.post(URL, body, headers=key).status_code == 503
    assert mine.post(URL, body, headers=key).data["status"] == "active"
    assert len(provider.subscriptions) == 1
    assert provider.calls.count("confirm_intent") == 1


def test_a_declined_card_is_a_conflict(mine: APIClient) -> None:
    refused = mine.post(URL, {"plan": "pro", "payment_method": DECLINED})
    assert (refused.status_code, refused.data["error_type"]) == (409, "card_declined")
    assert mine.post(URL, {"plan": "pro", "payment_method": VISA}).status_code == 201


def test_the_same_key_is_the_same_subscription(mine: APIClient, provider: FakeProvider) -> None:
    body = {"plan": "pro", "payment_method": VISA}
    first, again = (mine.post(URL, body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.data, first.status_code) == (again.data, again.status_code)
    assert mine.post(URL, body).data["error_type"] == "already_subscribed"
    assert len(provider.subscriptions) == 1


@pytest.mark.parametrize(
    ("body", "status"), [({}, 400), ({"plan": "no plan"}, 400), ({"plan": "none"}, 404), ({"plan": 7.5}, 400)]
)
def test_nonsense_is_refused(mine: APIClient, body: Any, status: int) -> None:
    assert mine.post(URL, body).status_code == status
    assert not Subscription.objects.exists()


def test_trying_out_cards_is_limited(mine: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMIT_FACTOR = 1
    monkeypatch.setattr("payments.services.payments.PAYMENTS_PER_HOUR", 2)
    tries = [mine.post(URL, {"plan": "pro", "payment_method": DECLINED}) for _ in range(3)]
    assert [answer.status_code for answer in tries] == [409, 409, 429]


def test_who_may_not_pay_is_refused(api_as: Any) -> None:
    client = api_as(UserFactory.create(email_verified_at=None))
    assert client.post(URL, {"plan": "pro"}).status_code == 403


def test_a_stranger_signs_in_first(api: APIClient) -> None:
    for path in (URL, f"{URL}/sub_1", "/api/payments/plans", "/api/payments/documents"):
        assert api.get(path).status_code == 401


def test_cancelling_and_going_on(mine: APIClient) -> None:
    path = f"{URL}/{mine.post(URL, {'plan': 'pro', 'payment_method': VISA}).data['id']}"
    left = mine.delete(path)
    assert (left.status_code, left.data["cancel_at_period_end"], left.data["status"]) == (200, True, "active")
    assert mine.delete(path).data == left.data
    assert mine.post(f"{path}/resume").data["cancel_at_period_end"] is False


def test_an_ended_one_does_not_go_on(mine: APIClient, provider: FakeProvider) -> None:
    path = f"{URL}/{mine.post(URL, {'plan': 'pro'}).data['id']}"
    assert mine.delete(path).data["status"] == "ended"
    refused = mine.post(f"{path}/resume")
    assert (refused.status_code, refused.data["error_type"]) == (409, "subscription_ended")
    assert mine.get(URL).data["results"] == []


def test_other_peoples_are_not_there(mine: APIClient, provider: FakeProvider) -> None:
    path = f"{URL}/{on_plan(ClientFactory.create(), provider=provider).subscription_id}"
    assert [mine.get(path).status_code, mine.delete(path).status_code, mine.post(f"{path}/resume").status_code] == [
        404
    ] * 3
    assert mine.get(URL).data["results"] == []


def test_what_there_is(mine: APIClient, settings: Any) -> None:
    make_plan(Audience.CLIENT, price_minor=50_00)
    plans = {plan["code"]: plan for plan in mine.get("/api/payments/plans").data["results"]}
    assert (plans["plus"]["amount"], plans["pro"]["fee_bps"], plans["pro"]["tax"]) == (50_00, 800, 0)


# --- The fee, asked beforehand ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "amount", "fee"), [("usd", 600_01, 60_00), ("jpy", 6_505, 651), ("kwd", 10_005, 1_001), ("usd", 1, 0)]
)
def test_the_fee_in_every_exponent(mine: APIClient, currency: str, amount: int, fee: int) -> None:
    data = mine.post("/api/transactions/fee", {"amount": amount, "currency": currency}).data
    assert (data["gross"], data["fee"], data["net"], data["fee_bps"]) == (amount, fee, amount - fee, 1000)
    assert data["parts"] == [{"gross": amount, "fee": fee, "net": amount - fee}]


def test_parts_add_up_to_the_fee_of_the_whole(mine: APIClient) -> None:
    body = {"amount": 1_00, "currency": "usd", "parts": [33, 33, 34]}
    data = mine.post("/api/transactions/fee", body).data
    assert sum(part["fee"] for part in data["parts"]) == data["fee"] == 10
    refused = mine.post("/api/transactions/fee", body | {"parts": [33, 33]})
    assert (refused.status_code, list(refused.data["fields"])) == (400, ["parts"])


def test_plans_count_in_the_quote(api_as: Any, provider: FakeProvider) -> None:
    worker, client = FreelancerFactory.create(), ClientFactory.create()
    on_plan(worker, provider=provider)
    body = {"amount": 100_00, "currency": "usd"}
    assert api_as(worker).post("/api/transactions/fee", body).data["fee"] == 8_00
    ask = api_as(client)
    assert ask.post("/api/transactions/fee", body | {"freelancer_id": worker.pk}).data["fee"] == 8_00
    assert ask.post("/api/transactions/fee", body).data["fee"] == 10_00
    assert ask.post("/api/transactions/fee", body | {"freelancer_id": 0}).status_code == 400
    assert ask.post("/api/transactions/fee", body | {"freelancer_id": 10**9}).status_code == 404
