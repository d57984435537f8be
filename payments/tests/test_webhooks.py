import itertools
import json
import time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from stripe import WebhookSignature

from core.errors import Unavailable
from core.money import Money
from payments.models import Hold, Journal, Payment, ProviderEvent, Refund
from payments.providers import PAYMENT_KEY, REFUND_KEY
from payments.services import events as event_services
from payments.services import pay_hold, process_event, refund_hold, send_refund
from payments.services import settle as settle_services
from payments.tests.factories import make_hold
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
URL = "/api/stripe/webhooks"


@pytest.fixture(autouse=True)
def mirrored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """dj-stripe's copies need the real provider; here it is only seen that they are asked for."""
    seen: list[str] = []
    monkeypatch.setattr(event_services, "mirror", lambda about: seen.append(about["object"]))
    return seen


def signed(event: Any, *, secret: str = "", age: int = 0) -> tuple[str, str]:
    body = event if isinstance(event, str) else json.dumps(event)
    moment = int(time.time()) - age
    secret = secret or settings.STRIPE_WEBHOOK_SECRET
    return body, WebhookSignature.generate_signature_header(body, secret, moment)


def send(client: Client, event: Any, **how: Any) -> Any:
    body, signature = signed(event, **how)
    return client.post(URL, body, content_type="application/json", headers={"Stripe-Signature": signature})


def event_of(about: dict[str, Any], kind: str = "payment_intent.succeeded", number: int = 1) -> dict[str, Any]:
    return {"id": f"evt_{kind}_{number}", "object": "event", "type": kind, "livemode": False, "data": {"object": about}}


def intent_object(payment: Payment, status: str = "succeeded", **more: Any) -> dict[str, Any]:
    return {
        "id": payment.intent_id,
        "object": "payment_intent",
        "status": status,
        "amount": payment.amount_minor,
        "amount_received": payment.amount_minor if status == "succeeded" else 0,
        "currency": payment.currency.lower(),
        "livemode": False,
        "metadata": {PAYMENT_KEY: str(payment.token)},
        "latest_charge": "ch_1" if status == "succeeded" else None,
        **more,
    }


def refund_object(refund: Refund, status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": refund.refund_id or "re_1",
        "object": "refund",
        "status": status,
        "amount": refund.amount_minor,
        "currency": refund.currency.lower(),
        "payment_intent": refund.payment.intent_id,
        "metadata": {REFUND_KEY: refund.reference},
        **more,
    }


def work_off() -> None:
    for event in ProviderEvent.objects.filter(processed_at=None).order_by("pk"):
        process_event(event.pk)


@pytest.fixture
def hold() -> Hold:
    return make_hold(Money(600_01, "USD"))


@pytest.fixture
def payment(provider: FakeProvider, hold: Hold) -> Payment:
    return pay_hold(hold.payer, hold_id=hold.pk)


def status_of(hold: Hold) -> str:
    hold.refresh_from_db()
    return str(hold.status)


def test_an_event_is_stored_once_and_processed_by_a_job(client: Client, payment: Payment, hold: Hold) -> None:
    event = event_of(intent_object(payment))
    for _ in range(3):
        assert send(client, event).status_code == 200
    assert (ProviderEvent.objects.count(), status_of(hold)) == (1, "pending")
    assert ProcrastinateJob.objects.filter(task_name="payments.process_event").count() == 1
    assert ProviderEvent.objects.get().payload == event
    work_off()
    assert status_of(hold) == "held"


def test_processing_again_changes_nothing(client: Client, payment: Payment, hold: Hold, mirrored: list[str]) -> None:
    send(client, event_of(intent_object(payment)))
    for _ in range(3):
        process_event(ProviderEvent.objects.get().pk)
    assert (Journal.objects.count(), mirrored) == (1, ["payment_intent"])


@pytest.mark.parametrize(
    "how",
    [{"secret": "whsec_" + "x" * 32}, {"age": 301}, {"age": 3 * 24 * 3600}],
    ids=["forged", "stale", "very-stale"],
)
def test_what_the_provider_did_not_sign_just_now_is_refused(
    client: Client, payment: Payment, how: dict[str, Any]
) -> None:
    response = send(client, event_of(intent_object(payment)), **how)
    assert (response.status_code, response.json()["error_type"]) == (400, "invalid_signature")
    assert not ProviderEvent.objects.exists()


def test_a_body_that_was_changed_on_the_way_is_refused(client: Client, payment: Payment) -> None:
    body, signature = signed(event_of(intent_object(payment)))
    changed = body.replace("60001", "00001")
    response = client.post(URL, changed, content_type="application/json", headers={"Stripe-Signature": signature})
    assert response.status_code == 400


