from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.tests.factories import ClientFactory, FreelancerFactory, UserFactory
from core.money import Money
from payments.models import Document
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
