"""How Stripe writes subscriptions and their invoices."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from payments.providers.base import ProviderInvoice, ProviderSubscription

WITH_INVOICE = ["latest_invoice.confirmation_secret", "latest_invoice.payments"]


def read_subscription(data: Mapping[str, Any]) -> ProviderSubscription:
    """A Stripe Subscription object, from the API or an event."""
    items = (data.get("items") or {}).get("data") or []
    ends = [item["current_period_end"] for item in items if item.get("current_period_end")]
    invoice = data.get("latest_invoice")
    return ProviderSubscription(
        id=data["id"],
        status=data["status"],
        customer_id=_id(data.get("customer")),
        current_period_end=_moment(min(ends, default=None)),
        cancel_at_period_end=bool(data.get("cancel_at_period_end")),
        metadata=data.get("metadata") or {},
        invoice=read_invoice(invoice) if isinstance(invoice, Mapping) else None,
        live=bool(data.get("livemode")),
    )


def read_invoice(data: Mapping[str, Any]) -> ProviderInvoice:
    """A Stripe Invoice object, from the API or an event."""
    parent = (data.get("parent") or {}).get("subscription_details") or {}
    lines = (data.get("lines") or {}).get("data") or []
    period = lines[0]["period"] if lines else {}
    payments = (data.get("payments") or {}).get("data") or []
    intents = {payment.get("status"): _id(payment["payment"].get("payment_intent")) for payment in payments}
    secret = data.get("confirmation_secret") or {}
    return ProviderInvoice(
        id=data["id"],
        status=data.get("status") or "draft",
        currency=data["currency"].upper(),
        due_minor=int(data["amount_due"]),
        paid_minor=int(data.get("amount_paid") or 0),
        subscription_id=_id(parent.get("subscription")),
        metadata=parent.get("metadata") or {},
        period_start=_moment(period.get("start")),
        period_end=_moment(period.get("end")),
        intent_id=intents.get("open", ""),
        paid_by=intents.get("paid", ""),
        client_secret=secret.get("client_secret") or "",
        live=bool(data.get("livemode")),
    )


def _id(value: Any) -> str:
    """Of a reference, expanded or not."""
    return str(value["id"]) if isinstance(value, Mapping) else value or ""


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