@pytest.mark.parametrize("headers", [{}, {"Stripe-Signature": ""}, {"Stripe-Signature": "t=now,v1=abc"}])
def test_an_unsigned_body_is_refused(client: Client, headers: dict[str, str]) -> None:
    assert client.post(URL, "{}", content_type="application/json", headers=headers).status_code == 400


@pytest.mark.parametrize(
    "body", ["{}", "[]", "null", "not json", '{"id": 1, "type": "x", "livemode": false, "data": {"object": {}}}']
)
def test_what_is_no_event_is_refused(client: Client, body: str) -> None:
    assert send(client, body).status_code == 400


def test_without_a_secret_there_is_no_endpoint(client: Client, payment: Payment, settings: Any) -> None:
    body, signature = signed(event_of(intent_object(payment)))
    settings.STRIPE_WEBHOOK_SECRET = ""
    response = client.post(URL, body, content_type="application/json", headers={"Stripe-Signature": signature})
    assert response.status_code == 404


def test_the_endpoint_of_connected_accounts_signs_with_its_own_secret(client: Client, settings: Any) -> None:
    event = event_of({"id": "acct_1", "object": "account"}, "account.updated")
    assert send(client, event, secret="whsec_connected").status_code == 400
    settings.STRIPE_CONNECT_WEBHOOK_SECRET = "whsec_connected"
    assert send(client, event, secret="whsec_connected").status_code == 200
    assert send(client, event).status_code == 200
    assert ProviderEvent.objects.get().type == "account.updated"


def test_an_event_of_the_other_mode_is_not_kept(client: Client, payment: Payment) -> None:
    response = send(client, event_of(intent_object(payment)) | {"livemode": True})
    assert (response.status_code, response.json()) == (200, {"received": False})
    assert not ProviderEvent.objects.exists()


def test_only_posts(client: Client) -> None:
    assert client.get(URL).status_code in {401, 405}


KINDS = ["created", "requires_action", "processing", "payment_failed", "succeeded"]
STATUS = {
    "created": "requires_payment_method",
    "requires_action": "requires_action",
    "processing": "processing",
    "payment_failed": "requires_payment_method",
    "succeeded": "succeeded",
}


@pytest.mark.parametrize("order", list(itertools.permutations(KINDS, 5))[::7], ids="-".join)
def test_events_in_any_order_and_doubled_end_the_same(
    client: Client, provider: FakeProvider, payment: Payment, hold: Hold, order: tuple[str, ...]
) -> None:
    provider.pay(payment.intent_id or "")  # what is true when the events arrive
    for number, kind in enumerate((*order, *order)):
        about = intent_object(payment, STATUS[kind])
        if kind == "payment_failed":
            about["last_payment_error"] = {"code": "card_declined", "message": "No."}
        send(client, event_of(about, f"payment_intent.{kind}", number))
        work_off()
    payment.refresh_from_db()
    assert (payment.status, payment.failure_code, status_of(hold)) == ("succeeded", "", "held")
    assert Journal.objects.count() == 1


def test_declined_then_paid(client: Client, provider: FakeProvider, payment: Payment, hold: Hold) -> None:
    provider.decline(payment.intent_id or "")
    failed = intent_object(payment, "requires_payment_method", last_payment_error={"message": "No."})
    send(client, event_of(failed, "payment_intent.payment_failed"))
    work_off()
    payment.refresh_from_db()
    assert (payment.status, payment.failure_message) == ("failed", "Your card was declined.")
    provider.pay(payment.intent_id or "")
    send(client, event_of(intent_object(payment)))
    work_off()
    assert status_of(hold) == "held"


def test_an_event_that_comes_before_our_own_note_of_the_intent(
    client: Client, provider: FakeProvider, hold: Hold
) -> None:
    provider.fail_after.add("create_intent")
    with pytest.raises(Unavailable):
        pay_hold(hold.payer, hold_id=hold.pk)
    payment = hold.payments.get()
    [intent_id] = provider.intents
    send(client, event_of(intent_object(payment) | {"id": intent_id}))
    work_off()
    payment.refresh_from_db()
    assert (payment.intent_id, status_of(hold)) == (intent_id, "held")


def test_how_it_was_paid_is_kept_even_if_we_hear_it_before_our_own_note_of_the_intent(
    client: Client, provider: FakeProvider, hold: Hold
) -> None:
    provider.fail_after.add("create_intent")
    with pytest.raises(Unavailable):
        pay_hold(hold.payer, hold_id=hold.pk)
    payment = hold.payments.get()
    [intent_id] = provider.intents
    charge = {"id": "ch_1", "object": "charge", "payment_intent": intent_id, "receipt_url": "https://r.test/1"}
    send(client, event_of(charge | {"metadata": {PAYMENT_KEY: str(payment.token)}}, "charge.succeeded"))
    work_off()
    payment.refresh_from_db()
    assert payment.receipt_url == "https://r.test/1"


