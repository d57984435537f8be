"""The PayPal adapter against the stand-in as a running process: tokens, orders, refunds, signatures, lost answers."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest import mock

import httpx
import pytest
from django.test import Client
from urllib3.util import Retry

from core.errors import Unavailable
from core.money import Money
from payments import providers
from payments.errors import IntentGone, ProviderRefused
from payments.models import Payment, ProviderEvent, Refund
from payments.providers import PAYMENT_KEY, REFUND_KEY, Intent, PayPalProvider
from payments.providers import paypal as paypal_module
from payments.providers.paypal import Pages
from payments.services import pay_hold, process_event, refund_hold, send_refund, store_event
from payments.tests.factories import make_hold
from payments.tests.fakes import FakeProvider

TOKEN = "6f1c8b8e-3f52-4b0c-9f0e-2f6a7d9a7f10"
TEN = Money(10_00, "USD")


class Standin:
    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, trust_env=False)

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        response = self.http.post(f"/standin{path}", json=body or {})
        response.raise_for_status()
        return response.json()

    def fault(self, action: str, path: str, times: int = 1, **more: Any) -> None:
        self.control("/faults", {"action": action, "path": path, "times": times, **more})

    def approve(self, order_id: str, funding: str = "balance") -> None:
        self.control(f"/orders/{order_id}/approve", {"funding": funding})

    def asked(self, path: str) -> int:
        return sum(entry["path"] == path for entry in self.http.get("/standin/requests").json()["data"])


@pytest.fixture
def standin() -> Iterator[Standin]:
    command = [sys.executable, "-m", "standins.paypal", "--port", "0", "--webhook-id", "WH-OURS"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Standin(process.stdout.readline().split()[4])
        process.kill()


def pages(token: str) -> Pages:
    return Pages(f"https://site.test/pay/approved/{token}/", f"https://site.test/pay/left/{token}/")


@pytest.fixture
def adapter(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> PayPalProvider:
    monkeypatch.setattr(paypal_module, "RETRIES", Retry(total=0, raise_on_status=False))
    return make_adapter(standin.url)


def make_adapter(url: str, *, secret: str = "secret") -> PayPalProvider:
    return PayPalProvider(
        client_id="client", secret=secret, webhook_id="WH-OURS", api_base=url, live=False, pages=pages
    )


def make_order(adapter: PayPalProvider, amount: Money = TEN, *, manual: bool = False, token: str = TOKEN) -> Intent:
    return adapter.create_intent(
        key=f"payment-{token}",
        amount=amount,
        customer_id="",
        manual_capture=manual,
        description="Label drawings " * 20,
        metadata={PAYMENT_KEY: token, "order": "7"},
    )


def taken(adapter: PayPalProvider, standin: Standin, amount: Money = TEN, *, funding: str = "balance") -> Intent:
    order = make_order(adapter, amount)
    standin.approve(order.id, funding)
    return adapter.confirm_intent(order.id, key="take-1", payment_method="")


def test_an_order_from_start_to_taken(adapter: PayPalProvider, standin: Standin) -> None:
    order = make_order(adapter)
    assert (order.status, order.amount_minor, order.currency) == ("requires_action", 10_00, "USD")
    assert order.approval_url == f"{standin.url}/checkoutnow?token={order.id}"
    assert order.metadata == {PAYMENT_KEY: TOKEN}
    standin.approve(order.id)
    assert adapter.retrieve_intent(order.id).status == "requires_confirmation"
    paid = adapter.confirm_intent(order.id, key="take-1", payment_method="")
    assert (paid.status, paid.received_minor, paid.method_label) == ("succeeded", 10_00, "PayPal buyer@example.com")
    assert adapter.retrieve_intent(order.id) == paid
    assert adapter.confirm_intent(order.id, key="take-2", payment_method="") == paid  # once is enough


def test_the_buyer_comes_back_to_our_pages(adapter: PayPalProvider, standin: Standin) -> None:
    order = make_order(adapter)
    left = standin.http.post(f"/checkoutnow?token={order.id}", data={"decision": "cancel"})
    assert left.headers["Location"] == f"https://site.test/pay/left/{TOKEN}/?token={order.id}"
    assert adapter.retrieve_intent(order.id).status == "requires_action"
    agreed = standin.http.post(f"/checkoutnow?token={order.id}", data={"decision": "approve", "funding": "balance"})
    assert agreed.headers["Location"].startswith(f"https://site.test/pay/approved/{TOKEN}/?token={order.id}&PayerID=")


def test_the_same_key_is_the_same_order(adapter: PayPalProvider) -> None:
    assert make_order(adapter).id == make_order(adapter).id


def test_what_was_not_agreed_to_is_refused_as_an_answer(adapter: PayPalProvider) -> None:
    refused = adapter.confirm_intent(make_order(adapter).id, key="take-1", payment_method="")
    assert (refused.status, refused.failure_code) == ("requires_payment_method", "order_not_approved")
    assert "not approved" in refused.failure_message


def test_a_declined_instrument_can_be_changed(adapter: PayPalProvider, standin: Standin) -> None:
    declined = taken(adapter, standin, funding="declined_card")
    assert (declined.status, declined.failure_code) == ("requires_payment_method", "instrument_declined")
    assert "Choose another way there" in declined.failure_message
    standin.approve(declined.id)
    assert adapter.confirm_intent(declined.id, key="take-2", payment_method="").status == "succeeded"


@pytest.mark.parametrize(("outcome", "status"), [("completed", "succeeded"), ("failed", "canceled")])
def test_a_bank_account_takes_its_time(adapter: PayPalProvider, standin: Standin, outcome: str, status: str) -> None:
    waiting = taken(adapter, standin, funding="echeck")
    assert (waiting.status, waiting.received_minor) == ("processing", 0)
    events = standin.http.get("/standin/events").json()["data"]
    standin.control(f"/captures/{events[-1]['resource']['id']}/settle", {"outcome": outcome})
    assert adapter.retrieve_intent(waiting.id).status == status


@pytest.mark.parametrize("amount", [Money(500, "JPY"), Money(1_000_00, "HUF"), Money(19_99, "EUR")])
def test_currencies_with_and_without_decimals(adapter: PayPalProvider, standin: Standin, amount: Money) -> None:
    paid = taken(adapter, standin, amount)
    assert (paid.received_minor, paid.currency) == (amount.minor, amount.currency)


def test_a_currency_that_paypal_does_not_take(adapter: PayPalProvider) -> None:
    with pytest.raises(ProviderRefused, match="Currency code"):
        make_order(adapter, Money(1_250, "KWD"))


@pytest.mark.parametrize("part", [None, Money(4_00, "USD")])
def test_authorising_and_taking(adapter: PayPalProvider, standin: Standin, part: Money | None) -> None:
    order = make_order(adapter, manual=True)
    standin.approve(order.id)
    assert adapter.confirm_intent(order.id, key="take-1", payment_method="").status == "requires_capture"
    for _ in range(2):  # the second time it is found done
        paid = adapter.capture_intent(order.id, key=f"capture-{_}", amount=part)
        assert (paid.status, paid.received_minor) == ("succeeded", part.minor if part else 10_00)
    assert adapter.cancel_intent(order.id, key="void").status == "succeeded"  # too late


def test_freeing_what_is_authorised(adapter: PayPalProvider, standin: Standin) -> None:
    order = make_order(adapter, manual=True)
    standin.approve(order.id)
    adapter.confirm_intent(order.id, key="take-1", payment_method="")
    for number in range(2):
        assert adapter.cancel_intent(order.id, key=f"void-{number}").status == "canceled"
    assert adapter.capture_intent(order.id, key="capture", amount=None).status == "canceled"


def test_refunds_in_parts_up_to_what_was_taken(adapter: PayPalProvider, standin: Standin) -> None:
    paid = taken(adapter, standin)

    def refund(reference: str, minor: int) -> providers.ProviderRefund:
        key = f"refund-{TOKEN}-{reference}"
        return adapter.create_refund(key=key, intent_id=paid.id, amount=Money(minor, "USD"), reference=reference)

    first = refund("1-1", 4_00)
    assert (first.status, first.amount_minor, first.metadata[REFUND_KEY]) == ("succeeded", 4_00, "1-1")
    assert refund("1-1", 4_00).id == first.id  # the same key
    assert adapter.retrieve_refund(first.id).status == "succeeded"
    assert adapter.find_refund(paid.id, reference="1-1") == first
    assert adapter.find_refund(paid.id, reference="1-2") is None
    too_much = refund("2-1", 6_01)
    assert (too_much.id, too_much.status) == ("", "failed")
    assert "less than or equal" in too_much.failure_message
    assert refund("3-1", 6_00).status == "succeeded"
    assert adapter.retrieve_intent(paid.id).received_minor == 10_00


def test_a_refund_of_what_was_not_taken_fails(adapter: PayPalProvider) -> None:
    refund = adapter.create_refund(key="r", intent_id=make_order(adapter).id, amount=TEN, reference="1-1")
    assert (refund.id, refund.status) == ("", "failed")


@pytest.mark.parametrize(("outcome", "status"), [("completed", "succeeded"), ("failed", "failed")])
def test_a_refund_may_take_time(adapter: PayPalProvider, standin: Standin, outcome: str, status: str) -> None:
    waiting = taken(adapter, standin, funding="echeck")
    capture = standin.http.get("/standin/events").json()["data"][-1]["resource"]["id"]
    standin.control(f"/captures/{capture}/settle", {"outcome": "completed"})
    refund = adapter.create_refund(key="r", intent_id=waiting.id, amount=TEN, reference="1-1")
    assert refund.status == "pending"
    standin.control(f"/refunds/{refund.id}/settle", {"outcome": outcome})
    assert adapter.retrieve_refund(refund.id).status == status


def test_an_order_that_is_not_there(adapter: PayPalProvider) -> None:
    with pytest.raises(IntentGone):
        adapter.retrieve_intent("5O190127TN364715T")


# --- Calls ----------------------------------------------------------------------------------------


def test_one_token_serves_many_calls_and_is_renewed_when_it_ends(adapter: PayPalProvider, standin: Standin) -> None:
    order = make_order(adapter)
    adapter.retrieve_intent(order.id)
    assert standin.asked("/v1/oauth2/token") == 1
    standin.control("/tokens/forget")
    assert adapter.retrieve_intent(order.id).id == order.id
    assert standin.asked("/v1/oauth2/token") == 2


def test_wrong_credentials_are_no_answer_about_a_payment(standin: Standin) -> None:
    with pytest.raises(Unavailable):
        make_order(make_adapter(standin.url, secret=""))


@pytest.mark.parametrize("action", ["drop_before", "drop_after", "error_before", "error_after"])
def test_an_unknown_outcome_is_unavailable_and_can_be_repeated(
    adapter: PayPalProvider, standin: Standin, action: str
) -> None:
    order = make_order(adapter)
    standin.approve(order.id)
    standin.fault(action, f"/v2/checkout/orders/{order.id}/capture")
    with pytest.raises(Unavailable):
        adapter.confirm_intent(order.id, key="take-1", payment_method="")
    paid = adapter.confirm_intent(order.id, key="take-1", payment_method="")
    assert (paid.status, paid.received_minor) == ("succeeded", 10_00)


@pytest.mark.parametrize("action", ["drop_after", "error_before"])
def test_a_short_failure_is_not_seen(standin: Standin, action: str) -> None:
    adapter = make_adapter(standin.url)  # which tries again
    order = make_order(adapter)
    standin.approve(order.id)
    standin.fault(action, f"/v2/checkout/orders/{order.id}/capture")
    assert adapter.confirm_intent(order.id, key="take-1", payment_method="").status == "succeeded"


def test_a_twin_that_is_being_answered_is_an_unknown_outcome(adapter: PayPalProvider, standin: Standin) -> None:
    order, other = make_order(adapter), make_order(adapter, token=TOKEN.replace("6", "7"))
    for one in (order, other):
        standin.approve(one.id)
    adapter.confirm_intent(order.id, key="take-1", payment_method="")
    with pytest.raises(Unavailable):
        adapter.confirm_intent(other.id, key="take-1", payment_method="")


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        make_adapter("http://127.0.0.1:9").retrieve_intent("X")


# --- Together -------------------------------------------------------------------------------------


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


@pytest.fixture
def real(adapter: PayPalProvider, provider: FakeProvider) -> Iterator[PayPalProvider]:
    """The site talks to the stand-in about PayPal."""

    def of(name: str) -> Any:
        return adapter if name == "paypal" else provider

    with mock.patch.multiple(providers, paypal_provider=lambda: adapter, of=of):
        yield adapter


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
