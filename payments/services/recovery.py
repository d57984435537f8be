"""Finishing what a crash, a time-out or a lost webhook left half done."""

from datetime import timedelta
from typing import Any

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from core import jobs
from payments.models import Chargeback, Payment, Payout, ProviderEvent, Refund
from payments.rules import OPEN_CHARGEBACKS, OPEN_PAYMENTS, PayoutStatus, RefundStatus

logger = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=1)
SLOW_NEWS = timedelta(hours=6)  # banks take days, so what waits for one is asked about seldom
BATCH = 500
MAX_EVENT_ATTEMPTS = 50


def recover() -> dict[str, int]:
    """Queue a look at every open payment, refund, payout, chargeback and unprocessed event. Returns how many of each."""
    before = timezone.now() - PATIENCE
    payments = Payment.objects.filter(status__in=OPEN_PAYMENTS, updated_at__lt=before)
    refunds = Refund.objects.filter(status=RefundStatus.PENDING, updated_at__lt=before)
    events = ProviderEvent.objects.filter(processed_at=None, received_at__lt=before, attempts__lt=MAX_EVENT_ATTEMPTS)
    unsent = Payout.objects.filter(status__in=[PayoutStatus.REQUESTED, PayoutStatus.SENDING], updated_at__lt=before)
    sent = Payout.objects.filter(status=PayoutStatus.SENT, updated_at__lt=timezone.now() - SLOW_NEWS)
    unreturned = Payout.objects.filter(
        status=PayoutStatus.FAILED, transfer_id__isnull=False, returned_at=None, updated_at__lt=before
    )
    chargebacks = Chargeback.objects.filter(status__in=OPEN_CHARGEBACKS, updated_at__lt=timezone.now() - SLOW_NEWS)
    unanswered = Chargeback.objects.filter(evidence_asked_at__lt=before, evidence_sent_at=None)
    counts = {
        "payments": _queue("payments.refresh_payment", "payment", payments),
        "refunds": _queue("payments.send_refund", "refund", refunds),
        "payouts": _queue("payments.send_payout", "payout", unsent),
        "sent_payouts": _queue("payments.refresh_payout", "payout", sent),
        "returned_payouts": _queue("payments.return_transfer", "payout", unreturned),
        "chargebacks": _queue("payments.refresh_chargeback", "chargeback", chargebacks),
        "evidence": _queue("payments.send_evidence", "chargeback", unanswered),
        "events": _queue("payments.process_event", "event", events),
    }
    if any(counts.values()):
        logger.info("payments_recovery", **counts)
    return counts


def _queue(task: str, noun: str, rows: QuerySet[Any]) -> int:
    oldest = rows.order_by("pk").values_list("pk", flat=True)[:BATCH]
    for pk in oldest:
        jobs.enqueue(task, once=f"{noun}-{pk}", **{f"{noun}_id": pk})
    return len(oldest)
