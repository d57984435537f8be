import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import IdempotencyRecord, User
from accounts.tests.factories import ClientFactory
from core.money import Money
from payments.models import Payment
from payments.providers import Card
from payments.services import create_payment
from payments.tests.factories import add_credit, funded_hold
from payments.tests.fakes import DECLINED, THREE_D_SECURE, VISA, FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
ApiAs = Callable[[Any], APIClient]
INTENTS = "/api/stripe/payment-intents"
TEN = {"amount": 10_00, "currency": "usd"}


@pytest.fixture
def payer() -> User:
    return ClientFactory.create()


@pytest.fixture
def client(api_as: ApiAs, payer: User) -> APIClient:
    return api_as(payer)


def start(client: APIClient, **more: Any) -> str:
    return str(client.post(INTENTS, TEN | more).data["id"])


def test_a_customer_for_oneself(client: APIClient, payer: User) -> None:
    first, again = client.post("/api/stripe/customers"), client.post("/api/stripe/customers")
    assert (first.status_code, first.data["email"]) == (201, payer.email)
    assert first.data == again.data
    assert client.get(f"/api/stripe/customers/{first.data['id']}").data == first.data


def test_kept_cards_are_listed_and_forgotten(client: APIClient, api_as: ApiAs, provider: FakeProvider) -> None:
    path, card = "/api/stripe/payment-methods", {"id": "pm_1", "label": "Visa ending 4242", "expires": "04/31"}
    assert client.get(path).data["results"] == []
    provider.saved, provider.saved_by = [Card(**card)], client.post("/api/stripe/customers").data["id"]
    assert client.get(path).data["results"] == [card]
    stranger = api_as(ClientFactory.create())
    assert (stranger.get(path).data["results"], stranger.delete(f"{path}/pm_1").status_code) == ([], 404)
    assert [client.delete(f"{path}/pm_1").status_code for _ in range(2)] == [204, 404]
    provider.fail_before = {"cards"}
    assert client.get(path).status_code == 503


def test_an_intent(client: APIClient) -> None:
    response = client.post(INTENTS, TEN | {"metadata": {"order": "7"}, "nonsense": True, "status": "succeeded"})
    assert response.status_code == 201
    data = response.data
    assert (data["amount"], data["currency"], data["status"]) == (10_00, "usd", "requires_payment_method")
    assert (data["amount_received"], data["metadata"]) == (0, {"order": "7"})
    assert data["client_secret"].startswith(data["id"])
    assert client.get(f"{INTENTS}/{data['id']}").data == data


def test_confirming(client: APIClient) -> None:
    intent = start(client)
    for _ in range(2):
        response = client.post(f"{INTENTS}/{intent}/confirm", {"payment_method": VISA})
        assert (response.status_code, response.data["status"], response.data["amount_received"]) == (
            200,
            "succeeded",
            10_00,
        )
    assert client.get("/api/wallet").data["balances"][0]["credit"] == 10_00


def test_a_declined_card(client: APIClient) -> None:
    intent = start(client)
    response = client.post(f"{INTENTS}/{intent}/confirm", {"payment_method": DECLINED})
    assert (response.status_code, response.data["error_type"]) == (409, "card_declined")
    assert response.data["detail"] == "Your card was declined."
    stored = client.get(f"{INTENTS}/{intent}").data
    assert (stored["status"], stored["last_payment_error"]["code"]) == ("requires_payment_method", "generic_decline")
    assert client.post(f"{INTENTS}/{intent}/confirm", {"payment_method": VISA}).data["status"] == "succeeded"


def test_three_d_secure(client: APIClient, provider: FakeProvider) -> None:
    intent = start(client)
    response = client.post(f"{INTENTS}/{intent}/confirm", {"payment_method": THREE_D_SECURE})
    assert (response.status_code, response.data["status"]) == (200, "requires_action")


def test_manual_capture(client: APIClient) -> None:
    intent = start(client, capture_method="manual")
    confirmed = client.post(f"{INTENTS}/{intent}/confirm", {"payment_method": VISA})
    assert confirmed.data["status"] == "requires_capture"
    captured = client.post(f"{INTENTS}/{intent}/capture", {"amount_to_capture": 7_00})
    assert (captured.data["status"], captured.data["amount_received"]) == ("succeeded", 7_00)


def test_cancelling(client: APIClient) -> None:
    intent = start(client)
    assert client.post(f"{INTENTS}/{intent}/cancel").data["status"] == "canceled"
    refused = client.post(f"{INTENTS}/{intent}/confirm", {"payment_method": VISA})
    assert (refused.status_code, refused.data["error_type"]) == (409, "payment_cancelled")


def test_refunding_credit(client: APIClient) -> None:
    intent = start(client)
    client.post(f"{INTENTS}/{intent}/confirm", {"payment_method": VISA})
    response = client.post("/api/stripe/refunds", {"payment_intent": intent, "amount": 4_00, "reason": "Too much"})
    assert (response.status_code, response.data["status"], response.data["amount"]) == (201, "succeeded", 4_00)
    assert client.get(f"/api/stripe/refunds/{response.data['id']}").data == response.data
    too_much = client.post("/api/stripe/refunds", {"payment_intent": intent, "amount": 6_01})
    assert (too_much.status_code, too_much.data["error_type"]) == (409, "amount_exceeds_payment")


