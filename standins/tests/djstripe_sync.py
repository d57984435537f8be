"""What `test_djstripe` runs in a process of its own: dj-stripe against the stand-in of `STANDIN_ADDRESS`.

Reads the webhooks as JSON from its input, and prints one line of JSON with what dj-stripe stored.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import stripe
from django.core.management import call_command
from django.test import Client
from djstripe import models

from .process import SECRET_KEY, WEBHOOK_SECRET

MODELS = (
    models.Account,
    models.Customer,
    models.PaymentMethod,
    models.PaymentIntent,
    models.Charge,
    models.Refund,
    models.BalanceTransaction,
    models.SetupIntent,
    models.Dispute,
    models.Transfer,
    models.TransferReversal,
    models.Payout,
    models.Product,
    models.Price,
    models.TaxRate,
    models.Subscription,
    models.Invoice,
    models.WebhookEndpoint,
    models.Event,
)


def main() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    stripe.max_network_retries = 0
    sync(models.WebhookEndpoint)
    answers = receive(json.load(sys.stdin))
    from_webhooks = counts()
    for model in MODELS[1:]:
        sync(model)
    sync_connected()
    charge = models.Charge.objects.get(stripe_data__description="Job 7")
    result = {
        "answers": answers,
        "unprocessed": models.WebhookEventTrigger.objects.exclude(valid=True, processed=True).count(),
        "from_webhooks": from_webhooks,
        "synced": counts(),
        "payouts": {payout.id: payout.stripe_data["status"] for payout in models.Payout.objects.all()},
        "subscriptions": {one.id: one.stripe_data["status"] for one in models.Subscription.objects.all()},
        "charge": {
            "amount": str(charge.amount),
            "fee": charge.fee,
            "customer": charge.customer.id,
            "payment_intent": charge.payment_intent.id,
            "refunds": charge.refunds.count(),
        },
    }
    print(json.dumps(result))


def sync(model: Any) -> None:
    if model is models.TransferReversal:
        # They come with their transfers.
        return
    for data in model.stripe_class.list(api_key=SECRET_KEY, limit=100).auto_paging_iter():
        model.sync_from_stripe_data(data, api_key=SECRET_KEY)


def sync_connected() -> None:
    """What belongs to connected accounts, with their own lists."""
    for account in stripe.Account.list(api_key=SECRET_KEY).auto_paging_iter():
        for payout in stripe.Payout.list(api_key=SECRET_KEY, stripe_account=account.id).auto_paging_iter():
            models.Payout.sync_from_stripe_data(payout, api_key=SECRET_KEY)


def receive(webhooks: list[dict[str, str]]) -> list[int]:
    """Give the webhooks, as they were delivered, to dj-stripe's own view."""
    endpoint = models.WebhookEndpoint.objects.get()
    endpoint.secret = WEBHOOK_SECRET
    endpoint.save()
    path = f"/webhook/{endpoint.djstripe_uuid}/"
    return [
        Client()
        .post(
            path,
            webhook["payload"],
            content_type="application/json",
            headers={"Stripe-Signature": webhook["signature"]},
        )
        .status_code
        for webhook in webhooks
    ]


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in MODELS}
