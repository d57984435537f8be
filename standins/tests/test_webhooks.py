from __future__ import annotations

import json
import time

import pytest
import stripe

from standins.common.webhooks import pause_after
from standins.stripe.config import Config

from .payments import authorised, create_intent, paid
from .process import WEBHOOK_SECRET, Receiver, Standin


def verified(receiver: Receiver, *, tolerance: int = stripe.Webhook.DEFAULT_TOLERANCE) -> stripe.Event:
    """The last webhook, its signature checked by Stripe's library."""
    received = receiver.received[-1]
    event: stripe.Event = stripe.Webhook.construct_event(
        received.payload, received.signature, WEBHOOK_SECRET, tolerance
    )
    return event


def test_events_arrive_signed_and_equal_what_the_api_tells(standin: Standin, receiver: Receiver) -> None:
    customer = standin.v1.customers.create({"name": "Ada"})
    standin.flush()
    event = verified(receiver)
    assert (event.type, event.data.object["id"], event.livemode) == ("customer.created", customer.id, False)
    kept = standin.v1.events.retrieve(event.id)
    assert kept.data.to_dict() == event.data.to_dict()
    assert (event.pending_webhooks, kept.pending_webhooks) == (1, 0)


def test_a_changed_body_does_not_verify(standin: Standin, receiver: Receiver) -> None:
    standin.v1.customers.create({"name": "Ada"})
    standin.flush()
    received = receiver.received[0]
    forged = received.payload.replace("Ada", "Eve")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(forged, received.signature, WEBHOOK_SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(received.payload, received.signature, "whsec_other")


def test_events_name_the_request_that_caused_them(standin: Standin, receiver: Receiver) -> None:
    answer = standin.raw("POST", "/v1/customers", data={"name": "Ada"}, headers={"Idempotency-Key": "c-1"})
    standin.flush()
    request = {"id": answer.headers["Request-Id"], "idempotency_key": "c-1"}
    assert receiver.received[0].event["request"] == request


def test_a_whole_payment_is_told(standin: Standin, receiver: Receiver) -> None:
    intent = authorised(standin)
    standin.v1.payment_intents.capture(intent.id, {"amount_to_capture": 8_000})
    standin.v1.refunds.create({"payment_intent": intent.id})
    standin.flush()
    assert sorted(receiver.types) == sorted(standin.event_types())
    assert set(receiver.types) == {
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
        "charge.refunded",
        "refund.created",
    }


def test_the_event_shows_the_object_as_it_was_then(standin: Standin, receiver: Receiver) -> None:
    intent = authorised(standin)
    standin.v1.payment_intents.capture(intent.id)
    standin.flush()
    statuses = {
        received.type: received.event["data"]["object"]["status"]
        for received in receiver.received
        if received.type.startswith("payment_intent.")
    }
    assert statuses == {
        "payment_intent.created": "requires_confirmation",
        "payment_intent.amount_capturable_updated": "requires_capture",
        "payment_intent.succeeded": "succeeded",
    }


def test_a_replayed_request_tells_nothing_new(standin: Standin, receiver: Receiver) -> None:
    for _ in range(3):
        standin.v1.customers.create({"name": "Ada"}, {"idempotency_key": "c-1"})
    standin.flush()
    assert receiver.types == ["customer.created"]


@pytest.mark.parametrize("failures", [[500], [404, 302, 503], [500] * 14])
def test_other_answers_than_success_are_tried_again(standin: Standin, receiver: Receiver, failures: list[int]) -> None:
    receiver.answers = list(failures)
    standin.v1.customers.create({})
    standin.flush()
    assert len(receiver.received) == len(failures) + 1
    assert len({received.event["id"] for received in receiver.received}) == 1
    assert verified(receiver).type == "customer.created"
    delivery = standin.control("GET", "/deliveries")["data"][0]
    assert (delivery["state"], delivery["tries"], delivery["status"]) == ("delivered", len(failures) + 1, 200)


def test_any_success_will_do(standin: Standin, receiver: Receiver) -> None:
    receiver.answers = [204]
    standin.v1.customers.create({})
    standin.flush()
    assert len(receiver.received) == 1


def test_nobody_listening_is_tried_again(standin: Standin, receiver: Receiver) -> None:
    standin.control("POST", "/webhook-endpoint", {"url": "http://127.0.0.1:9/"})
    standin.v1.customers.create({})
    deadline = time.monotonic() + 20
    while standin.control("GET", "/deliveries")["data"][0]["tries"] < 2:
        assert time.monotonic() < deadline
    assert "Connect" in standin.control("GET", "/deliveries?state=pending")["data"][0]["error"]
    standin.control("POST", "/webhook-endpoint", {"url": receiver.url})
    standin.flush()
    assert verified(receiver).type == "customer.created"


def test_pauses_between_tries_double_up_to_a_longest() -> None:
    pauses = [round(pause_after(tries, Config()), 1) for tries in range(1, 12)]
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0, 30.0]
    assert Config().webhook_tries >= 15


