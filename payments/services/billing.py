"""From what the provider says of subscriptions and their invoices to what is true here.

Any order, any number of times, the same end state: an ended subscription and a paid invoice are final, and every other
news only makes us ask. What was asked for later counts, by the database's clock: those of the web servers may differ.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.services import audit
from core.clock import database_now
from core.money import Money
from notifications.services import notify
from payments import ledger, providers
from payments.errors import SettlementMismatch
from payments.models import Document, Payment, Subscription
from payments.providers import ProviderInvoice, ProviderSubscription
from payments.rules import (
    GRACE,
    SUBSCRIPTION_LIFECYCLE,
    JournalKind,
    PaymentStatus,
    ProviderName,
    SubscriptionStatus,
    included_tax,
)
from payments.selectors.plans import tax_rate_of
from payments.services.documents import issue_subscription_invoice

logger = structlog.get_logger(__name__)

ENDED = frozenset({"canceled", "incomplete_expired"})
MOVE_FOR = {
    "incomplete": "await_payment",
    "active": "activate",
    "trialing": "activate",
    "past_due": "fall_behind",
    "unpaid": "fall_behind",
    "canceled": "end",
    "incomplete_expired": "end",
}


def apply_subscription(about: Mapping[str, Any]) -> None:
    """An event about a subscription. That it ended is the truth for ever; about anything else the provider is asked."""
    state = providers.read_subscription(about)
    subscription = subscription_of(state.id, state.metadata)
    if subscription is None:
        logger.warning("subscription_is_not_ours", subscription_id=state.id)
        return
    asked_at = database_now()
    if state.status not in ENDED:
        state = providers.main().retrieve_subscription(state.id)
    settle_subscription(subscription.pk, state, asked_at=asked_at)


def apply_invoice(about: Mapping[str, Any]) -> None:
    """An event about an invoice: a paid one is booked, and the subscription is looked at again."""
    invoice = providers.read_invoice(about)
    subscription = subscription_of(invoice.subscription_id, invoice.metadata)
    if subscription is None:
        logger.warning("invoice_is_not_ours", invoice_id=invoice.id)
        return
    if invoice.status == "paid":
        settle_invoice(subscription.pk, providers.main().retrieve_invoice(invoice.id))
    asked_at = database_now()
    settle_subscription(
        subscription.pk, providers.main().retrieve_subscription(invoice.subscription_id), asked_at=asked_at
    )


def subscription_of(subscription_id: str, metadata: Mapping[str, str]) -> Subscription | None:
    """By the provider's id, or by our mark on it when the news came before we noted the id."""
    known: Subscription | None = Subscription.objects.filter(subscription_id=subscription_id).first()
    if known:
        return known
    try:
        token = UUID(metadata.get(providers.SUBSCRIPTION_KEY, ""))
    except ValueError:
        return None
    unnoted: Subscription | None = Subscription.objects.filter(token=token, subscription_id=None).first()
    return unnoted


@transaction.atomic
def settle_subscription(pk: int, state: ProviderSubscription, *, asked_at: datetime) -> Subscription:
    """Bring a subscription up to the provider's snapshot of it, asked for at `asked_at`."""
    subscription = _lock(pk)
    _require_match(subscription, state)
    _adopt(subscription, state.id)
    if state.invoice and state.invoice.status == "paid":
        _book(subscription, state.invoice)
    is_stale = subscription.seen_at is not None and asked_at < subscription.seen_at and state.status not in ENDED
    if is_stale or subscription.status == SubscriptionStatus.ENDED:
        return subscription
    _note(subscription, state, asked_at)
    name = MOVE_FOR.get(state.status, "")
    if name and subscription.status in SUBSCRIPTION_LIFECYCLE.moves[name].sources:
        _move(subscription, name)
    return subscription


@transaction.atomic
def settle_invoice(pk: int, invoice: ProviderInvoice) -> None:
    """Book an invoice that was paid, once."""
    subscription = _lock(pk)
    _adopt(subscription, invoice.subscription_id)
    _book(subscription, invoice)


def refresh_invoice(payment_id: int) -> None:
    """Ask the provider what paid an invoice that was booked without it."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.intent_id is None and payment.invoice_id and payment.subscription_id:
        settle_invoice(payment.subscription_id, providers.main().retrieve_invoice(payment.invoice_id))
        Payment.objects.filter(pk=payment.pk).update(updated_at=timezone.now())


def book_what_paid(intent_id: str) -> None:
    """Book the invoice that this intent paid, if it is one of ours: news of the intent overtook that of the invoice."""
    invoice = providers.main().find_invoice(intent_id)
    subscription = subscription_of(invoice.subscription_id, invoice.metadata) if invoice else None
    if invoice and subscription:
        settle_invoice(subscription.pk, invoice)


def _adopt(subscription: Subscription, subscription_id: str) -> None:
    """The provider's id, if it told us before we could note its answer."""
    if subscription.subscription_id is None:
        subscription.subscription_id = subscription_id
        subscription.save(update_fields=["subscription_id"])


def _lock(pk: int) -> Subscription:
    rows = Subscription.objects.select_for_update(no_key=True, of=("self",))
    subscription: Subscription = rows.select_related("plan", "user").get(pk=pk)
    return subscription


