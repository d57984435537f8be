"""The console's page about the books, and the queue of what does not match."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from accounts.tests.factories import staff_of
from core.money import Money
from payments.models import Journal, LedgerCheck, ReconciliationException
from payments.services import (
    check_ledger,
    reconcile,
    refund_hold,
    release_hold,
    request_payout,
    send_refund,
)
from payments.tests.factories import funded_hold, payable
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


def test_every_figure_leads_to_what_it_is_the_sum_of(finance: Client, provider: FakeProvider) -> None:
    hold = funded_hold(Money(600_00, "USD"), provider=provider)
    release_hold(None, hold=hold, amount=Money(200_00, "USD"), cause="part")
    refund_hold(None, hold=hold, amount=Money(50_00, "USD"), reason="", cause="part")
    reconcile()
    check_ledger()
    funded, released, _ = hold.journals.order_by("id").values_list("pk", flat=True)
    of_hold, of_journal = "/admin/payments/hold/{}/change/", "/admin/payments/journal/{}/change/"
    for page, figure, row in (
        (PAGE, "$350.00", of_hold.format(hold.pk)),  # held under 30 days
        (PAGE, "$180.00", of_journal.format(released)),  # available
        (PAGE, "$20.00", of_journal.format(released)),  # fees
        (PAGE, "$599.70", of_journal.format(funded)),  # in our books at the provider
        ("/admin/", "$350.00", of_hold.format(hold.pk)),
        ("/admin/", "$20.00", of_journal.format(released)),
        (of_hold.format(hold.pk), "", of_journal.format(funded)),
        ("/admin/payments/account/", "Show<", of_journal.format(funded)),
    ):
        html = finance.get(page).content.decode()
        links = re.findall(rf'href="([^"]*)"[^>]*>(?:<bdi[^>]*>)?{re.escape(figure)}', html) if figure else []
        listed = [finance.get(unescape(link)).content.decode() for link in links]
        assert any(row in each for each in listed or [html]), (page, figure)


def test_a_payment_a_refund_and_a_payout_lead_to_their_entries(console_as: ConsoleAs, provider: FakeProvider) -> None:
    hold = funded_hold(Money(600_00, "USD"), provider=provider)
    release_hold(None, hold=hold, amount=Money(200_00, "USD"), cause="part")
    refund_hold(None, hold=hold, reason="", cause="rest")
    payment, refund = hold.payments.get(), hold.payments.get().refunds.get()
    send_refund(refund.pk)
    payable(hold.payee, provider)
    payout = request_payout(hold.payee, amount=Money(30_00, "USD"))
    finance, support = console_as(staff_of("finance")), console_as(staff_of("support"))
    for row, kinds in ((payment, "fund refund refund_sent"), (refund, "refund refund_sent"), (payout, "payout")):
        page = reverse(f"admin:payments_{row._meta.model_name}_change", args=[row.pk])
        html = finance.get(page).content.decode()
        for kind in kinds.split():
            assert reverse("admin:payments_journal_change", args=[Journal.objects.get(kind=kind).pk]) in html
    payments_page = support.get(reverse("admin:payments_payment_change", args=[payment.pk])).content.decode()
    assert "/admin/payments/journal/" not in payments_page  # which they could not open


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
    assert finance.post(address, {"reason": "Asked the bank.", "seen_minor": "0", "_form_submitted": "True"})[
        "HX-Redirect"
    ]
    one.refresh_from_db()
    assert (one.resolution, one.note) == ("noted", "Asked the bank.")
