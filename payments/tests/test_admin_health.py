"""The console's page about the books, and the queue of what does not match."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from accounts.tests.factories import staff_of
from core.money import Money
from payments.models import LedgerCheck, ReconciliationException
from payments.services import check_ledger, reconcile
from payments.tests.factories import funded_hold
from payments.tests.fakes import FakeProvider
from payments.tests.planting import planted

pytestmark = pytest.mark.django_db
PAGE = "/admin/payments/ledgercheck/health"
RUN = "/admin/payments/ledgercheck/run"
ConsoleAs = Callable[[User], Client]


@pytest.fixture
def finance(console_as: ConsoleAs) -> Client:
    return console_as(staff_of("finance"))


def shown(client: Client) -> str:
    return client.get(PAGE).content.decode()


def test_books_that_were_never_checked(finance: Client) -> None:
    assert "Not checked yet" in shown(finance)


def test_right_books_show_every_truth_and_their_figures(finance: Client, provider: FakeProvider) -> None:
    funded_hold(Money(600_00, "USD"), provider=provider)
    reconcile()
    check_ledger()
    page = shown(finance)
    assert ">Right<" in page
    assert "15. A statement re-adds" in page
    assert "Every cached balance equals the sum of its account&#x27;s lines." in page
    assert "Money at Stripe" in page
    assert "$599.70" in page  # less what the provider charged
    assert "Everything matches." in page
    assert "wrong</strong>" not in page


def test_wrong_books_are_red_and_say_where(finance: Client) -> None:
    hold = funded_hold()
    with planted("UPDATE payments_hold SET refunded_minor = refunded_minor + 1"):
        check_ledger()
        page = shown(finance)
    assert ">Wrong<" in page
    assert f'<a href="/admin/payments/hold/{hold.pk}/change/">hold {hold.pk}</a>' in page


def test_an_old_run_is_no_proof(finance: Client) -> None:
    check_ledger()
    LedgerCheck.objects.update(started_at=timezone.now() - timedelta(minutes=31))
    assert "Not checked lately" in shown(finance)


def test_what_waits_is_counted_by_age(finance: Client) -> None:
    ReconciliationException.objects.create(
        kind="event_stuck", about="event:1", provider="stripe", opened_at=timezone.now() - timedelta(days=3)
    )
    page = shown(finance)
    assert "News of the provider that cannot be processed" in page
    assert "Under a week" in page
    assert "/admin/payments/reconciliationexception/?resolved_at__isempty=1" in page


def test_a_run_is_asked_for_by_finance(finance: Client) -> None:
    assert finance.get(RUN).status_code == 405
    assert finance.post(RUN).headers["Location"] == PAGE
    assert ProcrastinateJob.objects.filter(task_name="payments.check_ledger").count() == 1


@pytest.mark.parametrize("group", ["moderator", "support", "analyst"])
def test_other_staff_neither_see_nor_run(console_as: ConsoleAs, group: str) -> None:
    client = console_as(staff_of(group))
    assert client.get(PAGE).status_code == 403
    assert client.post(RUN).status_code == 403


def test_the_list_of_runs_leads_to_the_page(finance: Client) -> None:
    check_ledger()
    assert finance.get("/admin/payments/ledgercheck/").status_code == 200
    assert finance.get("/admin/payments/ledgercheck/now/").headers["Location"] == PAGE


def test_an_exception_is_resolved_with_a_reason(finance: Client) -> None:
    one = ReconciliationException.objects.create(kind="payment_stuck", about="payment:1", provider="stripe")
    assert "payment:1" in finance.get("/admin/payments/reconciliationexception/").content.decode()
    address = f"/admin/payments/reconciliationexception/{one.pk}/resolve/"
    assert finance.post(address, {"reason": "Asked the bank.", "_form_submitted": "True"})["HX-Redirect"]
    one.refresh_from_db()
    assert (one.resolution, one.note) == ("noted", "Asked the bank.")