def test_a_pause_is_kept_unless_flushed(receiver: Receiver) -> None:
    options = ("--webhook-retry-first", "600", "--webhook-retry-cap", "600")
    standin = Standin("--webhook-url", receiver.url, "--webhook-secret", WEBHOOK_SECRET, *options)
    try:
        receiver.answers = [500]
        standin.v1.customers.create({"name": "1"})
        receiver.wait_for(1)
        standin.v1.customers.create({"name": "2"})
        receiver.wait_for(2)
        assert [received.event["data"]["object"]["name"] for received in receiver.received] == ["1", "2"]
        standin.flush()
        assert [received.event["data"]["object"]["name"] for received in receiver.received] == ["1", "2", "1"]
    finally:
        standin.stop()


def test_after_the_last_try_an_event_is_given_up_until_sent_again(receiver: Receiver) -> None:
    options = ("--webhook-tries", "2", "--webhook-retry-first", "0.01")
    standin = Standin("--webhook-url", receiver.url, "--webhook-secret", WEBHOOK_SECRET, *options)
    try:
        receiver.answers = [500, 500]
        standin.v1.customers.create({})
        standin.flush()
        assert [row["state"] for row in standin.control("GET", "/deliveries")["data"]] == ["failed"]
        event = receiver.received[0].event["id"]
        assert standin.control("POST", f"/events/{event}/redeliver") == {"queued": 1}
        standin.flush()
        assert len(receiver.received) == 3
    finally:
        standin.stop()


def test_endpoints_over_the_api(standin: Standin) -> None:
    receiver = Receiver()
    endpoint = standin.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["payment_intent.succeeded"], "metadata": {"a": "1"}}
    )
    assert endpoint.secret is not None
    assert "secret" not in standin.v1.webhook_endpoints.retrieve(endpoint.id)
    paid(standin)
    standin.flush()
    assert receiver.types == ["payment_intent.succeeded"]
    received = receiver.received[0]
    stripe.Webhook.construct_event(received.payload, received.signature, endpoint.secret)
    standin.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
    paid(standin)
    standin.v1.webhook_endpoints.update(endpoint.id, {"disabled": False, "enabled_events": ["*"]})
    standin.v1.customers.create({})
    standin.flush()
    assert receiver.types == ["payment_intent.succeeded", "customer.created"]
    standin.v1.webhook_endpoints.delete(endpoint.id)
    assert standin.v1.webhook_endpoints.list().data == []
    standin.v1.customers.create({})
    standin.flush()
    assert len(receiver.received) == 2
    receiver.stop()


def test_the_configured_endpoint_is_listed(standin: Standin, receiver: Receiver) -> None:
    endpoint = standin.v1.webhook_endpoints.list().data[0]
    assert (endpoint.url, endpoint.enabled_events, endpoint.status) == (receiver.url, ["*"], "enabled")


@pytest.mark.parametrize(("order", "expected"), [("created", ["1", "2", "3", "4"]), ("reverse", ["4", "3", "2", "1"])])
def test_hold_and_release(standin: Standin, receiver: Receiver, order: str, expected: list[str]) -> None:
    standin.control("POST", "/webhooks", {"hold": True})
    for number in range(1, 5):
        standin.v1.customers.create({"name": str(number)})
    assert standin.control("POST", "/deliveries/flush", {"timeout": 1}) == {"pending": 4}
    assert receiver.received == []
    assert standin.control("POST", "/webhooks/release", {"order": order}) == {"tried": 4}
    assert [received.event["data"]["object"]["name"] for received in receiver.received] == expected
    standin.v1.customers.create({"name": "5"})
    standin.flush()
    assert len(receiver.received) == 5


