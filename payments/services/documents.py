"""Receipts, invoices and credit notes, made in the transaction of the money that they tell of.

Numbers have no gaps, so whoever makes a document holds the lock of its counter until the commit. It comes last in the
locking order; the accounts of the platform are locked just before it, so it adds no waiting that was not there.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from core.formats import iso
from core.money import Money
from core.statements import Selection, insert
from payments.models import Chargeback, Document, Hold, Journal, Payment, Refund, Subscription
from payments.rules import DocumentKind, JournalKind, Quote, Taxed, included_tax, taxed_part
from payments.selectors.plans import tax_rate_of

ARRIVALS = (JournalKind.FUND, JournalKind.CREDIT, JournalKind.SUBSCRIPTION)
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


def issue_credit_note(refund: Refund, journal: Journal, *, tax: Money) -> Document | None:
    """For the payer: that a payment, or a part of it, goes back; None if the payment is older than receipts are."""
    payment = refund.payment
    paper = paper_of(payment)
    if paper is None:
        return None
    back = f"Goes back by {payment.method_label}." if payment.method_label else "Goes back the way it was paid."
    return _issue_correction(
        DocumentKind.CREDIT_NOTE,
        payment,
        journal,
        Taxed(refund.amount - tax, tax),
        corrects=paper,
        title=f"Refund: {payment}",
        text=f"Refund of {payment}",
        note=back,
    )


def issue_chargeback_note(payment: Payment, journal: Journal, part: Taxed) -> Document | None:
    """For who paid for a plan: that their bank took this part of it back; None if nothing of it was left."""
    if not part.gross:
        return None
    return _issue_correction(
        DocumentKind.CREDIT_NOTE,
        payment,
        journal,
        part,
        corrects=_invoice_of(payment),
        title=f"Taken back by the bank: {payment}",
        text=f"{payment}, taken back by your bank",
        note="Your bank pays it back to you.",
    )


def issue_invoice_again(payment: Payment, journal: Journal, note: Document) -> Document:
    """For who paid for a plan: that it is paid after all, since their bank decided so."""
    return _issue_correction(
        DocumentKind.INVOICE,
        payment,
        journal,
        Taxed(note.net, note.tax),
        corrects=note,
        title=str(payment),
        text=f"{payment}, paid after all",
        note="Your bank decided that it stays paid. There is nothing to pay.",
    )


def paper_of(payment: Payment) -> Document | None:
    """The receipt of a payment, or the invoice of a plan that it paid."""
    made: Document | None = Document.objects.filter(journal__kind__in=ARRIVALS, journal__cause=payment.cause).first()
    return made


def part_of_invoice(payment: Payment, amount: Money) -> Taxed:
    """The net and tax of the next `amount` that goes back of what paid for a plan. The caller locked the payment."""
    invoice = _invoice_of(payment)
    tax = payment.documents.aggregate(
        back=Sum("tax_minor", filter=Q(kind=DocumentKind.CREDIT_NOTE), default=0),
        again=Sum("tax_minor", filter=Q(kind=DocumentKind.INVOICE), default=0),
    )
    tax_gone = Money(tax["back"] - tax["again"], payment.currency)
    gone = payment.received - payment.left
    return taxed_part(amount, whole=Taxed(invoice.net, invoice.tax), gone=Taxed(gone - tax_gone, tax_gone))


def chargeback_note(chargeback: Chargeback) -> Document | None:
    """What it took of a plan's payment, as the person was told."""
    made: Document | None = chargeback.payment.documents.filter(
        journal__kind=JournalKind.CHARGEBACK, journal__cause=f"chargeback:{chargeback.pk}"
    ).first()
    return made


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
        taxes=_included(hold.payee, figures.fee),
    )


def issue_subscription_invoice(
    subscription: Subscription,
    journal: Journal,
    gross: Money,
    *,
    number_at_provider: str,
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
        taxes=_included(subscription.user, gross),
        subscription=subscription,
    )


def _invoice_of(payment: Payment) -> Document:
    """Of a plan's payment, which is booked together with it."""
    invoice = paper_of(payment)
    assert invoice is not None
    return invoice


def _issue_correction(
    kind: DocumentKind,
    payment: Payment,
    journal: Journal,
    part: Taxed,
    *,
    corrects: Document,
    title: str,
    text: str,
    note: str,
) -> Document:
    return _issue(
        kind,
        recipient=payment.payer,
        journal=journal,
        title=title,
        lines=[(text, part.gross)],
        notes=[f"Corrects {corrects.get_kind_display().lower()} {corrects.reference}.", note],
        taxes=[known | {"amount_minor": part.tax.minor} for known in corrects.payload["taxes"]],
        corrects=corrects,
        payment=payment,
        subscription=payment.subscription,
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
    taxes: Sequence[dict[str, Any]] = (),
    corrects: Document | None = None,
    payment: Payment | None = None,
    subscription: Subscription | None = None,
) -> Document:
    """The document of this kind for the journal: the one there is, or a new one."""
    known = _known().first(kind=str(kind), journal=journal.pk)
    if known:
        return known
    currency = lines[0][1].currency
    gross = Money(sum(amount.minor for _, amount in lines), currency)
    tax = Money(sum(one["amount_minor"] for one in taxes), currency)
    now = timezone.now()
    document = Document(
        kind=kind,
        year=now.year,
        number=_next_number(kind, now.year),
        recipient=recipient,
        journal=journal,
        payment=payment,
        subscription=subscription,
        title=title[:200],
        net_minor=(gross - tax).minor,
        tax_minor=tax.minor,
        total_minor=gross.minor,
        currency=currency,
        payload={
            **_parties(recipient),
            "issued_at": iso(now),
            "lines": [{"text": text, "amount_minor": amount.minor} for text, amount in lines],
            "taxes": list(taxes),
            "notes": notes,
            "corrects": corrects and {"id": corrects.pk, "reference": corrects.reference},
        },
        created_at=now,
    )
    insert(document)
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


def _included(recipient: User, gross: Money) -> list[dict[str, Any]]:
    rate = tax_rate_of(recipient)
    tax = {"name": "Tax", "country": recipient.country, "bps": rate, "amount_minor": included_tax(gross, rate).minor}
    return [tax] if rate else []


def _parties(recipient: User) -> dict[str, Any]:
    """Who issues it to whom, as they are called today."""
    return {
        "issuer": {
            "name": settings.PLATFORM_NAME,
            "address": [line.strip() for line in settings.PLATFORM_ADDRESS.split("|") if line.strip()],
            "tax_id": settings.PLATFORM_TAX_ID,
        },
        "recipient": {
            "name": recipient.get_full_name() or recipient.email,
            "email": recipient.email,
            "country": recipient.country,
        },
    }
