"""Finishing what a crash, a time-out or a lost webhook left half done."""

from datetime import timedelta
from typing import Any

import structlog
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import jobs
from payments.models import Payment, ProviderEvent, Refund, Subscription
from payments.rules import OPEN_PAYMENTS, RefundStatus, SubscriptionStatus

logger = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=1)
LOST_NEWS = timedelta(hours=1)  # of a subscription that waits for something: its webhooks come sooner
BATCH = 500
MAX_EVENT_ATTEMPTS = 50


def recover() -> dict[str, int]:
    """Queue a look at every open payment, unsent refund, unprocessed event and subscription that should have moved.

    Returns how many of each.
    """
    before = timezone.now() - PATIENCE
    payments = Payment.objects.filter(status__in=OPEN_PAYMENTS, updated_at__lt=before)
    refunds = Refund.objects.filter(status=RefundStatus.PENDING, updated_at__lt=before)
    events = ProviderEvent.objects.filter(processed_at=None, received_at__lt=before, attempts__lt=MAX_EVENT_ATTEMPTS)
    created = Q(status=SubscriptionStatus.CREATED, created_at__lt=before)
    unpaid = Q(status__in=[SubscriptionStatus.INCOMPLETE, SubscriptionStatus.PAST_DUE])
    over = Q(status=SubscriptionStatus.ACTIVE, current_period_end__lt=before)
    subscriptions = Subscription.objects.filter(created | ((unpaid | over) & Q(seen_at__lt=before - LOST_NEWS)))
    counts = {
        "payments": _queue("payments.refresh_payment", "payment", payments),
        "refunds": _queue("payments.send_refund", "refund", refunds),
        "events": _queue("payments.process_event", "event", events),
        "subscriptions": _queue("payments.refresh_subscription", "subscription", subscriptions),
    }
    if any(counts.values()):
        logger.info("payments_recovery", **counts)
    return counts


def _queue(task: str, noun: str, rows: QuerySet[Any]) -> int:
    oldest = rows.order_by("pk").values_list("pk", flat=True)[:BATCH]
    for pk in oldest:
        jobs.enqueue(task, once=f"{noun}-{pk}", **{f"{noun}_id": pk})
    return len(oldest)
