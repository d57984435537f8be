"""The PayPal stand-in: what it lets happen and what not, its request ids, its faults, and what it sends."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from .process import ROOT, STOP_SECONDS


class PayPal:
    """The served process."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "standins.paypal", "--port", "0", *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[4]
        self.http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        self.token = self.sign_in()

    def sign_in(self) -> str:
        answer = self.http.post("/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=("id", "secret"))
        return str(answer.json()["access_token"])

    def call(self, method: str, path: str, body: Any = None, *, key: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"PayPal-Request-Id": key} if key else {})
        options = {"json": body if body is not None else {}} if method == "POST" else {}
        return self.http.request(method, path, headers=headers, **options)

    def control(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        answer = self.http.request(method, f"/standin{path}", json=body or {})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def order(self, *, intent: str = "CAPTURE", value: str = "10.00", currency: str = "USD", **unit: Any) -> Any:
        return self.call("POST", "/v2/checkout/orders", order_body(intent, value, currency, **unit)).json()

    def approved(self, *, funding: str = "balance", **given: Any) -> str:
        id = str(self.order(**given)["id"])
        self.control(f"/orders/{id}/approve", {"funding": funding})
        return id

    def captured(self, **given: Any) -> Any:
        """The capture of a new order."""
        answer = self.call("POST", f"/v2/checkout/orders/{self.approved(**given)}/capture")
        return answer.json()["purchase_units"][0]["payments"]["captures"][0]

    def authorised(self) -> str:
        answer = self.call("POST", f"/v2/checkout/orders/{self.approved(intent='AUTHORIZE')}/authorize")
        return str(answer.json()["purchase_units"][0]["payments"]["authorizations"][0]["id"])

    def events(self) -> list[str]:
        return [event["event_type"] for event in self.control("/events", method="GET")["data"]]

    def stop(self) -> None:
        self._process.terminate()
        self.http.close()
        self._process.communicate(timeout=STOP_SECONDS)


def order_body(intent: str = "CAPTURE", value: str = "10.00", currency: str = "USD", **unit: Any) -> Any:
    context = {"return_url": "https://shop.test/back", "cancel_url": "https://shop.test/left"}
    return {
        "intent": intent,
        "purchase_units": [{"amount": {"currency_code": currency, "value": value}, **unit}],
        "payment_source": {"paypal": {"experience_context": context}},
    }


def issue(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["details"][0]["issue"]


@pytest.fixture(scope="module")
def served() -> Iterator[PayPal]:
    paypal = PayPal("--webhook-retry-first", "0.02", "--webhook-id", "WH-1")
    yield paypal
    paypal.stop()


@pytest.fixture
def paypal(served: PayPal) -> PayPal:
    served.control("/reset")
    served.token = served.sign_in()
    return served


class PayPalReceiver:
    """Collects PayPal's webhooks. `answers` are the statuses of the next answers; afterwards it answers 200."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], str]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.received.append((dict(self.headers), body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver_of_paypal(paypal: PayPal) -> Iterator[PayPalReceiver]:
    receiver = PayPalReceiver()
    paypal.control("/webhook", {"url": receiver.url})
    yield receiver
    paypal.control("/webhook", {"url": ""})
    receiver.stop()


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (order_body(intent="SALE"), (400, "INVALID_PARAMETER_VALUE")),
        (order_body(value="10"), None),
        (order_body(value="10.001"), (400, "INVALID_PARAMETER_VALUE")),
        (order_body(value="-1"), (400, "INVALID_PARAMETER_VALUE")),
        (order_body(value="0.00"), (422, "CANNOT_BE_ZERO_OR_NEGATIVE")),
        (order_body(value="10.00", currency="KWD"), (422, "CURRENCY_NOT_SUPPORTED")),
        (order_body(value="10.50", currency="JPY"), (422, "DECIMALS_NOT_SUPPORTED")),
        (order_body(value="10.00", currency="HUF"), None),
        (order_body(description="x" * 128), (400, "INVALID_STRING_LENGTH")),
        (order_body() | {"payment_source": {}}, (400, "MISSING_REQUIRED_PARAMETER")),
        (order_body() | {"purchase_units": []}, (400, "INVALID_ARRAY_MAX_ITEMS")),
    ],
)
def test_what_an_order_must_be(paypal: PayPal, body: Any, refusal: tuple[int, str] | None) -> None:
    answer = paypal.call("POST", "/v2/checkout/orders", body)
    assert (answer.status_code == 200) if refusal is None else (issue(answer) == refusal)


def test_who_may_call(paypal: PayPal) -> None:
    assert paypal.http.get("/v2/checkout/orders/X").status_code == 401
    paypal.control("/tokens/forget")
    assert paypal.call("GET", "/v2/checkout/orders/X").status_code == 401
    assert paypal.http.post("/v1/oauth2/token", data={"grant_type": "client_credentials"}).status_code == 401
    assert paypal.http.post("/v1/oauth2/token", data={"grant_type": "password"}, auth=("a", "b")).status_code == 400
    paypal.token = paypal.sign_in()
    assert issue(paypal.call("GET", "/v2/checkout/orders/X")) == (404, "INVALID_RESOURCE_ID")
    assert issue(paypal.call("GET", "/v2/checkout/carts/X")) == (404, "RESOURCE_NOT_FOUND")


def test_an_order_moves_only_forwards(paypal: PayPal) -> None:
    order = paypal.order()
    path = f"/v2/checkout/orders/{order['id']}"
    assert order["status"] == "PAYER_ACTION_REQUIRED"
    assert issue(paypal.call("POST", f"{path}/capture")) == (422, "ORDER_NOT_APPROVED")
    paypal.control(f"/orders/{order['id']}/approve")
    assert issue(paypal.call("POST", f"{path}/authorize")) == (422, "ACTION_DOES_NOT_MATCH_INTENT")
    assert paypal.call("POST", f"{path}/capture").json()["status"] == "COMPLETED"
    assert issue(paypal.call("POST", f"{path}/capture")) == (422, "ORDER_ALREADY_CAPTURED")
    again = paypal.http.post(f"/standin/orders/{order['id']}/approve", json={})
    assert issue(again) == (422, "ORDER_COMPLETED_OR_VOIDED")
    assert paypal.events() == ["CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED"]


def test_a_declined_card_asks_the_buyer_again(paypal: PayPal) -> None:
    id = paypal.approved(funding="declined_card")
    assert issue(paypal.call("POST", f"/v2/checkout/orders/{id}/capture")) == (422, "INSTRUMENT_DECLINED")
    assert paypal.call("GET", f"/v2/checkout/orders/{id}").json()["status"] == "PAYER_ACTION_REQUIRED"


def test_an_invoice_is_paid_once(paypal: PayPal) -> None:
    paypal.captured(invoice_id="I-1")
    again = paypal.approved(invoice_id="I-1")
    assert issue(paypal.call("POST", f"/v2/checkout/orders/{again}/capture")) == (422, "DUPLICATE_INVOICE_ID")


def test_an_authorisation_is_taken_in_parts(paypal: PayPal) -> None:
    path = f"/v2/payments/authorizations/{paypal.authorised()}"

    def capture(value: str, *, final: bool = False) -> httpx.Response:
        amount = {"currency_code": "USD", "value": value}
        return paypal.call("POST", f"{path}/capture", {"amount": amount, "final_capture": final})

    assert capture("4.00").json()["status"] == "COMPLETED"
    assert paypal.call("GET", path).json()["status"] == "PARTIALLY_CAPTURED"
    assert issue(paypal.call("POST", f"{path}/void")) == (422, "PREVIOUSLY_CAPTURED")
    assert issue(capture("6.01")) == (422, "MAX_CAPTURE_AMOUNT_EXCEEDED")
    assert capture("1.00", final=True).status_code == 201
    assert issue(capture("1.00")) == (422, "AUTHORIZATION_ALREADY_CAPTURED")


def test_an_authorisation_is_freed_once(paypal: PayPal) -> None:
    path = f"/v2/payments/authorizations/{paypal.authorised()}"
    assert paypal.call("POST", f"{path}/void").json()["status"] == "VOIDED"
    assert issue(paypal.call("POST", f"{path}/void")) == (422, "PREVIOUSLY_VOIDED")
    assert issue(paypal.call("POST", f"{path}/capture")) == (422, "AUTHORIZATION_VOIDED")
    assert paypal.events()[-2:] == ["PAYMENT.AUTHORIZATION.CREATED", "PAYMENT.AUTHORIZATION.VOIDED"]


def test_a_capture_is_refunded_up_to_its_amount(paypal: PayPal) -> None:
    capture = paypal.captured()
    path = f"/v2/payments/captures/{capture['id']}/refund"

    def refund(value: str, currency: str = "USD") -> httpx.Response:
        return paypal.call("POST", path, {"amount": {"currency_code": currency, "value": value}, "custom_id": "7-1"})

    first = refund("4.00").json()
    assert (first["status"], first["custom_id"]) == ("COMPLETED", "7-1")
    assert issue(refund("6.01")) == (422, "REFUND_AMOUNT_EXCEEDED")
    assert issue(refund("1.00", "EUR")) == (422, "REFUND_CAPTURE_CURRENCY_MISMATCH")
    assert paypal.call("POST", path).json()["amount"]["value"] == "6.00"
    assert issue(refund("1.00")) == (422, "CAPTURE_FULLY_REFUNDED")
    assert paypal.call("GET", f"/v2/payments/captures/{capture['id']}").json()["status"] == "REFUNDED"


def test_what_is_pending_is_settled_by_hand(paypal: PayPal) -> None:
    capture = paypal.captured(funding="echeck")
    assert (capture["status"], capture["status_details"]) == ("PENDING", {"reason": "ECHECK"})
    path = f"/v2/payments/captures/{capture['id']}"
    assert issue(paypal.call("POST", f"{path}/refund")) == (422, "CAPTURE_NOT_COMPLETED")
    paypal.control(f"/captures/{capture['id']}/settle", {"outcome": "completed"})
    assert paypal.call("GET", path).json()["status"] == "COMPLETED"
    refund = paypal.call("POST", f"{path}/refund").json()
    assert refund["status"] == "PENDING"
    paypal.control(f"/refunds/{refund['id']}/settle", {"outcome": "failed"})
    assert paypal.call("GET", f"/v2/payments/refunds/{refund['id']}").json()["status"] == "FAILED"


def test_a_request_id_is_one_request(paypal: PayPal) -> None:
    first = paypal.call("POST", "/v2/checkout/orders", order_body(), key="k-1")
    assert paypal.call("POST", "/v2/checkout/orders", order_body(), key="k-1").json() == first.json()
    other = paypal.call("POST", "/v2/checkout/orders", order_body(value="11.00"), key="k-1")
    assert issue(other) == (422, "DUPLICATE_REQUEST_ID")
    assert issue(paypal.call("POST", "/v2/checkout/orders", order_body(), key="k" * 109)) == (
        400,
        "INVALID_STRING_LENGTH",
    )


@pytest.mark.parametrize("action", ["error_before", "error_after", "drop_before", "drop_after"])
def test_faults_hit_once_and_the_work_is_done_or_not(paypal: PayPal, action: str) -> None:
    id = paypal.approved()
    path = f"/v2/checkout/orders/{id}"
    paypal.control("/faults", {"action": action, "path": f"{path}/capture"})
    if action.startswith("drop"):
        with pytest.raises(httpx.TransportError):
            paypal.call("POST", f"{path}/capture")
    else:
        assert paypal.call("POST", f"{path}/capture").status_code == 503
    is_done = action.endswith("after")
    assert paypal.call("GET", path).json()["status"] == ("COMPLETED" if is_done else "APPROVED")
    assert paypal.control("/faults", method="GET") == {"data": []}


def test_the_buyers_page(paypal: PayPal) -> None:
    id = paypal.order(description="Label <drawings>")["id"]
    page = paypal.http.get(f"/checkoutnow?token={id}").text
    assert "10.00 USD" in page and "Label &lt;drawings&gt;" in page
    left = paypal.http.post(f"/checkoutnow?token={id}", data={"decision": "cancel"})
    assert left.headers["Location"] == f"https://shop.test/left?token={id}"
    agreed = paypal.http.post(f"/checkoutnow?token={id}", data={"decision": "approve"})
    assert agreed.headers["Location"].startswith(f"https://shop.test/back?token={id}&PayerID=")
    paypal.call("POST", f"/v2/checkout/orders/{id}/capture")
    assert paypal.http.get(f"/checkoutnow?token={id}").status_code == 404
    assert id in paypal.http.get("/").text


def test_events_are_sent_until_they_are_taken_and_can_be_verified(
    paypal: PayPal, receiver_of_paypal: PayPalReceiver
) -> None:
    receiver_of_paypal.answers[:] = [500]
    paypal.approved()
    assert paypal.control("/deliveries/flush") == {"pending": 0}
    assert len(receiver_of_paypal.received) == 2  # one again after the refusal
    headers, body = receiver_of_paypal.received[-1]
    question = {
        "auth_algo": headers["PayPal-Auth-Algo"],
        "cert_url": headers["PayPal-Cert-Url"],
        "transmission_id": headers["PayPal-Transmission-Id"],
        "transmission_sig": headers["PayPal-Transmission-Sig"],
        "transmission_time": headers["PayPal-Transmission-Time"],
        "webhook_id": "WH-1",
    }

    def verified(question: dict[str, str], body: str) -> str:
        content = json.dumps(question)[:-1] + f', "webhook_event": {body}}}'
        signed_in = {"Authorization": f"Bearer {paypal.token}", "Content-Type": "application/json"}
        answer = paypal.http.post("/v1/notifications/verify-webhook-signature", content=content, headers=signed_in)
        return str(answer.json()["verification_status"])

    assert verified(question, body) == "SUCCESS"
    assert verified(question, body.replace("10.00", "99.00")) == "FAILURE"
    for name in ("transmission_id", "transmission_sig", "transmission_time", "webhook_id", "auth_algo"):
        assert verified(question | {name: "other"}, body) == "FAILURE"


def test_switches_of_deliveries(paypal: PayPal, receiver_of_paypal: PayPalReceiver) -> None:
    paypal.control("/webhooks", {"hold": True, "duplicates": 1})
    paypal.captured()
    assert paypal.control("/deliveries/flush", {"timeout": 0.1}) == {"pending": 2}
    assert paypal.control("/webhooks/release", {"order": "reverse"}) == {"tried": 2}
    paypal.control("/deliveries/flush")
    sent = [json.loads(body)["event_type"] for _, body in receiver_of_paypal.received]
    assert sent[:2] == ["PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.APPROVED"]
    assert len(sent) == 4
    assert paypal.http.post("/standin/webhooks", json={"nonsense": 1}).status_code == 400


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    state = str(tmp_path / "paypal.sqlite3")
    first = PayPal("--state", state)
    id = first.approved()
    first.stop()
    second = PayPal("--state", state)
    try:
        assert second.call("GET", f"/v2/checkout/orders/{id}").json()["status"] == "APPROVED"
        assert second.call("POST", f"/v2/checkout/orders/{id}/capture").status_code == 201
    finally:
        second.stop()