def test_an_intent_that_claims_somebody_elses_payment_is_ignored(client: Client, payment: Payment, hold: Hold) -> None:
    send(client, event_of(intent_object(payment) | {"id": "pi_other"}))
    work_off()
    assert (status_of(hold), ProviderEvent.objects.filter(processed_at=None).count()) == ("pending", 0)


def test_an_intent_of_another_amount_is_kept_for_staff(client: Client, payment: Payment, hold: Hold) -> None:
    send(client, event_of(intent_object(payment) | {"amount": 1, "amount_received": 1}))
    with pytest.raises(Exception, match="is not that of payment"):
        work_off()
    event = ProviderEvent.objects.get()
    assert (event.processed_at, event.attempts, status_of(hold)) == (None, 1, "pending")
    assert "SettlementMismatch" in event.last_error


def test_a_failure_in_between_undoes_everything_and_the_job_can_repeat(
    client: Client, payment: Payment, hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, event_of(intent_object(payment)))
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(settle_services, "fund_hold", lambda *_: 1 / 0)
        work_off()
    assert not Journal.objects.exists()
    work_off()
    assert (status_of(hold), ProviderEvent.objects.get().attempts) == ("held", 2)


def test_the_charge_brings_the_card_and_the_receipt(client: Client, payment: Payment) -> None:
    charge = {
        "id": "ch_1",
        "object": "charge",
        "payment_intent": payment.intent_id,
        "receipt_url": "https://pay.test/receipts/1",
        "payment_method_details": {"card": {"brand": "visa", "last4": "4242"}},
    }
    send(client, event_of(charge, "charge.succeeded"))
    work_off()
    payment.refresh_from_db()
    assert (payment.method_label, payment.receipt_url) == ("Visa ending 4242", "https://pay.test/receipts/1")


@pytest.fixture
def refund(provider: FakeProvider, payment: Payment, hold: Hold) -> Refund:
    provider.pay(payment.intent_id or "")
    pay_hold(hold.payer, hold_id=hold.pk, payment_method="pm_card_visa")
    hold.refresh_from_db()
    refund_hold(None, hold=hold, reason="", cause="test")
    return Refund.objects.get()


@pytest.mark.parametrize("order", list(itertools.permutations(["pending", "succeeded", "failed"])), ids="-".join)
def test_events_of_a_refund_in_any_order(client: Client, refund: Refund, order: tuple[str, ...]) -> None:
    for number, status in enumerate((*order, *order)):
        send(client, event_of(refund_object(refund, status), f"refund.{status}", number))
        work_off()
    refund.refresh_from_db()
    assert refund.status == "failed"


def test_an_event_of_a_refund_that_comes_before_our_note_of_it(client: Client, refund: Refund) -> None:
    send(client, event_of(refund_object(refund, "succeeded"), "refund.updated"))
    work_off()
    refund.refresh_from_db()
    assert (refund.status, refund.refund_id) == ("succeeded", "re_1")
    assert send_refund(refund.pk).status == "succeeded"


def test_a_refund_that_is_not_ours_is_told_to_staff(
    client: Client, refund: Refund, caplog: pytest.LogCaptureFixture
) -> None:
    send(client, event_of(refund_object(refund, "succeeded") | {"id": "re_x", "metadata": {}}, "refund.created"))
    work_off()
    refund.refresh_from_db()
    assert refund.status == "pending"
    assert ProviderEvent.objects.filter(processed_at=None).count() == 0


@pytest.mark.parametrize("kind", ["customer.created", "payment_method.attached", "some.thing.new"])
def test_other_events_are_only_mirrored(client: Client, mirrored: list[str], kind: str) -> None:
    send(client, event_of({"id": "x_1", "object": kind.split(".")[0]}, kind))
    work_off()
    assert mirrored == [kind.split(".")[0]]


def test_a_signature_of_letters_that_none_has_is_refused(client: Client) -> None:
    header = f"t={int(time.time())},v1=é"
    answer = client.post(URL, "{}", content_type="application/json", headers={"Stripe-Signature": header})
    assert (answer.status_code, answer.json()["error_type"]) == (400, "invalid_signature")


def test_what_is_nested_without_end_is_no_event_of_paypal(client: Client, settings: Any) -> None:
    settings.PAYPAL_CLIENT_ID = "id"
    answer = client.post("/api/paypal/webhooks", "[" * 100_000, content_type="application/json")
    assert (answer.status_code, answer.json()["error_type"]) == (400, "invalid_event")
