from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.tests.factories import ClientFactory, FreelancerFactory, UserFactory, staff_of
from core.money import Money
from payments.models import Document, Payment, Refund
from payments.services import create_payment, refresh_chargeback
from payments.tests.factories import add_credit, make_plan, on_plan
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(console_as: Any) -> Client:
    client: Client = console_as(UserFactory.create(staff=True))
    return client


@pytest.fixture
def document(provider: FakeProvider) -> Document:
    add_credit(ClientFactory.create(), Money(50_00, "USD"), provider)
    return Document.objects.get()


def test_looking_at_a_document_is_recorded(console: Client, document: Document) -> None:
    page = console.get(reverse("admin:payments_document_change", args=[document.pk]))
    assert page.status_code == 200
    printed = console.get(reverse("admin:payments_document_pdf", args=[document.pk]))
    assert printed["Content-Type"] == "application/pdf"
    seen = AuditEvent.objects.filter(subject_type="payments.document", subject_id=str(document.pk))
    assert {"console.viewed", "console.printed"} <= set(seen.values_list("action", flat=True))


def test_documents_are_only_read(console: Client, document: Document) -> None:
    address = reverse("admin:payments_document_change", args=[document.pk])
    assert console.post(address, {"title": "x"}).status_code == 403
    assert console.get(reverse("admin:payments_document_add")).status_code == 403


def test_a_new_price_is_for_who_begins_now(console: Client, provider: FakeProvider) -> None:
    plan = make_plan()
    before = on_plan(FreelancerFactory.create(), plan, provider)
    plan.refresh_from_db()
    assert plan.price_id
    values: dict[str, Any] = {
        "name": plan.name, "summary": "x", "price_minor": 20_00, "currency": "USD", "fee_bps": 800, "project_files": "",
        "is_offered": "on",
    }  # fmt: skip
    response = console.post(reverse("admin:payments_plan_change", args=[plan.pk]), values)
    assert response.status_code == 302
    plan.refresh_from_db()
    assert (plan.price_minor, plan.price_id, plan.code) == (20_00, "", "pro")
    before.refresh_from_db()
    assert before.price_minor == 15_00
    assert on_plan(FreelancerFactory.create(), plan, provider).price_minor == 20_00


def test_staff_cancel_and_ask(console: Client, provider: FakeProvider) -> None:
    subscription = on_plan(FreelancerFactory.create(), provider=provider)
    address = reverse("admin:payments_subscription_changelist")
    for action in ("ask_provider", "cancel"):
        response = console.post(address, {"action": action, "_selected_action": subscription.pk}, follow=True)
        assert response.status_code == 200
    subscription.refresh_from_db()
    assert subscription.cancel_at_period_end
    assert "secret" not in console.get(
        reverse("admin:payments_subscription_change", args=[subscription.pk])
    ).content.decode().replace("client_secret", "")


# --- Refunding a plan ---------------------------------------------------------------------------


def press_refund(console: Client, payment: Payment, **told: Any) -> Any:
    values = {"_form_submitted": "True", "reason": "Paid by mistake.", "token": str(uuid4()), **told}
    return console.post(reverse("admin:payments_payment_refund", args=[payment.pk]), values)


def test_staff_refund_a_plan(console: Client, provider: FakeProvider) -> None:
    payment = on_plan(FreelancerFactory.create(), provider=provider).payments.get()
    address = reverse("admin:payments_payment_refund", args=[payment.pk])
    assert "all of $15.00 that is left" in console.get(address).content.decode()
    answer = press_refund(console, payment, amount="5", token=(token := str(uuid4())))
    assert answer["HX-Redirect"] == reverse("admin:payments_payment_change", args=[payment.pk])
    press_refund(console, payment, amount="5", token=token)
    assert [refund.amount_minor for refund in payment.refunds.all()] == [5_00]
    press_refund(console, payment)
    payment.refresh_from_db()
    assert payment.left == Money(0, "USD")


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"amount": "0"}, {"amount": "1.001"}, {"amount": "x"}, {"token": ""}]
)
def test_a_refund_that_is_not_clear_stays_open(console: Client, provider: FakeProvider, wrong: dict[str, str]) -> None:
    payment = on_plan(FreelancerFactory.create(), provider=provider).payments.get()
    answer = press_refund(console, payment, **wrong)
    assert (answer.status_code, answer.has_header("HX-Redirect"), Refund.objects.exists()) == (200, False, False)


def test_only_what_paid_for_a_plan_has_the_button(console: Client, provider: FakeProvider) -> None:
    credit = add_credit(ClientFactory.create(), Money(50_00, "USD"), provider)
    plan = on_plan(FreelancerFactory.create(), provider=provider)
    payment = plan.payments.get()

    def page(row: Payment) -> str:
        return console.get(reverse("admin:payments_payment_change", args=[row.pk])).content.decode()

    assert reverse("admin:payments_payment_refund", args=[payment.pk]) in page(payment)
    assert reverse("admin:payments_payment_refund", args=[credit.pk]) not in page(credit)
    press_refund(console, credit)
    assert not Refund.objects.exists()
    press_refund(console, payment)
    assert reverse("admin:payments_payment_refund", args=[payment.pk]) not in page(payment)
    listed = console.get(reverse("admin:payments_subscription_change", args=[plan.pk])).content.decode()
    assert reverse("admin:payments_payment_change", args=[payment.pk]) in listed


def test_support_reads_and_does_not_refund(console_as: Any, provider: FakeProvider) -> None:
    payment = on_plan(FreelancerFactory.create(), provider=provider).payments.get()
    support: Client = console_as(staff_of("support"))
    assert support.get(reverse("admin:payments_payment_change", args=[payment.pk])).status_code == 200
    assert press_refund(support, payment).status_code == 403


def test_a_chargeback_of_a_plan_that_left_no_debt_has_nothing_to_write_off(
    console: Client, provider: FakeProvider
) -> None:
    payment = on_plan(FreelancerFactory.create(), provider=provider).payments.get()
    dispute = provider.dispute(payment.intent_id or "")
    chargeback = refresh_chargeback(dispute.id)
    assert chargeback
    address = reverse("admin:payments_chargeback_change", args=[chargeback.pk])
    assert f"/{chargeback.pk}/accept/" in console.get(address).content.decode()
    provider.decide_dispute(dispute.id, "lost")
    refresh_chargeback(dispute.id)
    assert "/write_off/" not in console.get(address).content.decode()


def test_an_answer_that_contradicts_our_records_is_told_to_who_asked(console: Client, provider: FakeProvider) -> None:
    payment = create_payment(ClientFactory.create(), amount=Money(50_00, "USD"))
    intent_id = str(payment.intent_id)
    provider.intents[intent_id] = replace(provider.intents[intent_id], amount_minor=60_00)
    chosen = {"action": "ask_provider", "_selected_action": payment.pk}
    page = console.post(reverse("admin:payments_payment_changelist"), chosen, follow=True)
    assert f"intent {intent_id} is not that of payment {payment.pk}" in page.content.decode()


@pytest.mark.parametrize("part", ["change", "refund"])
def test_what_can_be_no_id_is_not_there(console: Client, part: str) -> None:
    assert console.get(f"/admin/payments/payment/abc/{part}/").status_code == 404