def test_held_funds_are_not_refunded_by_asking(api_as: ApiAs, provider: FakeProvider) -> None:
    hold = funded_hold(provider=provider)
    response = api_as(hold.payer).post("/api/stripe/refunds", {"payment_intent": hold.payments.get().intent_id})
    assert (response.status_code, response.data["error_type"]) == (409, "funds_held")


def test_a_refund_that_the_provider_refuses(client: APIClient, payer: User, provider: FakeProvider) -> None:
    payment = add_credit(payer, Money(10_00, "USD"), provider)
    provider.refuse_refunds = True
    response = client.post("/api/stripe/refunds", {"payment_intent": payment.intent_id})
    assert (response.status_code, response.data["error_type"]) == (409, "refund_failed")


def test_the_provider_does_not_answer(client: APIClient, provider: FakeProvider) -> None:
    provider.fail_before.add("create_intent")
    response = client.post(INTENTS, TEN)
    assert response.status_code == 503
    assert "Nothing was lost" in response.data["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"amount": "ten"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": 10**12}, "amount"),
        ({"currency": "xxx"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"currency": 7}, "currency"),
        ({"capture_method": "later"}, "capture_method"),
        ({"description": "x" * 201}, "description"),
        ({"customer_id": "x" * 81}, "customer_id"),
        ({"metadata": "x"}, "metadata"),
        ({"metadata": {"a": "x" * 501}}, "metadata.a"),
        ({"metadata": {"guildhall_payment": "7"}}, "metadata"),
        ({"metadata": {"a\0b": "x"}}, "metadata"),
        ({"metadata": {str(number): "x" for number in range(21)}}, "metadata"),
        ({"metadata": {"a": {"b": "c"}}}, "metadata.a"),
    ],
    ids=str,
)
def test_bad_input(client: APIClient, body: dict[str, Any], field: str) -> None:
    response = client.post(INTENTS, TEN | body)
    assert (response.status_code, list(response.data["fields"])) == (400, [field])
    assert not Payment.objects.exists()


@pytest.mark.parametrize("path", ["confirm", "capture"])
def test_bad_input_of_later_steps(client: APIClient, path: str) -> None:
    intent = start(client, capture_method="manual")
    body = {"confirm": {"payment_method": "x" * 81}, "capture": {"amount_to_capture": -5}}[path]
    assert client.post(f"{INTENTS}/{intent}/{path}", body).status_code == 400


def test_confirming_without_a_card(client: APIClient) -> None:
    response = client.post(f"{INTENTS}/{start(client)}/confirm", {})
    assert (response.status_code, list(response.data["fields"])) == (400, ["payment_method"])


@pytest.mark.parametrize("body", [{}, {"payment_intent": "pi_1", "amount": 0}, {"payment_intent": "x" * 81}])
def test_bad_input_of_refunds(client: APIClient, body: dict[str, Any]) -> None:
    assert client.post("/api/stripe/refunds", body).status_code == 400


