"""PayPal's stand-in as a running process, and the adapter that talks to it."""

from collections.abc import Iterator
from typing import Any
from unittest import mock

import httpx
import pytest
from urllib3.util import Retry

from core.money import Money
from payments import providers
from payments.providers import PAYMENT_KEY, Intent, PayPalProvider
from payments.providers.paypal import Pages
from payments.tests.conftest import StandinProcess
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
def standin(paypal_process: StandinProcess) -> Standin:
    """With nothing in it from before."""
    standin = Standin(paypal_process.url)
    standin.control("/reset")
    return standin


def pages(token: str) -> Pages:
    return Pages(f"https://site.test/pay/approved/{token}/", f"https://site.test/pay/left/{token}/")


@pytest.fixture
def adapter(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> PayPalProvider:
    monkeypatch.setattr("payments.providers.paypal_calls.RETRIES", Retry(total=0, raise_on_status=False))
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


@pytest.fixture
def real(adapter: PayPalProvider, provider: FakeProvider) -> Iterator[PayPalProvider]:
    """The site talks to the stand-in about PayPal."""

    def of(name: str) -> Any:
        return adapter if name == "paypal" else provider

    with mock.patch.multiple(providers, paypal_provider=lambda: adapter, of=of):
        yield adapter
