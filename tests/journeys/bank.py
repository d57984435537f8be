"""The payment provider, as a page's card field, its merchant and its own switches reach the local stand-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.journeys.outside import Json, Person

CARD = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2040", "cvc": "123"}
MERCHANT_KEY = "sk_test_0000000000000000000000000"  # the stand-in has one account, and every test key opens it


class Bank:
    def __init__(self, publishable_key: str, address: str) -> None:
        self._page = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {publishable_key}"})
        self._merchant = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {MERCHANT_KEY}"})

    @classmethod
    def of(cls, person: Person) -> "Bank":
        """The one that the site tells its clients to use."""
        config = person.get("/api/payments/config")
        return cls(config["publishable_key"], config["js_url"].removesuffix("/v3/"))

    def close(self) -> None:
        self._page.close()
        self._merchant.close()

    def confirm(self, intent: Json) -> Json:
        """Pay an intent with a card, by its client secret, as the card field of a page does."""
        data = {f"payment_method_data[card][{name}]": value for name, value in CARD.items()}
        data |= {"payment_method_data[type]": "card", "client_secret": intent["client_secret"]}
        return _body(self._page.post(f"/v1/payment_intents/{intent['id']}/confirm", data=data))

    def charged(self, intent_id: str) -> list[int]:
        """The amounts of the charges that went through."""
        charges = _body(self._merchant.get("/v1/charges", params={"payment_intent": intent_id}))["data"]
        return [charge["amount"] for charge in charges if charge["status"] == "succeeded"]

    def refunded(self, intent_id: str) -> list[int]:
        refunds = _body(self._merchant.get("/v1/refunds", params={"payment_intent": intent_id}))["data"]
        return [refund["amount"] for refund in refunds]

    @contextmanager
    def silent(self) -> Iterator[None]:
        """No webhook is sent before the end of the block."""
        self._switch("/standin/webhooks", hold=True)
        try:
            yield
        finally:
            self._switch("/standin/webhooks/release", order="created")

    def _switch(self, path: str, **settings: Any) -> None:
        self._merchant.post(path, json=settings).raise_for_status()


def _body(response: httpx.Response) -> Json:
    response.raise_for_status()
    body: Json = response.json()
    return body
