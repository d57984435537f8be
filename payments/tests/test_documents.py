import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import AuditEvent, User
from accounts.tests.factories import ClientFactory, FreelancerFactory, staff_of
from core.money import Money
from core.pdf import pdf
from payments.models import Document, Journal
from payments.rules import DocumentKind, included_tax
from payments.selectors import document_pdf
from payments.services import (
    create_payment,
    refund_hold,
    release_hold,
    request_refund,
    retry_refund,
    send_refund,
    settle_payment,
    settle_refund,
)
from payments.tests.factories import add_credit, funded_hold, usd
from payments.tests.fakes import DECLINED, THREE_D_SECURE, VISA, FakeProvider

pytestmark = pytest.mark.django_db


def text_of(content: bytes) -> str:
    """The words of a PDF, lines joined."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def earned(payee: User, *, fee_bps: int = 1000, title: str = "Label drawings", amount: Money | None = None) -> Document:
    hold = funded_hold(amount or usd(600_00), payee=payee, fee_bps=fee_bps, title=title)
    release_hold(None, hold=hold, cause=f"test:{hold.pk}")
    return Document.objects.get(kind=DocumentKind.INVOICE, recipient=payee)


def test_a_payment_in_makes_a_receipt(provider: FakeProvider) -> None:
    payer = ClientFactory.create(first_name="Ada", last_name="Fox")
    payment = add_credit(payer, usd(50_00), provider)
    receipt = Document.objects.get()
    assert (receipt.kind, receipt.recipient, receipt.payment) == ("receipt", payer, payment)
    assert (receipt.total, receipt.tax, receipt.journal.kind) == (usd(50_00), usd(0), "credit")
    assert receipt.payload["recipient"]["name"] == "Ada Fox"
    assert "Paid by Visa ending 4242." in receipt.payload["notes"]
    assert AuditEvent.objects.filter(action="document.issued", subject_id=str(receipt.pk)).exists()


def test_the_date_of_a_document_is_in_the_year_of_its_number_for_whoever_prints_it(
    provider: FakeProvider, time_machine: Any
) -> None:
    time_machine.move_to(datetime(2026, 12, 31, 20, tzinfo=UTC), tick=True)  # the first of January in Tokyo
    add_credit(ClientFactory.create(), usd(50_00), provider)
    receipt = Document.objects.get()
    for zone in ("Asia/Tokyo", "America/New_York"):
        with timezone.override(zone):
            words = text_of(document_pdf(receipt))
        assert receipt.reference.startswith("R-2026-")
        assert "31 December 2026" in words


def test_what_is_not_paid_has_no_receipt(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    create_payment(payer, amount=usd(50_00), payment_method=DECLINED)
    create_payment(payer, amount=usd(50_00), payment_method=THREE_D_SECURE)
    assert not Document.objects.exists()


def test_the_same_news_makes_no_second_receipt(provider: FakeProvider) -> None:
    payment = add_credit(ClientFactory.create(), usd(50_00), provider)
    settle_payment(payment.pk, provider.intents[payment.intent_id or ""])
    assert Document.objects.count() == 1


def test_held_funds_have_a_receipt_of_the_payer() -> None:
    hold = funded_hold(usd(600_00))
    receipt = Document.objects.get()
    assert (receipt.recipient, receipt.title, receipt.journal.hold) == (hold.payer, hold.title, hold)


def test_a_release_makes_an_invoice_of_the_fee() -> None:
    hold = funded_hold(usd(600_00))
    release_hold(None, hold=hold, amount=usd(200_00), cause="a")
    release_hold(None, hold=hold, amount=usd(200_00), cause="a")
    release_hold(None, hold=hold, cause="b")
    invoices = Document.objects.filter(kind="invoice").order_by("id")
    assert [one.total for one in invoices] == [usd(20_00), usd(40_00)]
    assert {one.recipient for one in invoices} == {hold.payee}


def test_no_fee_no_invoice() -> None:
    hold = funded_hold(usd(600_00), fee_bps=0)
    release_hold(None, hold=hold, cause="a")
    assert not Document.objects.filter(kind="invoice").exists()


@pytest.mark.parametrize(
    ("amount", "total", "tax"),
    [
        (usd(600_00), usd(60_00), usd(9_58)),
        (Money(6_500, "JPY"), Money(650, "JPY"), Money(104, "JPY")),
        (Money(10_005, "KWD"), Money(1_001, "KWD"), Money(160, "KWD")),
    ],
)
def test_tax_is_part_of_the_fee_to_the_minor_unit(settings: Any, amount: Money, total: Money, tax: Money) -> None:
    settings.TAX_RATE_BPS = {"DE": 1900}
    document = earned(FreelancerFactory.create(country="DE"), amount=amount)
    assert (document.total, document.tax, document.net) == (total, tax, total - tax)
    assert document.payload["taxes"] == [{"name": "Tax", "country": "DE", "bps": 1900, "amount_minor": tax.minor}]


def test_other_countries_have_no_tax(settings: Any) -> None:
    settings.TAX_RATE_BPS = {"DE": 1900}
    document = earned(FreelancerFactory.create(country="KE"))
    assert (document.tax_minor, document.payload["taxes"]) == (0, [])


@pytest.mark.parametrize("bps", [0, 1, 500, 1900, 2500, 10_000])
def test_included_tax_adds_up(bps: int) -> None:
    for minor in (1, 2, 3, 99, 100, 101, 12_345, 99_999_999):
        tax = included_tax(usd(minor), bps)
        net = minor - tax.minor
        assert abs(net * bps - tax.minor * 10_000) <= (10_000 + bps) / 2


def test_numbers_go_on_by_kind_and_year(provider: FakeProvider, time_machine: Any) -> None:
    payer = ClientFactory.create()
    time_machine.move_to(datetime(2026, 12, 31, 23, tzinfo=UTC), tick=True)
    add_credit(payer, usd(1_00), provider)
    earned(FreelancerFactory.create())
    time_machine.move_to(datetime(2027, 1, 1, 1, tzinfo=UTC), tick=True)
    add_credit(payer, usd(1_00), provider)
    references = [one.reference for one in Document.objects.order_by("id")]
    assert references == ["R-2026-000001", "R-2026-000002", "I-2026-000001", "R-2027-000001"]


def test_a_document_is_frozen(settings: Any) -> None:
    payee = FreelancerFactory.create(first_name="Ada", last_name="Fox")
    document = earned(payee)
    before = text_of(document_pdf(document))
    payee.first_name = "Bea"
    payee.save()
    settings.PLATFORM_NAME = "Another"
    assert text_of(document_pdf(Document.objects.get(pk=document.pk))) == before
    for change in (
        lambda: Document.objects.update(total_minor=1),
        lambda: Document.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_another_document_for_the_same_money_is_refused() -> None:
    document = earned(FreelancerFactory.create())
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.create(
            kind=document.kind,
            year=document.year,
            number=99,
            recipient=document.recipient,
            journal=document.journal,
            net_minor=1,
            total_minor=1,
            currency="USD",
            payload={},
        )


def test_the_paper_says_all(settings: Any) -> None:
    settings.TAX_RATE_BPS = {"DE": 1900}
    settings.PLATFORM_NAME = "Guildhall GmbH"
    settings.PLATFORM_ADDRESS = "Lange Straße 1 | 10115 Berlin"
    settings.PLATFORM_TAX_ID = "DE999999999"
    document = earned(FreelancerFactory.create(first_name="Ada", last_name="Fox", country="DE"))
    text = text_of(document_pdf(document))
    for words in (
        f"Invoice {document.reference}", "Ada Fox", "Germany", "Guildhall GmbH", "Lange Straße 1", "10115 Berlin",
        "DE999999999", "Platform fee, 10 % of 600.00 USD", "Label drawings", "$50.42", "$9.58", "$60.00", "19",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    "name",
    [
        "Wolfeschlegelsteinhausenbergerdorff" * 4,
        "مريم العبدالله",
        "נועה לוי",
        "山田 花子",
        "Nguyễn Thị Ánh",
        "Дмитро Шевченко",
        "<b>Bold & brave</b>",
    ],
)
def test_names_of_every_script_and_length(name: str) -> None:
    document = earned(FreelancerFactory.create(first_name=name[:80], last_name=""), title=name)
    reader = PdfReader(BytesIO(document_pdf(document)))
    assert len(reader.pages) == 1
    letters = set(text_of(document_pdf(document)))
    missing = {letter for letter in name if letter.isalnum()} - letters
    assert len(missing) <= len(set(name)) // 3, "letters that the fonts lack; joined Arabic forms read back as others"


def test_paper_reads_only_our_own_files() -> None:
    from weasyprint.urls import FatalURLFetchingError

    for address in ("https://example.com/x.png", "file:///etc/passwd", "css/../../manage.py", "css/none.css"):
        with pytest.raises(FatalURLFetchingError):
            pdf(f"<img src='{address}'>")


def test_the_page_lists_and_opens_them(client: Client) -> None:
    payee = FreelancerFactory.create()
    client.force_login(payee)
    assert "No documents yet" in client.get(reverse("documents")).content.decode()
    document = earned(payee)
    page = client.get(reverse("documents")).content.decode()
    assert document.reference in page
    response = client.get(reverse("document", args=[document.pk]))
    assert response["Content-Type"] == "application/pdf"
    assert document.reference in text_of(response.content)


def test_other_peoples_documents_are_not_there(client: Client) -> None:
    document = earned(FreelancerFactory.create())
    client.force_login(ClientFactory.create())
    assert client.get(reverse("document", args=[document.pk])).status_code == 404


def test_the_wallet_links_the_receipt(client: Client, provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    add_credit(payer, usd(50_00), provider)
    client.force_login(payer)
    assert reverse("document", args=[Document.objects.get().pk]) in client.get(reverse("wallet")).content.decode()


def test_the_api_gives_the_receipt(api_as: Any, provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    api = api_as(payer)
    payment = create_payment(payer, amount=usd(50_00), payment_method=DECLINED)
    refused = api.get(f"/api/payments/{payment.pk}/receipt")
    assert (refused.status_code, refused.data["error_type"]) == (409, "payment_not_received")
    paid = create_payment(payer, amount=usd(50_00), payment_method=VISA)
    response = api.get(f"/api/payments/{paid.pk}/receipt")
    assert response["Content-Type"] == "application/pdf"
    assert "$50.00" in text_of(response.content)
    stranger = api_as(ClientFactory.create())
    assert stranger.get(f"/api/payments/{paid.pk}/receipt").status_code == 404
    [row] = api.get("/api/payments/documents").data["results"]
    assert (row["kind"], row["total"], row["payment_id"]) == ("receipt", 50_00, paid.pk)
    assert api.get(f"/api/payments/documents/{row['id']}/pdf")["Content-Type"] == "application/pdf"
    assert stranger.get(f"/api/payments/documents/{row['id']}/pdf").status_code == 404
    assert api.get("/api/payments/documents?kind=invoice").data["results"] == []


# --- Credit notes -------------------------------------------------------------------------------


def test_what_is_refunded_makes_a_credit_note_of_the_receipt(provider: FakeProvider) -> None:
    payer = ClientFactory.create(first_name="Ada", last_name="Fox")
    payment = add_credit(payer, usd(50_00), provider)
    receipt = Document.objects.get()
    for minor in (20_00, 30_00):
        request_refund(payer, intent_id=str(payment.intent_id), amount=usd(minor))
    part, rest = Document.objects.filter(kind="credit_note").order_by("id")
    assert [part.total, rest.total] == [usd(20_00), usd(30_00)]
    assert part.corrects == rest.corrects == {"id": receipt.pk, "reference": receipt.reference}
    assert (part.recipient, part.payment, part.journal.kind) == (payer, payment, "refund")
    assert [one.reference[-6:] for one in (part, rest)] == ["000001", "000002"]
    text = text_of(document_pdf(part))
    for words in (f"Credit note {part.reference}", "Ada Fox", f"Corrects receipt {receipt.reference}.", "$20.00"):
        assert words in text


def test_what_is_given_back_of_held_funds_makes_a_credit_note() -> None:
    hold = funded_hold(usd(600_00))
    release_hold(None, hold=hold, amount=usd(200_00), cause="a")
    for _ in range(2):
        refund_hold(None, hold=hold, reason="Called off", cause="b")
    note = Document.objects.get(kind="credit_note")
    assert (note.recipient, note.total, note.journal.hold) == (hold.payer, usd(400_00), hold)


def test_a_refund_that_is_sent_again_makes_no_second_credit_note(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    payment = add_credit(payer, usd(50_00), provider)
    refund = request_refund(payer, intent_id=str(payment.intent_id))
    settle_refund(refund.pk, replace(provider.refunds[str(refund.refund_id)], status="failed"))
    retry_refund(staff_of("finance"), refund_id=refund.pk)
    send_refund(refund.pk)
    assert Document.objects.filter(kind="credit_note").count() == 1


def test_a_payment_older_than_receipts_has_no_credit_note(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    payment = add_credit(payer, usd(50_00), provider)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM payments_document; DELETE FROM payments_documentcounter")
        cursor.execute("SET LOCAL session_replication_role = origin")
    request_refund(payer, intent_id=str(payment.intent_id))
    assert not Document.objects.exists()


def test_receipt_and_credit_note_lead_to_each_other(client: Client, api_as: Any, provider: FakeProvider) -> None:
    payer = ClientFactory.create(currency="USD")
    payment = add_credit(payer, usd(50_00), provider)
    request_refund(payer, intent_id=str(payment.intent_id), amount=usd(20_00))
    receipt, note = Document.objects.order_by("id")
    client.force_login(payer)
    page = client.get(reverse("documents")).content.decode()
    assert re.search(f"corrected by +<a[^>]+{reverse('document', args=[note.pk])}", page)
    assert re.search(f"corrects <a[^>]+{reverse('document', args=[receipt.pk])}", page)
    assert reverse("document", args=[note.pk]) in client.get(reverse("wallet")).content.decode()
    statement = client.get(f"{reverse('statement')}?account=credit").content.decode()
    assert reverse("movement", args=[note.journal_id]) in statement
    assert note.reference in client.get(reverse("movement", args=[note.journal_id])).content.decode()
    rows = api_as(payer).get("/api/payments/documents").data["results"]
    assert [row["corrects_id"] for row in rows] == [receipt.pk, None]


# --- The movement that a figure leads to ---------------------------------------------------------


def test_a_movement_shows_every_account_that_it_changed(client: Client) -> None:
    hold = funded_hold(usd(600_00), title="Label drawings")
    release_hold(None, hold=hold, cause="a")
    invoice = Document.objects.get(kind="invoice")
    address = reverse("movement", args=[invoice.journal_id])
    client.force_login(hold.payee)
    page = client.get(address).content.decode()
    for words in ("Label drawings", "−$600.00", "+$60.00", "+$540.00", invoice.reference):
        assert words in page
    client.force_login(hold.payer)
    page = client.get(address).content.decode()
    assert str(hold.payee) in page
    assert invoice.reference not in page
    client.force_login(ClientFactory.create())
    assert client.get(address).status_code == 404


def test_a_rolled_back_payment_leaves_no_number(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    with pytest.raises(RuntimeError), transaction.atomic():
        hold = funded_hold(usd(5_00), payer=payer)
        release_hold(None, hold=hold, cause="x")
        raise RuntimeError
    assert not Journal.objects.exists()
    add_credit(payer, usd(1_00), provider)
    assert Document.objects.get().reference.endswith("-000001")