OWN = [
    ("get", INTENTS + "/{intent}", None),
    ("post", INTENTS + "/{intent}/confirm", {"payment_method": VISA}),
    ("post", INTENTS + "/{intent}/capture", {}),
    ("post", INTENTS + "/{intent}/capture", {"amount_to_capture": 5}),
    ("post", INTENTS + "/{intent}/cancel", {}),
    ("post", "/api/stripe/refunds", {"payment_intent": "{intent}"}),
    ("post", "/api/stripe/refunds", {"payment_intent": "{intent}", "amount": 5}),
    ("post", INTENTS, TEN | {"customer_id": "{customer}"}),
    ("get", "/api/stripe/customers/{customer}", None),
    ("get", "/api/stripe/refunds/{refund}", None),
    ("get", "/api/payments/{payment}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), OWN)
def test_what_is_somebody_elses_is_not_there(
    api: APIClient, api_as: ApiAs, payer: User, provider: FakeProvider, method: str, path: str, body: Any
) -> None:
    payment = add_credit(payer, Money(10_00, "USD"), provider)
    owner = api_as(payer)
    refund = owner.post("/api/stripe/refunds", {"payment_intent": payment.intent_id, "amount": 1}).data["id"]
    ids = {
        "intent": payment.intent_id,
        "customer": payer.payment_customer.customer_id,
        "refund": refund,
        "payment": payment.pk,
    }
    filled = body and {name: text.format(**ids) if isinstance(text, str) else text for name, text in body.items()}
    stranger = api_as(ClientFactory.create())
    assert getattr(stranger, method)(path.format(**ids), filled).status_code == 404
    assert getattr(api, method)(path.format(**ids), filled).status_code == 401


@pytest.mark.parametrize("path", [INTENTS + "/pi_0", "/api/stripe/refunds/re_0", "/api/stripe/customers/cus_0"])
def test_what_does_not_exist(client: APIClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_an_unverified_person_pays_nothing(api_as: ApiAs) -> None:
    response = api_as(ClientFactory.create(unverified=True)).post(INTENTS, TEN)
    assert (response.status_code, response.data["error_type"]) == (403, "email_not_verified")


def test_the_owner_cannot_mark_an_intent_paid(client: APIClient) -> None:
    intent = start(client)
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(f"{INTENTS}/{intent}", {"status": "succeeded"}).status_code == 405
    client.post(f"{INTENTS}/{intent}/capture", {"status": "succeeded", "amount_received": 10_00})
    assert client.get(f"{INTENTS}/{intent}").data["amount_received"] == 0


def test_an_idempotency_key_makes_one_intent(client: APIClient, provider: FakeProvider) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answers = [client.post(INTENTS, TEN, headers=key) for _ in range(3)]
    assert len({answer.data["id"] for answer in answers}) == 1
    assert len(provider.intents) == 1
    other = client.post(INTENTS, TEN | {"amount": 11_00}, headers=key)
    assert (other.status_code, other.data["error_type"]) == (409, "idempotency_conflict")


def test_payments_of_a_hold_are_the_payers(api_as: ApiAs, provider: FakeProvider) -> None:
    hold = funded_hold(provider=provider)
    intent = hold.payments.get().intent_id
    assert api_as(hold.payer).get(f"{INTENTS}/{intent}").data["status"] == "succeeded"
    assert api_as(hold.payee).get(f"{INTENTS}/{intent}").status_code == 404


def test_trying_out_cards_is_limited(client: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    intent = start(client)
    settings.RATE_LIMIT_FACTOR = 1
    monkeypatch.setattr("payments.services.payments.PAYMENTS_PER_HOUR", 3)
    tries = [client.post(f"{INTENTS}/{intent}/confirm", {"payment_method": DECLINED}) for _ in range(3)]
    assert [response.status_code for response in tries] == [409, 409, 429]
    assert int(tries[-1]["Retry-After"]) > 0


def test_a_second_customer_does_not_see_the_first(api_as: ApiAs, payer: User) -> None:
    create_payment(payer, amount=Money(5_00, "USD"))
    assert api_as(ClientFactory.create()).get("/api/payments").data["count"] == 0


def died_before_answering() -> None:
    """What is left when the process ends between its last commit and the note of its answer."""
    IdempotencyRecord.objects.update(status=None, body="")


@pytest.mark.parametrize(("path", "more"), [(INTENTS, {}), ("/api/payments", {"payment_method": VISA})])
def test_repeating_a_key_after_a_crash_goes_on_with_the_first_payment(
    client: APIClient, provider: FakeProvider, path: str, more: dict[str, Any]
) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = client.post(path, TEN | more, headers=key)
    died_before_answering()
    again = client.post(path, TEN | more, headers=key)
    assert (again.status_code, again.data["id"]) == (201, first.data["id"])
    assert (Payment.objects.count(), len(provider.intents)) == (1, 1)


def test_another_request_under_the_key_of_one_that_failed_is_refused(client: APIClient, provider: FakeProvider) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    provider.fail_before.add("create_intent")
    assert client.post(INTENTS, TEN, headers=key).status_code == 503
    other = client.post(INTENTS, TEN | {"amount": 11_00}, headers=key)
    assert (other.status_code, other.data["error_type"]) == (409, "idempotency_conflict")
    assert client.post(INTENTS, TEN, headers=key).data["amount"] == 10_00


def test_repeating_a_key_after_a_crash_sends_nothing_back_twice(
    client: APIClient, payer: User, provider: FakeProvider
) -> None:
    payment = add_credit(payer, Money(10_00, "USD"), provider)
    key, body = {"Idempotency-Key": "once"}, {"payment_intent": payment.intent_id, "amount": 4_00}
    first = client.post("/api/stripe/refunds", body, headers=key)
    died_before_answering()
    again = client.post("/api/stripe/refunds", body, headers=key)
    assert (again.status_code, again.data) == (201, first.data)
    other = client.post("/api/stripe/refunds", body, headers={"Idempotency-Key": "twice"})
    assert other.data["id"] != first.data["id"]
    assert [refund.amount_minor for refund in provider.refunds.values()] == [4_00, 4_00]


def test_a_name_of_metadata_with_a_null_character_is_refused(client: APIClient) -> None:
    response = client.post(INTENTS, TEN | {"metadata": {"order\0": "7"}})
    assert (response.status_code, list(response.data["fields"])) == (400, ["metadata"])


def test_a_key_that_was_forgotten_begins_another_payment_with_another_body(client: APIClient) -> None:
    key = {"Idempotency-Key": "once"}
    first = client.post(INTENTS, TEN, headers=key).data["id"]
    IdempotencyRecord.objects.all().delete()
    assert client.post(INTENTS, TEN, headers=key).data["id"] == first
    IdempotencyRecord.objects.all().delete()
    other = client.post(INTENTS, TEN | {"amount": 20_00}, headers=key).data
    assert (other["id"] != first, other["amount"]) == (True, 20_00)
