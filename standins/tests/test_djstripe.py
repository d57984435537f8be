"""dj-stripe stores what the stand-in returns, by its sync and by its webhook view."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
import stripe

from .accounts import fund, of, ready_account
from .billing import advance, create_customer, subscribe
from .payments import authorised, paid
from .process import ROOT, Receiver, Standin

RUN = "import django; django.setup(); from standins.tests import djstripe_sync; djstripe_sync.main()"


def run_djstripe(standin: Standin, receiver: Receiver) -> dict[str, Any]:
    webhooks = [{"payload": received.payload, "signature": received.signature} for received in receiver.received]
    settings = {"DJANGO_SETTINGS_MODULE": "standins.tests.djstripe_settings", "STANDIN_ADDRESS": standin.url}
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps(webhooks),
        env=os.environ | settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_djstripe_takes_everything(standin: Standin, receiver: Receiver) -> None:
    customer = standin.v1.customers.create({"email": "ada@example.com"})
    method = standin.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    standin.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    intent = paid(standin, customer=customer.id, payment_method=method.id, description="Job 7")
    standin.v1.refunds.create({"payment_intent": intent.id, "amount": 2_500})
    held = authorised(standin)
    standin.v1.payment_intents.cancel(held.id)
    with pytest.raises(stripe.CardError):
        paid(standin, payment_method="pm_card_chargeDeclined")
    standin.v1.setup_intents.create(
        {"customer": customer.id, "payment_method": method.id, "payment_method_types": ["card"], "confirm": True}
    )
    gone = standin.v1.customers.create({})
    standin.v1.customers.delete(gone.id)
    standin.flush()

    result = run_djstripe(standin, receiver)

    assert result["answers"] == [200] * len(receiver.received)
    assert result["unprocessed"] == 0
    assert result["from_webhooks"]["PaymentIntent"] == result["synced"]["PaymentIntent"] == 3
    assert result["from_webhooks"]["Charge"] == result["synced"]["Charge"] == 3
    assert result["synced"]["Refund"] == 2
    assert result["synced"]["BalanceTransaction"] == 2
    assert result["synced"]["SetupIntent"] == 1
    assert result["synced"]["Account"] == result["synced"]["WebhookEndpoint"] == 1
    assert result["synced"]["Event"] == len(receiver.received)
    assert result["charge"] == {
        "amount": "100.00",
        "fee": 320,
        "customer": customer.id,
        "payment_intent": intent.id,
        "refunds": 1,
    }


def test_djstripe_takes_connect_disputes_and_billing(standin: Standin, receiver: Receiver) -> None:
    paid(standin, description="Job 7", customer=create_customer(standin).id)
    fund(standin)
    account = ready_account(standin)
    transfer = standin.v1.transfers.create({"amount": 9_000, "currency": "usd", "destination": account.id})
    standin.v1.transfers.reversals.create(transfer.id, {"amount": 1_000})
    payouts = [standin.v1.payouts.create({"amount": 2_000, "currency": "usd"}, of(account)) for _ in range(2)]
    for payout, outcome in zip(payouts, ("paid", "failed"), strict=True):
        standin.control("POST", f"/payouts/{payout.id}/settle", {"outcome": outcome})
    paid(standin, payment_method="pm_card_createDispute")
    dispute = standin.v1.disputes.list().data[0]
    standin.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    rate = standin.v1.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": False})
    active = subscribe(standin, default_tax_rates=[rate.id])
    advance(standin, active)
    ended = subscribe(standin)
    standin.v1.subscriptions.cancel(ended.id)
    standin.flush()

    result = run_djstripe(standin, receiver)

    assert result["answers"] == [200] * len(receiver.received)
    assert result["unprocessed"] == 0
    assert result["payouts"] == {payouts[0].id: "paid", payouts[1].id: "failed"}
    assert result["subscriptions"] == {active.id: "active", ended.id: "canceled"}
    expected = {
        "Account": 2,
        "Dispute": 1,
        "Transfer": 1,
        "TransferReversal": 1,
        "Payout": 2,
        "Product": 2,
        "Price": 2,
        "TaxRate": 1,
        "Subscription": 2,
        "Invoice": 3,
    }
    for when in ("from_webhooks", "synced"):
        assert {name: result[when][name] for name in expected} == expected, when
    assert result["synced"]["BalanceTransaction"] >= 10
