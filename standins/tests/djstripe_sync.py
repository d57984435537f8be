"""Run by `test_djstripe`, in a process of its own: dj-stripe against the stand-in at the given address.

Prints one line of JSON with what dj-stripe stored.
"""

from __future__ import annotations

import json
import sys

import django
from django.conf import settings
from django.core.management import call_command

from standins.tests.process import SECRET_KEY, WEBHOOK_SECRET

ADDRESS, EVENTS = sys.argv[1], json.loads(sys.stdin.read())

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "djstripe"],
    # Tables are made straight from the models: dj-stripe's migrations take most of a minute.
    MIGRATION_MODULES={"contenttypes": None, "auth": None, "djstripe": None},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
    ROOT_URLCONF="djstripe.urls",
    ALLOWED_HOSTS=["testserver"],
    SECRET_KEY="only for this test",
    STRIPE_API_HOST=ADDRESS,
    STRIPE_LIVE_MODE=False,
    STRIPE_TEST_SECRET_KEY=SECRET_KEY,
    USE_TZ=True,
)
django.setup()
call_command("migrate", run_syncdb=True, verbosity=0)

import stripe  # noqa: E402
from django.test import Client  # noqa: E402
from djstripe import models  # noqa: E402

MODELS = (
    models.Account,
    models.Customer,
    models.PaymentMethod,
    models.PaymentIntent,
    models.Charge,
    models.Refund,
    models.BalanceTransaction,
    models.SetupIntent,
    models.WebhookEndpoint,
    models.Event,
)


def sync_everything() -> None:
    for model in MODELS[1:]:
        for data in model.stripe_class.list(
            api_key=SECRET_KEY, limit=100
        ).auto_paging_iter():
            model.sync_from_stripe_data(data, api_key=SECRET_KEY)


def receive_webhooks() -> list[int]:
    """Send the events, as they were delivered, to dj-stripe's own view."""
    endpoint = models.WebhookEndpoint.objects.get()
    endpoint.secret = WEBHOOK_SECRET
    endpoint.save()
    path = f"/webhook/{endpoint.djstripe_uuid}/"
    return [
        Client()
        .post(
            path,
            event["payload"],
            content_type="application/json",
            headers={"Stripe-Signature": event["signature"]},
        )
        .status_code
        for event in EVENTS
    ]


def main() -> None:
    stripe.max_network_retries = 0
    models.WebhookEndpoint.sync_from_stripe_data(
        stripe.WebhookEndpoint.list(api_key=SECRET_KEY).data[0], api_key=SECRET_KEY
    )
    answers = receive_webhooks()
    from_webhooks = {model.__name__: model.objects.count() for model in MODELS}
    sync_everything()
    charge = models.Charge.objects.get(
        status="succeeded", payment_method__customer__isnull=False
    )
    print(
        json.dumps(
            {
                "answers": answers,
                "unprocessed": models.WebhookEventTrigger.objects.exclude(
                    valid=True, processed=True
                ).count(),
                "from_webhooks": from_webhooks,
                "synced": {model.__name__: model.objects.count() for model in MODELS},
                "charge": {
                    "amount": str(charge.amount),
                    "fee": charge.fee,
                    "customer": charge.customer.id,
                    "payment_intent": charge.payment_intent.id,
                    "refunds": charge.refunds.count(),
                },
            }
        )
    )


main()
