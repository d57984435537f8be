"""What PayPal tells us: signed, delivered in any order, and about payments of ours."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from core.money import Money
from payments.models import Payment, ProviderEvent, Refund
from payments.providers import PayPalProvider
from payments.services import pay_hold, process_event, refund_hold, send_refund, store_event
from payments.tests.factories import make_hold
from payments.tests.paypal_process import TOKEN, Standin, adapter, make_order, real, standin

__all__ = ["adapter", "real", "standin"]  # fixtures


@pytest.fixture
def received(standin: Standin) -> Iterator[list[tuple[dict[str, str], bytes]]]:
    """What the stand-in sends to a webhook: headers and body."""
    kept: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    standin.control("/webhook", {"url": f"http://127.0.0.1:{server.server_port}/"})
    yield kept
    server.shutdown()
    server.server_close()


def paypal_headers(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower().startswith("paypal-")}


@pytest.mark.django_db
def test_a_hold_is_paid_and_given_back_by_events_alone(
    real: PayPalProvider, standin: Standin, received: list[tuple[dict[str, str], bytes]], client: Client
) -> None:
    hold = make_hold(Money(600_01, "USD"))
    payment = pay_hold(hold.payer, hold_id=hold.pk, provider="paypal")
    standin.approve(payment.intent_id or "")  # and the person never comes back to our page
    deliver(standin, received, client)
    payment.refresh_from_db()
    hold.refresh_from_db()
    assert (payment.status, hold.status) == ("succeeded", "held")
    refund_hold(None, hold=hold, reason="", cause="test")
    refund = Refund.objects.get()
    assert send_refund(refund.pk).status == "succeeded"
    deliver(standin, received, client)
    refund.refresh_from_db()
    assert (refund.status, Payment.objects.get().refunded_minor) == ("succeeded", 600_01)
    assert ProviderEvent.objects.filter(processed_at=None).count() == 0


def deliver(standin: Standin, received: list[tuple[dict[str, str], bytes]], client: Client) -> None:
    """Everything sent so far reaches our webhook twice, and is processed."""
    standin.control("/deliveries/flush")
    for headers, body in [*received, *received]:
        signed = paypal_headers(headers)
        answer = client.post("/api/paypal/webhooks", body, content_type="application/json", headers=signed)
        assert (answer.status_code, answer.json()) == (200, {"received": True})
    received.clear()
    for event in ProviderEvent.objects.filter(processed_at=None).order_by("-pk"):
        process_event(event.pk)
    standin.control("/deliveries/flush")


@pytest.mark.django_db
def test_what_paypal_did_not_send_is_refused(
    real: PayPalProvider, standin: Standin, received: list[tuple[dict[str, str], bytes]], client: Client
) -> None:
    make_order(real)
    standin.approve(make_order(real).id)
    standin.control("/deliveries/flush")
    headers, body = received[0]
    signed = paypal_headers(headers)

    def post(headers: dict[str, str], body: bytes) -> tuple[int, str]:
        answer = client.post("/api/paypal/webhooks", body, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()["error_type"]

    changed = json.dumps(json.loads(body) | {"id": "WH-forged"}).encode()
    assert post(signed, changed) == (400, "invalid_signature")
    assert post(signed | {"PayPal-Transmission-Sig": "Zm9yZ2Vk"}, body) == (400, "invalid_signature")
    assert post({}, body) == (400, "invalid_signature")
    assert post(signed, b"[]") == (400, "invalid_event")
    assert post(signed, b"{") == (400, "invalid_event")
    assert post(signed, b'{"id": "WH-1", "event_type": "X", "resource": "Y"}') == (400, "invalid_event")
    standin.fault("error_before", "/v1/notifications/")
    assert post(signed, body)[0] == 503  # PayPal sends it again later
    assert not ProviderEvent.objects.exists()


@pytest.mark.django_db
def test_without_paypal_there_is_no_webhook(client: Client, settings: Any) -> None:
    settings.PAYPAL_CLIENT_ID = ""
    answer = client.post("/api/paypal/webhooks", {}, content_type="application/json")
    assert answer.status_code == 404


@pytest.mark.django_db
def test_an_event_about_somebody_elses_order_changes_nothing(
    real: PayPalProvider, standin: Standin, received: list[tuple[dict[str, str], bytes]], client: Client
) -> None:
    order = make_order(real)
    standin.approve(order.id)
    deliver(standin, received, client)
    assert real.retrieve_intent(order.id).status == "requires_confirmation"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("refund", {"id": "1JU08902781691411", "custom_id": "1-1"}),
        ("capture", {"id": "1JU08902781691411", "custom_id": "nonsense"}),
        ("checkout-order", {"id": "5O190127TN364715T", "purchase_units": [{"custom_id": TOKEN}]}),
        ("dispute", {"dispute_id": "PP-D-27803"}),
    ],
)
def test_events_about_what_we_do_not_know_are_kept_and_change_nothing(
    real: PayPalProvider, kind: str, resource: dict[str, Any]
) -> None:
    about = {"id": f"WH-{kind}", "event_type": "SOME.THING", "resource_type": kind, "resource": resource}
    process_event(store_event(about, provider="paypal").pk)
    assert ProviderEvent.objects.get().processed_at is not None
    assert not Payment.objects.exists()


@pytest.mark.django_db
def test_an_event_is_stored_once_for_each_provider(real: PayPalProvider) -> None:
    about = {"id": "evt_1", "event_type": "X", "type": "X", "resource": {}, "data": {"object": {}}}
    for provider in ("paypal", "stripe", "paypal"):
        store_event(about, provider=provider)
    assert set(ProviderEvent.objects.values_list("provider", "event_id")) == {("paypal", "evt_1"), ("stripe", "evt_1")}
    assert ProviderEvent.objects.count() == 2
