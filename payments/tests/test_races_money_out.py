"""Money that leaves, at the same time, with real connections."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Sum

from accounts.models import User
from accounts.tests.factories import FreelancerFactory, set_rules, staff_of
from core.errors import Conflict
from core.money import Money
from payments.models import Chargeback, Document, Journal, Payout, PayoutApproval, ReconciliationException, Refund
from payments.selectors import wallet
from payments.services import (
    approve_payout,
    cancel_payout,
    reconcile,
    reconciliation,
    refresh_chargeback,
    refund_invoice,
    release_hold,
    request_payout,
    resolve_exception,
    send_payout,
    settle_invoice,
    settle_payout,
)
from payments.services.exceptions import Difference
from payments.tests.factories import add_credit, earn, funded_hold, on_plan, payable
from payments.tests.fakes import FakeProvider
from payments.tests.test_races import CROWD
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ALL = Money(900_00, "USD")
NOTHING = Money(0, "USD")


@pytest.fixture
def payee(provider: FakeProvider) -> User:
    user = FreelancerFactory.create()
    earn(user, ALL, provider)
    payable(user, provider)
    return user


def test_20_requests_for_everything_are_one_payout(payee: User) -> None:
    results = at_once(*[lambda: request_payout(payee, amount=ALL)] * CROWD)
    assert Counter(type(result) for result in results) == {Payout: 1, Conflict: CROWD - 1}
    [balance] = wallet(payee)
    assert (balance.available, balance.pending) == (NOTHING, ALL)


def test_requests_and_earnings_at_once_add_up(payee: User, provider: FakeProvider) -> None:
    holds = [funded_hold(Money(100_00, "USD"), payee=payee, fee_bps=0, provider=provider) for _ in range(5)]
    at_once(
        *[lambda: request_payout(payee, amount=Money(200_00, "USD"))] * 8,
        *[lambda hold=hold: release_hold(None, hold=hold, cause=f"r:{hold.pk}") for hold in holds],
    )
    [balance] = wallet(payee)
    assert balance.available + balance.pending == Money(1_400_00, "USD")
    assert balance.pending == Money(200_00 * Payout.objects.count(), "USD")


def test_one_person_who_approves_twice_at_once_is_one_approval(payee: User, provider: FakeProvider) -> None:
    earn(payee, ALL, provider)
    payout = request_payout(payee, amount=Money(1_500_00, "USD"))
    staff = staff_of("finance")
    results = at_once(*[lambda: approve_payout(staff, payout_id=payout.pk)] * 6)
    assert Counter(type(result) for result in results) == {Payout: 1, Conflict: 5}
    assert (PayoutApproval.objects.count(), Payout.objects.get().status) == (1, "awaiting_approval")


def test_two_people_who_approve_at_once_send_it_once(payee: User, provider: FakeProvider) -> None:
    earn(payee, ALL, provider)
    payout = request_payout(payee, amount=Money(1_500_00, "USD"))
    staff = [staff_of("finance") for _ in range(2)]
    at_once(*[lambda one=one: approve_payout(one, payout_id=payout.pk) for one in staff])
    assert Payout.objects.get().status == "sending"
    at_once(*[lambda: send_payout(payout.pk)] * 5)
    assert (len(provider.transfers), len(provider.payouts)) == (1, 1)


def test_cancelling_while_it_is_sent_has_one_winner(payee: User, provider: FakeProvider) -> None:
    for _ in range(5):
        payout = request_payout(payee, amount=Money(100_00, "USD"))
        before = len(provider.transfers)
        at_once(
            lambda payout=payout: send_payout(payout.pk),
            lambda payout=payout: cancel_payout(payee, payout_id=payout.pk),
        )
        payout.refresh_from_db()
        assert (payout.status, len(provider.transfers) - before) in {("sent", 1), ("cancelled", 0)}


def test_news_of_a_failure_20_times_at_once_returns_once(payee: User, provider: FakeProvider) -> None:
    payout = send_payout(request_payout(payee, amount=ALL).pk)
    failed = provider.move_payout(payout.payout_id or "", "failed")
    at_once(*[lambda: settle_payout(payout.pk, failed)] * CROWD)
    assert Journal.objects.filter(kind="payout_back").count() == 1
    assert wallet(payee)[0].available == ALL


def test_one_chargeback_told_20_times_at_once(provider: FakeProvider) -> None:
    hold = funded_hold(ALL, provider=provider)
    release_hold(None, hold=hold, cause="r")
    dispute = provider.dispute(hold.payments.get().intent_id or "")
    at_once(*[lambda: refresh_chargeback(dispute.id)] * CROWD)
    assert (Chargeback.objects.count(), Journal.objects.filter(kind="chargeback").count()) == (1, 1)
    assert wallet(hold.payer)[0].debt == ALL


def test_credit_that_comes_while_a_chargeback_takes_leaves_no_credit_beside_a_debt(provider: FakeProvider) -> None:
    for _ in range(3):
        hold = funded_hold(ALL, provider=provider)
        release_hold(None, hold=hold, cause=f"r:{hold.pk}")
        dispute = provider.dispute(hold.payments.get().intent_id or "")
        at_once(
            lambda hold=hold: add_credit(hold.payer, Money(50_00, "USD"), provider),
            lambda dispute=dispute: refresh_chargeback(dispute.id),
        )
        [balance] = wallet(hold.payer)
        assert (balance.credit, balance.debt) == (NOTHING, Money(850_00, "USD"))


def test_refunds_and_a_chargeback_of_a_plan_at_once_lose_nothing(provider: FakeProvider, settings: Any) -> None:
    """Whatever comes first, what goes back of the invoice is at most the invoice; the rest the person owes."""
    settings.TAX_RATE_BPS = {"DE": 1900}
    person, staff = FreelancerFactory.create(country="DE"), staff_of("finance")
    payment = on_plan(person, provider=provider).payments.get()
    dispute = provider.dispute(payment.intent_id or "", Money(9_00, "USD"))

    def refund() -> Refund:
        return refund_invoice(staff, payment_id=payment.pk, amount=Money(3_33, "USD"), reason="Sorry.")

    results = at_once(*[refund] * (CROWD - 2), *[lambda: refresh_chargeback(dispute.id)] * 2)
    assert {type(result) for result in results} <= {Refund, Conflict, Chargeback}
    payment.refresh_from_db()
    back = Document.objects.filter(kind="credit_note").aggregate(total=Sum("total_minor"), tax=Sum("tax_minor"))
    assert back["total"] == payment.refunded_minor + payment.charged_back_minor
    assert Chargeback.objects.get().counted_minor == min(9_00, 15_00 - payment.refunded_minor)
    [balance] = wallet(person)
    assert balance.debt.minor == 9_00 - payment.charged_back_minor


def test_one_refund_of_a_plan_asked_for_at_once_by_one_key(provider: FakeProvider) -> None:
    payment = on_plan(FreelancerFactory.create(), provider=provider).payments.get()
    staff, token = staff_of("finance"), uuid4()
    results = at_once(
        *[lambda: refund_invoice(staff, payment_id=payment.pk, amount=Money(1_00, "USD"), reason="Sorry.", token=token)]
        * CROWD
    )
    assert len({result.pk for result in results}) == Refund.objects.count() == 1


def test_one_month_told_at_once_by_many_is_one_payment(provider: FakeProvider) -> None:
    plan = on_plan(FreelancerFactory.create(), provider=provider)
    provider.renew(plan.subscription_id or "")
    invoice = provider.invoice(plan.subscription_id or "")
    at_once(*[lambda: settle_invoice(plan.pk, invoice)] * CROWD)
    assert plan.payments.count() == Journal.objects.filter(kind="subscription").count() == 2


def test_what_comes_right_while_staff_write_it_off_is_one_or_the_other(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "GRACE", timedelta(seconds=-60))
    funded_hold(ALL, provider=provider)
    moved, finance, compare = list(provider.transactions), staff_of("finance"), reconciliation._differences
    provider.transactions.clear()
    reconcile()
    one = ReconciliationException.objects.open().get()

    def write_off() -> None:
        at_once(lambda: resolve_exception(finance, exception_id=one.pk, seen_minor=one.amount_minor, reason="Lost."))

    def compare_meanwhile(*about: Any) -> Iterator[Difference]:
        staff.start()
        staff.join(timeout=1)  # at the latest it ends when the comparison does
        yield from compare(*about)

    staff = Thread(target=write_off)
    provider.transactions.extend(moved)
    monkeypatch.setattr(reconciliation, "_differences", compare_meanwhile)
    reconcile()
    staff.join()
    one.refresh_from_db()
    is_booked = Journal.objects.filter(kind="write_off", cause=f"exception:{one.pk}").exists()
    assert (one.resolution == "written_off") == is_booked


def test_of_two_who_confirm_a_write_off_at_once_one_does(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "GRACE", timedelta(seconds=-60))
    set_rules(dispute_two_staff_over=100)
    funded_hold(ALL, provider=provider)
    provider.transactions.clear()
    reconcile()
    one = ReconciliationException.objects.open().get()

    def write_off(staff: User) -> ReconciliationException:
        return resolve_exception(staff, exception_id=one.pk, seen_minor=one.amount_minor, reason="Lost.")

    write_off(staff_of("finance"))
    others = [staff_of("finance") for _ in range(2)]
    results = at_once(*[lambda staff=staff: write_off(staff) for staff in others])
    assert Counter(type(result) for result in results) == {ReconciliationException: 1, Conflict: 1}
    assert Journal.objects.filter(kind="write_off").count() == one.write_offs.count() == 1
