"""What PayPal's events are about. What they say may be outdated when they are processed, so PayPal is asked each time."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Q

from core.money import Money
from payments import providers
from payments.errors import IntentGone
from payments.models import Payment, Refund
from payments.providers import DisputeMove, ProviderDispute, ProviderRefund
from payments.rules import REVERSAL, ProviderName
from payments.services.chargebacks import apply_dispute_state
from payments.services.payments import refresh_payment
from payments.services.settle import settle_payment, settle_refund

logger = structlog.get_logger(__name__)

OF_PAYMENTS = frozenset({"checkout-order", "authorization", "capture"})


def apply_paypal(event: Mapping[str, Any]) -> None:
    """Bring what the event is about up to date. May call PayPal."""
    resource, kind = event["resource"], event.get("resource_type", "")
    try:
        if event["event_type"] == "PAYMENT.CAPTURE.REVERSED":
            _apply_reversal(resource)
        elif kind == "dispute":
            _apply_dispute(str(resource.get("dispute_id")))
        elif kind == "refund":
            _apply_refund(resource)
        elif kind in OF_PAYMENTS:
            _apply_payment(resource, kind)
    except IntentGone:
        logger.error("paypal_knows_no_such_thing", resource_id=resource.get("id"), kind=kind)


def _apply_payment(resource: Mapping[str, Any], kind: str) -> None:
    payment = _payment_of(resource, kind)
    if payment is None:
        logger.warning("order_is_not_ours", resource_id=resource.get("id"), kind=kind)
    elif payment.is_open:
        refresh_payment(payment.pk)
    elif payment.intent_id:  # what we know is final, or it contradicts, which settling refuses
        settle_payment(payment.pk, providers.of(payment.provider).retrieve_intent(payment.intent_id))


def _apply_refund(resource: Mapping[str, Any]) -> None:
    state = providers.of(ProviderName.PAYPAL).retrieve_refund(str(resource.get("id")))
    refund = _refund_of(state, str(resource.get("invoice_id", "")))
    if refund is None:
        logger.error("refund_is_not_ours", refund_id=state.id, provider=ProviderName.PAYPAL)
        return
    settle_refund(refund.pk, state)


def _apply_dispute(dispute_id: str) -> None:
    apply_dispute_state(providers.of(ProviderName.PAYPAL).retrieve_dispute(dispute_id))


def _apply_reversal(resource: Mapping[str, Any]) -> None:
    """PayPal took a payment back. Told in the shape of a refund, whose link "up" leads to what was taken.

    What a dispute took is counted by the dispute.
    """
    paypal = providers.paypal_provider()
    capture_id = next(link["href"] for link in resource["links"] if link["rel"] == "up").rpartition("/")[2]
    if disputes := paypal.disputes_about(capture_id):
        for dispute_id in disputes:
            _apply_dispute(dispute_id)
        return
    amount = Money.parse(resource["amount"]["value"], resource["amount"]["currency_code"])
    reversal_id = f"{REVERSAL}{resource['id']}"
    moved = DisputeMove(reversal_id, -amount.minor, 0, amount.currency)
    apply_dispute_state(
        ProviderDispute(
            reversal_id,
            "lost",
            amount.minor,
            amount.currency,
            paypal.order_of(capture_id),
            "reversed",
            moves=(moved,),
        )
    )


def _payment_of(resource: Mapping[str, Any], kind: str) -> Payment | None:
    """By the order, or by our mark on it when the event came before we noted the order."""
    related = (resource.get("supplementary_data") or {}).get("related_ids") or {}
    order_id = resource.get("id", "") if kind == "checkout-order" else related.get("order_id", "")
    ours = Payment.objects.filter(provider=ProviderName.PAYPAL)
    return ours.filter(Q(intent_id=order_id) | Q(token=_token(resource), intent_id=None)).first()


def _token(resource: Mapping[str, Any]) -> UUID | None:
    units = resource.get("purchase_units") or [resource]
    try:
        return UUID(units[0].get("custom_id", ""))
    except ValueError:
        return None


def _refund_of(state: ProviderRefund, invoice: str) -> Refund | None:
    """By its id, or by our mark on it when the event came before we noted the id. The mark names payment and attempt."""
    known = Refund.objects.filter(refund_id=state.id, payment__provider=ProviderName.PAYPAL).first()
    pk, _, attempt = state.metadata.get(providers.REFUND_KEY, "").partition("-")
    if known or not (pk.isdecimal() and attempt.isdecimal()):
        return known
    ours = Refund.objects.filter(pk=int(pk), attempt=int(attempt), refund_id=None).select_related("payment").first()
    return ours if ours and invoice == ours.key else None
