"""What the provider tells us by webhooks: stored once as it came, then processed by a job."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core import jobs
from payments import providers
from payments.models import Payment, ProviderEvent, Refund
from payments.rules import ProviderName
from payments.services.billing import apply_invoice, apply_subscription
from payments.services.mirror import mirror
from payments.services.money_out_events import apply_account, apply_dispute, apply_payout, apply_transfer
from payments.services.paypal_events import apply_paypal
from payments.services.settle import note_charge, settle_payment, settle_refund

logger = structlog.get_logger(__name__)

FINAL = frozenset({"succeeded", "canceled"})
Object = Mapping[str, Any]


@transaction.atomic
def store_event(payload: Mapping[str, Any], *, provider: str = ProviderName.STRIPE) -> ProviderEvent:
    """Keep a verified event; the first time also queue its processing."""
    kind = payload["type"] if provider == ProviderName.STRIPE else payload["event_type"]
    event, is_new = ProviderEvent.objects.get_or_create(
        provider=provider,
        event_id=payload["id"],
        defaults={"type": kind, "live_mode": providers.is_live(provider), "payload": payload},
    )
    if is_new:
        jobs.enqueue("payments.process_event", event_id=event.pk)
    return event


def process_event(event_id: int) -> None:
    """Bring what the event is about up to date. Safe to repeat, in any order; may call the provider."""
    event = ProviderEvent.objects.get(pk=event_id)
    if event.processed_at:
        return
    stored = ProviderEvent.objects.filter(pk=event.pk)
    try:
        _apply(event)
    except Exception as error:
        stored.update(attempts=F("attempts") + 1, last_error=repr(error)[:2000])
        raise
    stored.update(attempts=F("attempts") + 1, last_error="", processed_at=timezone.now())
    if event.provider == ProviderName.STRIPE:
        mirror(event.payload["data"]["object"])


def _apply(event: ProviderEvent) -> None:
    if event.provider == ProviderName.PAYPAL:
        apply_paypal(event.payload)
        return
    about: Object = event.payload["data"]["object"]
    appliers = {
        "payment_intent": _apply_intent,
        "charge": _apply_charge,
        "refund": _apply_refund,
        "account": apply_account,
        "transfer": apply_transfer,
        "payout": apply_payout,
        "dispute": apply_dispute,
        "subscription": apply_subscription,
        "invoice": apply_invoice,
    }
    if apply := appliers.get(about.get("object", "")):
        apply(about)


def _apply_intent(about: Object) -> None:
    """A final snapshot is the truth for ever; any other may be outdated by now, so the provider is asked."""
    payment = _payment_of(about["id"], about.get("metadata") or {})
    if payment is None:
        logger.warning("intent_is_not_ours", intent_id=about["id"])
        return
    intent = providers.read_intent(about)
    if intent.status not in FINAL:
        intent = providers.of(payment.provider).retrieve_intent(intent.id)
    settle_payment(payment.pk, intent)


def _apply_charge(about: Object) -> None:
    if payment := _payment_of(about.get("payment_intent") or "", about.get("metadata") or {}):
        note_charge(payment, providers.read_charge(about))


def _apply_refund(about: Object) -> None:
    state = providers.read_refund(about)
    refund = _refund_of(state)
    if refund is None:
        logger.error("refund_is_not_ours", refund_id=state.id, intent_id=state.intent_id)
        return
    settle_refund(refund.pk, state)


def _payment_of(intent_id: str, metadata: Mapping[str, str]) -> Payment | None:
    """By the intent, or by our mark on it when the event came before we noted the intent."""
    known = Payment.objects.filter(intent_id=intent_id).first()
    if known:
        return known
    try:
        token = UUID(metadata.get(providers.PAYMENT_KEY, ""))
    except ValueError:
        return None
    return Payment.objects.filter(token=token, intent_id=None).first()


def _refund_of(state: providers.ProviderRefund) -> Refund | None:
    known = Refund.objects.filter(refund_id=state.id).first()
    pk, _, attempt = state.metadata.get(providers.REFUND_KEY, "").partition("-")
    if known or not (pk.isdecimal() and attempt.isdecimal()):
        return known
    ours = Refund.objects.filter(payment__intent_id=state.intent_id, refund_id=None)
    return ours.filter(pk=int(pk), attempt=int(attempt)).first()
