"""Finishing what a crash, a time-out or a lost webhook left half done."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import jobs
from payments.models import Chargeback, Payment, Payout, ProviderEvent, Refund, Subscription
from payments.rules import (
    OPEN_CHARGEBACKS,
    OPEN_PAYMENTS,
    ChargebackStatus,
    ExceptionKind,
    PaymentStatus,
    PayoutStatus,
    RefundStatus,
    SubscriptionStatus,
)
from payments.services.exceptions import Difference, list_exceptions
from payments.services.paid_back import paid_back

logger = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=1)
SLOW_NEWS = timedelta(hours=6)  # banks take days, so what waits for one is asked about seldom
LOST_NEWS = timedelta(hours=1)  # of a subscription that waits for something: its webhooks come sooner
BATCH = 500
MANY_ATTEMPTS = 50
UNSENT_REFUND = timedelta(hours=1)
UNDECIDED_PAYMENT = timedelta(days=1)
LATE_PAYOUT = timedelta(days=3)  # what was paid in is available at the provider some days later
UNSENT_EVIDENCE = timedelta(hours=1)
# Banks may think for two weeks about a direct debit, and an authorisation holds for one.
DECIDED_BY_BANK = timedelta(days=14)
BY_BANK = (PaymentStatus.PROCESSING, PaymentStatus.AUTHORISED)
STUCK = (ExceptionKind.EVENT_STUCK, ExceptionKind.PAYMENT_STUCK, ExceptionKind.REFUND_STUCK)


def recover() -> dict[str, int]:
    """Queue a look at what should have ended: payments, refunds, payouts, chargebacks, subscriptions, events. Returns counts.

    Nothing is ever given up: what has not ended after long stands in the list of exceptions too, until it does.
    """
    before = timezone.now() - PATIENCE
    payments = Payment.objects.filter(status__in=OPEN_PAYMENTS, updated_at__lt=before)
    refunds = Refund.objects.filter(status=RefundStatus.PENDING, updated_at__lt=before)
    events = ProviderEvent.objects.filter(processed_at=None, received_at__lt=before)
    unsent = Payout.objects.filter(status__in=[PayoutStatus.REQUESTED, PayoutStatus.SENDING], updated_at__lt=before)
    sent = Payout.objects.filter(status=PayoutStatus.SENT, updated_at__lt=timezone.now() - SLOW_NEWS)
    unreturned = Payout.objects.filter(
        status=PayoutStatus.FAILED, transfer_id__isnull=False, returned_at=None, updated_at__lt=before
    )
    chargebacks = Chargeback.objects.filter(status__in=OPEN_CHARGEBACKS, updated_at__lt=timezone.now() - SLOW_NEWS)
    unanswered = Chargeback.objects.filter(evidence_asked_at__lt=before, evidence_sent_at=None)
    unaccepted = Chargeback.objects.filter(accepted_at__lt=before, status=ChargebackStatus.NEEDS_RESPONSE)
    created = Q(status=SubscriptionStatus.CREATED, created_at__lt=before)
    unpaid = Q(status__in=[SubscriptionStatus.INCOMPLETE, SubscriptionStatus.PAST_DUE])
    over = Q(status=SubscriptionStatus.ACTIVE, current_period_end__lt=before)
    unnamed = Payment.objects.of_plans().filter(intent_id=None, updated_at__lt=timezone.now() - SLOW_NEWS)
    subscriptions = Subscription.objects.filter(created | ((unpaid | over) & Q(seen_at__lt=before - LOST_NEWS)))
    counts = {
        "payments": _queue("payments.refresh_payment", "payment", payments),
        "refunds": _queue("payments.send_refund", "refund", refunds),
        "payouts": _queue("payments.send_payout", "payout", unsent),
        "sent_payouts": _queue("payments.refresh_payout", "payout", sent),
        "returned_payouts": _queue("payments.return_transfer", "payout", unreturned),
        "chargebacks": _queue("payments.refresh_chargeback", "chargeback", chargebacks),
        "evidence": _queue("payments.send_evidence", "chargeback", unanswered),
        "acceptances": _queue("payments.send_acceptance", "chargeback", unaccepted),
        "events": _queue("payments.process_event", "event", events.order_by("attempts", "pk")),
        "subscriptions": _queue("payments.refresh_subscription", "subscription", subscriptions),
        "paid_back": _queue("payments.end_paid_back", "subscription", paid_back()),
        "invoices": _queue("payments.refresh_invoice", "payment", unnamed),
    }
    changed = list_exceptions(STUCK, _stuck())
    if any(counts.values()) or changed.closed:
        logger.info("payments_recovery", **counts, exceptions_opened=changed.opened, exceptions_closed=changed.closed)
    return counts


def _queue(task: str, noun: str, rows: QuerySet[Any]) -> int:
    waiting = list(rows.values_list("pk", flat=True))
    for pk in waiting:
        jobs.enqueue(task, once=f"{noun}-{pk}", **{f"{noun}_id": pk})
    return len(waiting)


def _stuck() -> Iterator[Difference]:
    now = timezone.now()
    for event in ProviderEvent.objects.filter(processed_at=None, attempts__gte=MANY_ATTEMPTS).defer("payload"):
        yield _difference(ExceptionKind.EVENT_STUCK, f"event:{event.pk}", event.last_error)
    undecided = Q(created_at__lt=now - UNDECIDED_PAYMENT) & ~Q(status__in=BY_BANK)
    by_bank = Q(created_at__lt=now - DECIDED_BY_BANK, status__in=BY_BANK)
    for payment in Payment.objects.filter(undecided | by_bank, status__in=OPEN_PAYMENTS):
        yield _difference(
            ExceptionKind.PAYMENT_STUCK,
            f"payment:{payment.pk}",
            f"{payment.amount}, {payment.status}",
            payment.provider,
        )
    unsent = Refund.objects.filter(status=RefundStatus.PENDING, refund_id=None, updated_at__lt=now - UNSENT_REFUND)
    for refund in unsent.select_related("payment"):
        yield _difference(
            ExceptionKind.REFUND_STUCK, f"refund:{refund.pk}", f"{refund.amount}", refund.payment.provider
        )
    for payout in _late_payouts(now):
        yield _difference(
            ExceptionKind.PAYMENT_STUCK, f"payout:{payout.pk}", f"Payout of {payout.amount}, {payout.status}"
        )
    unsent_answers = Chargeback.objects.filter(evidence_asked_at__lt=now - UNSENT_EVIDENCE, evidence_sent_at=None)
    for chargeback in unsent_answers.select_related("payment"):
        yield _difference(
            ExceptionKind.PAYMENT_STUCK,
            f"chargeback:{chargeback.pk}",
            f"{chargeback.amount}, the answer to the bank is not sent",
            chargeback.payment.provider,
        )


def _late_payouts(now: datetime) -> QuerySet[Payout]:
    """Not sent, not arrived when the bank should have had it, or come back without its transfer."""
    late = now - LATE_PAYOUT
    unsent = Q(status__in=[PayoutStatus.REQUESTED, PayoutStatus.SENDING], updated_at__lt=late)
    not_arrived = Q(status=PayoutStatus.SENT, arrives_at__lt=late)
    unreturned = Q(status=PayoutStatus.FAILED, transfer_id__isnull=False, returned_at=None, updated_at__lt=late)
    return Payout.objects.filter(unsent | not_arrived | unreturned)


def _difference(kind: ExceptionKind, about: str, detail: str, provider: str = "stripe") -> Difference:
    return Difference(kind, about, provider, detail=detail[:300])