def _require_match(subscription: Subscription, state: ProviderSubscription) -> None:
    ours = (subscription.subscription_id or state.id, settings.STRIPE_LIVE_MODE)
    if ours != (state.id, state.live):
        raise SettlementMismatch(f"subscription {state.id} is not that of {subscription.pk}: {ours}")


def _note(subscription: Subscription, state: ProviderSubscription, asked_at: datetime) -> None:
    """Facts beside the status."""
    invoice = state.invoice
    is_waiting = invoice is not None and invoice.status == "open"
    subscription.current_period_end = state.current_period_end or subscription.current_period_end
    subscription.cancel_at_period_end = state.cancel_at_period_end
    subscription.intent_id = invoice.intent_id if invoice and is_waiting else ""
    subscription.client_secret = invoice.client_secret if invoice and is_waiting else ""
    if not is_waiting:
        subscription.failure_message = ""
    subscription.seen_at = asked_at
    subscription.save(
        update_fields=[
            "current_period_end", "cancel_at_period_end", "intent_id", "client_secret",
            "failure_message", "seen_at",
        ]
    )  # fmt: skip


def _move(subscription: Subscription, name: str) -> None:
    before = subscription.status
    now = timezone.now()
    all_changes: dict[str, dict[str, Any]] = {
        "activate": {"past_due_since": None, "grace_ends_at": None, "reminded_at": None},
        "fall_behind": {"past_due_since": now, "grace_ends_at": now + GRACE},
        "end": {"ended_at": now, "grace_ends_at": None},
    }
    SUBSCRIPTION_LIFECYCLE.perform(subscription, name, **all_changes.get(name, {}))
    audit.record(None, f"subscription.{subscription.status}", subscription, plan=subscription.plan.code)
    if name == "activate" and before != SubscriptionStatus.PAST_DUE:
        _tell(
            subscription,
            "subscription_started",
            f"Your {subscription.plan} plan has begun",
            email="payments/emails/subscription_started",
        )
    elif name == "fall_behind":
        tell_overdue(subscription)
    elif name == "end" and before in {SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE}:
        _tell(
            subscription,
            "subscription_ended",
            f"Your {subscription.plan} plan has ended",
            email="payments/emails/subscription_ended",
            was_overdue=before == SubscriptionStatus.PAST_DUE,
        )


def tell_overdue(subscription: Subscription) -> None:
    """A renewal was not paid: when it happens, and again before the plan ends for it."""
    _tell(
        subscription,
        "subscription_overdue",
        f"The payment for your {subscription.plan} plan did not go through",
        email="payments/emails/subscription_overdue",
        until=subscription.grace_ends_at,
    )


def _tell(subscription: Subscription, kind: str, title: str, *, email: str, **context: Any) -> None:
    notify(
        subscription.user,
        kind=kind,
        title=title,
        url=reverse("plan"),
        data={"subscription_id": subscription.pk},
        email=email,
        context={"plan": subscription.plan.name, "price": subscription.price, **context},
    )


def _book(subscription: Subscription, invoice: ProviderInvoice) -> None:
    """Income and tax, the payment behind it and the document, once for each invoice."""
    if not invoice.paid_minor:
        return
    if known := Payment.objects.filter(invoice_id=invoice.id).first():
        if known.intent_id is None and invoice.paid_by:
            Payment.objects.filter(pk=known.pk).update(intent_id=invoice.paid_by)
        return
    ours = (subscription.subscription_id, subscription.currency, settings.STRIPE_LIVE_MODE)
    if ours != (invoice.subscription_id, invoice.currency, invoice.live):
        raise SettlementMismatch(f"invoice {invoice.id} is not of subscription {subscription.pk}: {ours}")
    gross = Money(invoice.paid_minor, invoice.currency)
    tax = included_tax(gross, tax_rate_of(subscription.user))
    payment = _payment_of(subscription, invoice, gross)
    journal = ledger.post(
        JournalKind.SUBSCRIPTION,
        cause=payment.cause,
        lines={ledger.clearing(ProviderName.STRIPE): -gross, ledger.SUBSCRIPTIONS: gross - tax, ledger.TAXES: tax},
        actor=subscription.user,
        memo=payment.description,
    )
    document = issue_subscription_invoice(
        subscription,
        journal,
        gross,
        number_at_provider=invoice.id,
        period=(invoice.period_start, invoice.period_end),
    )
    audit.record(
        None, "subscription.paid", subscription, amount=gross.as_string(), currency=gross.currency, invoice=invoice.id
    )
    _tell_paid(subscription, gross, document)


def _payment_of(subscription: Subscription, invoice: ProviderInvoice, gross: Money) -> Payment:
    payment = Payment.objects.create(
        payer=subscription.user,
        subscription=subscription,
        invoice_id=invoice.id,
        intent_id=invoice.paid_by or None,
        amount_minor=gross.minor,
        received_minor=gross.minor,
        currency=gross.currency,
        description=f"{subscription.plan} plan",
        status=PaymentStatus.SUCCEEDED,
    )
    payment.events.create(move="create", to_status=payment.status)
    return payment


def _tell_paid(subscription: Subscription, gross: Money, document: Document) -> None:
    notify(
        subscription.user,
        kind="subscription_paid",
        title=f"{gross} was paid for your {subscription.plan} plan",
        message=f"Invoice {document.reference}",
        url=reverse("document", args=[document.pk]),
        data={"subscription_id": subscription.pk, "document_id": document.pk},
    )