def test_release_in_a_shuffled_order_is_the_same_for_the_same_seed(standin: Standin, receiver: Receiver) -> None:
    orders = []
    for _ in range(2):
        receiver.received.clear()
        standin.control("POST", "/webhooks", {"hold": True})
        for number in range(8):
            standin.v1.customers.create({"name": str(number)})
        standin.control("POST", "/webhooks/release", {"order": "shuffled", "seed": 7})
        orders.append([received.event["data"]["object"]["name"] for received in receiver.received])
    assert orders[0] == orders[1]
    assert orders[0] != sorted(orders[0])


def test_duplicates(standin: Standin, receiver: Receiver) -> None:
    standin.control("POST", "/webhooks", {"duplicates": 2})
    standin.v1.customers.create({})
    standin.flush()
    assert len(receiver.received) == 3
    assert len({received.event["id"] for received in receiver.received}) == 1


def test_jitter_delivers_everything(standin: Standin, receiver: Receiver) -> None:
    standin.control("POST", "/webhooks", {"jitter": 0.05})
    for number in range(10):
        standin.v1.customers.create({"name": str(number)})
    standin.flush()
    assert len({received.event["id"] for received in receiver.received}) == 10


def test_stale_signatures(standin: Standin, receiver: Receiver) -> None:
    standin.control("POST", "/webhooks", {"clock_offset": -400})
    standin.v1.customers.create({})
    standin.flush()
    with pytest.raises(stripe.SignatureVerificationError, match="outside the tolerance"):
        verified(receiver)
    assert verified(receiver, tolerance=1_000).type == "customer.created"


def test_forged_signatures_and_the_other_mode(standin: Standin, receiver: Receiver) -> None:
    standin.control("POST", "/webhooks", {"wrong_secret": True})
    standin.v1.customers.create({})
    standin.flush()
    with pytest.raises(stripe.SignatureVerificationError):
        verified(receiver)
    standin.control("POST", "/webhooks", {"wrong_secret": False, "live": True})
    standin.v1.customers.create({})
    standin.flush()
    assert verified(receiver).livemode is True


def test_unknown_switches_are_refused(standin: Standin) -> None:
    assert standin.http.post("/standin/webhooks", json={"colour": "red"}).status_code == 400
    assert standin.http.post("/standin/webhooks/release", json={"order": "up"}).status_code == 400
    assert standin.http.post("/standin/webhooks", content="{").status_code == 400


def test_the_body_is_readable_text(standin: Standin, receiver: Receiver) -> None:
    standin.v1.customers.create({"name": "Zoë 木"})
    standin.flush()
    assert json.loads(receiver.received[0].payload)["data"]["object"]["name"] == "Zoë 木"
    assert verified(receiver).data.object["name"] == "Zoë 木"


def test_only_some_types_are_held_or_sent_twice(standin: Standin, receiver: Receiver) -> None:
    standin.control("POST", "/webhooks", {"hold": True, "types": ["charge.", "refund."]})
    intent = paid(standin)
    standin.v1.refunds.create({"payment_intent": intent.id})
    receiver.wait_for(2)
    standin.control("POST", "/deliveries/flush", {"timeout": 1})
    assert set(receiver.types) == {"payment_intent.created", "payment_intent.succeeded"}
    standin.control("POST", "/webhooks/release", {"order": "reverse"})
    assert receiver.types[-1] == "charge.succeeded"
    standin.control("POST", "/webhooks", {"duplicates": 1, "types": ["customer."]})
    receiver.received.clear()
    standin.v1.customers.create({})
    create_intent(standin)
    standin.flush()
    assert sorted(receiver.types) == ["customer.created", "customer.created", "payment_intent.created"]


def test_a_delayed_webhook_comes_later(standin: Standin, receiver: Receiver) -> None:
    standin.control("POST", "/webhooks", {"delay": 0.5, "types": ["customer."]})
    standin.v1.customers.create({})
    create_intent(standin)
    standin.flush()
    assert receiver.types == ["payment_intent.created", "customer.created"]
