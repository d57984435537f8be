"""Receipts, invoices and credit notes, made in the transaction of the money that they tell of.

Numbers have no gaps, so whoever makes a document holds the lock of its counter until the commit. It comes last in the
locking order; the accounts of the platform are locked just before it, so it adds no waiting that was not there.
"""

from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from core.formats import iso
from core.money import Money
from core.statements import Selection
from payments.models import Document, Hold, Journal, Payment, Refund, Subscription
from payments.rules import DocumentKind, Quote, included_tax
from payments.selectors.plans import tax_rate_of

NEXT_NUMBER = """
INSERT INTO payments_documentcounter AS counter (kind, year, last) VALUES (%s, %s, 1)
ON CONFLICT (kind, year) DO UPDATE SET last = counter.last + 1 RETURNING last
"""
ANY_KIND, ANY_JOURNAL = "kind?", -1_000_001  # stand where a statement's parameters go


def issue_receipt(payment: Payment, journal: Journal) -> Document:
    """For the payer: that their payment came."""
    title = str(payment)
    notes = [f"Paid by {payment.method_label}." if payment.method_label else "Paid."]
    if payment.hold_id and payment.hold:
        notes.append(f"Held for the work of {payment.hold.payee.get_full_name()} until it is approved.")
    return _issue(
        DocumentKind.RECEIPT,
        recipient=payment.payer,
        journal=journal,
        title=title,
        lines=[(title, payment.received)],
        notes=notes,
        payment=payment,
    )


def issue_credit_note(refund: Refund, journal: Journal) -> Document | None:
    """For the payer: that a payment, or a part of it, goes back; None if the payment is older than receipts are."""
    payment = refund.payment
    receipt = payment.documents.filter(kind=DocumentKind.RECEIPT).first()
    if receipt is None:
        return None
    back = f"Goes back by {payment.method_label}." if payment.method_label else "Goes back the way it was paid."
    return _issue(
        DocumentKind.CREDIT_NOTE,
        recipient=payment.payer,
        journal=journal,
        title=f"Refund: {payment}",
        lines=[(f"Refund of {payment}", refund.amount)],
        notes=[f"Corrects receipt {receipt.reference}.", back],
        corrects=receipt,
        payment=payment,
    )


def issue_fee_invoice(hold: Hold, journal: Journal, figures: Quote) -> Document | None:
    """For the payee: what the platform kept of a release; None if nothing."""
    if not figures.fee:
        return None
    percent = f"{hold.fee_bps / 100:g}"
    return _issue(
        DocumentKind.INVOICE,
        recipient=hold.payee,
        journal=journal,
        title=f"Platform fee: {hold.title}"[:200],
        lines=[(f"Platform fee, {percent} % of {figures.gross.as_string()} {figures.gross.currency}", figures.fee)],
        notes=[f"For: {hold.title}", "Already taken from what was released to you. There is nothing to pay."],
        is_taxed=True,
    )


def issue_subscription_invoice(
    subscription: Subscription,
    journal: Journal,
    gross: Money,
    *,
    number_at_provider: str,
    intent_id: str,
    period: tuple[datetime | None, datetime | None],
) -> Document:
    start, end = period
    plan = subscription.plan.name
    text = f"{plan}, {start:%-d %B %Y} to {end:%-d %B %Y}" if start and end else plan
    return _issue(
        DocumentKind.INVOICE,
        recipient=subscription.user,
        journal=journal,
        title=f"{plan} plan",
        lines=[(text, gross)],
        notes=[f"Paid. Reference at the payment provider: {number_at_provider}."],
        is_taxed=True,
        subscription=subscription,
        intent_id=intent_id,
    )


@transaction.atomic(savepoint=False)
def _issue(
    kind: DocumentKind,
    *,
    recipient: User,
    journal: Journal,
    title: str,
    lines: list[tuple[str, Money]],
    notes: list[str],
    corrects: Document | None = None,
    is_taxed: bool = False,
    payment: Payment | None = None,
    subscription: Subscription | None = None,
    intent_id: str = "",
) -> Document:
    """The document of this kind for the journal: the one there is, or a new one."""
    known = _known().first(kind=str(kind), journal=journal.pk)
    if known:
        return known
    currency = lines[0][1].currency
    gross = Money(sum(amount.minor for _, amount in lines), currency)
    rate = tax_rate_of(recipient) if is_taxed else 0
    tax = included_tax(gross, rate)
    now = timezone.now()
    document: Document = Document.objects.create(
        kind=kind,
        year=now.year,
        number=_next_number(kind, now.year),
        recipient=recipient,
        journal=journal,
        payment=payment,
        subscription=subscription,
        intent_id=intent_id,
        title=title[:200],
        net_minor=(gross - tax).minor,
        tax_minor=tax.minor,
        total_minor=gross.minor,
        currency=currency,
        payload={
            "issuer": _issuer(),
            "recipient": _recipient(recipient),
            "issued_at": iso(now),
            "lines": [{"text": text, "amount_minor": amount.minor} for text, amount in lines],
            "taxes": [{"name": "Tax", "country": recipient.country, "bps": rate, "amount_minor": tax.minor}]
            if rate
            else [],
            "notes": notes,
            "corrects": corrects and {"id": corrects.pk, "reference": corrects.reference},
        },
        created_at=now,
    )
    total = document.total.as_string()
    audit.record(None, "document.issued", document, number=document.reference, total=total, currency=currency)
    return document


@cache
def _known() -> Selection[Document]:
    rows = Document.objects.filter(kind=ANY_KIND, journal=ANY_JOURNAL).order_by()
    return Selection(rows, kind=ANY_KIND, journal=ANY_JOURNAL)


def _next_number(kind: DocumentKind, year: int) -> int:
    """One more than the last; a twin waits here until we commit, and takes the same number if we roll back."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER, [str(kind), year])
        (number,) = cursor.fetchone()
    return int(number)


def _issuer() -> dict[str, Any]:
    return {
        "name": settings.PLATFORM_NAME,
        "address": [line.strip() for line in settings.PLATFORM_ADDRESS.split("|") if line.strip()],
        "tax_id": settings.PLATFORM_TAX_ID,
    }


def _recipient(user: User) -> dict[str, Any]:
    return {
        "name": user.get_full_name() or user.email,
        "email": user.email,
        "country": user.country,
    }
