"""What is in the state file outlives the process, however it ends."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import stripe

from .payments import authorised
from .process import WEBHOOK_SECRET, Receiver, Standin


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_objects_keys_and_webhooks_survive(tmp_path: Path, end: str) -> None:
    receiver = Receiver()
    receiver.answers = [503] * 1_000
    options = ("--state", str(tmp_path / "state.sqlite3"), "--webhook-retry-first", "0.05")
    webhooks = ("--webhook-url", receiver.url, "--webhook-secret", WEBHOOK_SECRET)
    first = Standin(*options, *webhooks)
    intent = authorised(first)
    customer = first.v1.customers.create({"name": "Ada"}, {"idempotency_key": "c-1"})
    receiver.wait_for(1)
    getattr(first, end)()
    expected = {"payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"}
    receiver.answers, receiver.received = [], []

    second = Standin(*options, *webhooks)
    try:
        assert second.v1.payment_intents.retrieve(intent.id).to_dict() == intent.to_dict()
        again = second.v1.customers.create({"name": "Ada"}, {"idempotency_key": "c-1"})
        assert again.id == customer.id
        second.flush()
        assert set(receiver.types) == expected | {"customer.created"}
        received = receiver.received[0]
        stripe.Webhook.construct_event(received.payload, received.signature, WEBHOOK_SECRET)
        assert second.v1.payment_intents.capture(intent.id).status == "succeeded"
        assert len(second.v1.webhook_endpoints.list().data) == 1
    finally:
        second.stop()
        receiver.stop()


def test_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STANDIN_STATE", str(tmp_path / "state.sqlite3"))
    monkeypatch.setenv("STANDIN_WEBHOOK_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("STANDIN_WEBHOOK_SECRET", WEBHOOK_SECRET)
    monkeypatch.setenv("STANDIN_PUBLIC_URL", "http://pay.example")
    standin = Standin()
    try:
        intent = authorised(standin, expand=["latest_charge"])
        assert isinstance(intent.latest_charge, stripe.Charge)
        assert (intent.latest_charge.receipt_url or "").startswith("http://pay.example/receipts/")
        assert standin.v1.webhook_endpoints.list().data[0].url == "http://127.0.0.1:9/"
        assert (tmp_path / "state.sqlite3").exists()
    finally:
        standin.stop()


def test_a_state_file_of_an_earlier_version_still_opens(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    first = Standin("--state", str(path))
    customer = first.v1.customers.create({"name": "Ada"})
    first.stop()
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE objects DROP COLUMN account")
    second = Standin("--state", str(path))
    try:
        assert second.v1.customers.retrieve(customer.id).name == "Ada"
        assert second.v1.customers.create({"name": "Eve"}).name == "Eve"
    finally:
        second.stop()
