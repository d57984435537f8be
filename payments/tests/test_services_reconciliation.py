"""What the provider moved, against the books."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from unittest import mock

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.tests.factories import ClientFactory, FreelancerFactory, staff_of
from core.errors import Conflict, Forbidden, Invalid, Unavailable
from core.money import Money
from notifications.models import Notification
from payments import ledger
from payments.models import Hold, Journal, ProviderTransaction, ReconciliationException, ReconciliationRun
from payments.rules import ExceptionKind, JournalKind, ProviderName
from payments.selectors import prove
from payments.services import (
    billing,
    pay_hold,
    reconcile,
    refresh_chargeback,
    refresh_payment,
    refund_hold,
    request_payout,
    resolve_exception,
    return_transfer,
    send_payout,
    send_refund,
)
from payments.tests.factories import add_credit, earn, funded_hold, make_hold, on_plan, payable
from payments.tests.fake_billing import invoice_object
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
TEN = Money(10_00, "USD")


@pytest.fixture
def hold(provider: FakeProvider) -> Hold:
    return funded_hold(TEN, provider=provider)


@pytest.fixture
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is there is old enough to be judged."""
    monkeypatch.setattr("payments.services.reconciliation.GRACE", timedelta(seconds=-60))


def balance(bucket: ledger.Bucket) -> int:
    return ledger.balance(bucket, "USD").minor


def open_exceptions() -> list[tuple[str, int]]:
    return list(ReconciliationException.objects.open().order_by("pk").values_list("kind", "amount_minor"))


def is_proven() -> bool:
    return not any(finding.offenders for finding in prove() if finding.check.name == "provider_equals_books")


def test_everything_finds_its_journal_and_fees_are_booked(provider: FakeProvider, hold: Hold) -> None:
    refund_hold(None, hold=hold, reason="", cause="back")
    send_refund(hold.payments.get().refunds.get().pk)
    add_credit(ClientFactory.create(), Money(50_00, "USD"), provider)
    run = reconcile()
    assert (run.fetched, run.stored, run.matched, run.opened) == (3, 3, 3, 0)
    kinds = ProviderTransaction.objects.order_by("pk").values_list("journal__kind", flat=True)
    assert list(kinds) == ["fund", "refund_sent", "credit"]
    assert balance(ledger.COSTS) == -60
    assert balance(ledger.clearing("stripe")) == -(50_00 - 60)
    assert sum(ProviderTransaction.objects.values_list("net_minor", flat=True)) == 50_00 - 60


@pytest.mark.usefixtures("_no_grace")
def test_money_that_leaves_and_what_banks_take_back_find_their_journals(provider: FakeProvider) -> None:
    payee = FreelancerFactory.create()
    hold = earn(payee, Money(100_00, "USD"), provider)
    payable(payee, provider)
    provider.refuse_payouts = True
    payout = send_payout(request_payout(payee, amount=Money(40_00, "USD")).pk)
    return_transfer(payout.pk)
    dispute = provider.dispute(hold.payments.get().intent_id or "", fee=0)
    refresh_chargeback(dispute.id)
    provider.decide_dispute(dispute.id, "won")
    refresh_chargeback(dispute.id)
    transfer = str(payout.transfer_id)
    provider.move("transfer", -40_00, "USD", source_id=transfer)
    provider.move("transfer_refund", 40_00, "USD", source_id="trr_1", intent_id=transfer)
    provider.move("adjustment", -100_00, "USD", source_id=dispute.id)
    provider.move("adjustment", 100_00, "USD", source_id=dispute.id)
    reconcile()
    assert open_exceptions() == []
    kinds = ProviderTransaction.objects.order_by("pk").values_list("journal__kind", flat=True)
    assert list(kinds) == ["fund", "payout_sent", "reversal", "chargeback", "chargeback_won"]


@pytest.mark.usefixtures("_no_grace")
def test_what_paid_a_plan_finds_its_invoice(provider: FakeProvider) -> None:
    """The first month by our own call, the second by an event, whose snapshot does not say what paid."""
    subscription = on_plan(FreelancerFactory.create(), provider=provider)
    provider.renew(subscription.subscription_id or "")
    event = invoice_object(replace(provider.invoice(subscription.subscription_id or ""), paid_by=""))
    billing.apply_invoice(event)
    reconcile()
    assert open_exceptions() == []
    kinds = ProviderTransaction.objects.order_by("pk").values_list("journal__kind", flat=True)
    assert list(kinds) == ["subscription", "subscription"]


def test_looking_again_stores_and_books_nothing_twice(provider: FakeProvider, hold: Hold) -> None:
    reconcile()
    before = Journal.objects.count()
    run = reconcile(since=timezone.now() - timedelta(days=1))
    assert (run.fetched, run.stored, run.matched) == (1, 0, 0)
    assert Journal.objects.count() == before


def test_the_next_look_begins_before_the_last_one_ended(provider: FakeProvider, hold: Hold) -> None:
    first = reconcile()
    assert first.since is None
    second = reconcile()
    assert second.since is not None
    assert second.since < first.judged_until


def test_what_is_new_may_still_find_its_other_half(provider: FakeProvider, hold: Hold) -> None:
    provider.move("charge", 7_00, "USD", source_id="ch_x", intent_id="pi_x")
    reconcile()
    assert open_exceptions() == []
    assert is_proven()


@pytest.mark.usefixtures("_no_grace")
def test_an_unknown_movement_is_an_exception_until_its_journal_comes(provider: FakeProvider, hold: Hold) -> None:
    finance = staff_of("finance")
    late = add_credit(ClientFactory.create(), Money(7_00, "USD"), FakeProvider())
    provider.move("charge", 9_00, "USD", source_id="ch_unknown", intent_id="pi_unknown")
    reconcile()
    assert sorted(open_exceptions()) == [(ExceptionKind.NOT_AT_PROVIDER, -7_00), (ExceptionKind.NOT_IN_BOOKS, 9_00)]
    assert is_proven()
    assert Notification.objects.filter(user=finance, kind="money_alert").count() == 1
    provider.move("charge", 7_00, "USD", source_id="ch_late", intent_id=late.intent_id or "")
    run = reconcile()
    assert (run.matched, run.closed) == (1, 1)
    assert open_exceptions() == [(ExceptionKind.NOT_IN_BOOKS, 9_00)]
    closed = ReconciliationException.objects.exclude(resolved_at=None).get()
    assert (closed.resolution, closed.resolved_by) == ("matched", None)


@pytest.mark.usefixtures("_no_grace")
def test_another_amount_is_an_exception(provider: FakeProvider, hold: Hold) -> None:
    (moved,) = provider.transactions
    provider.transactions.clear()
    provider.move("charge", 9_50, "USD", source_id=moved.source_id, intent_id=moved.parent_id, fee=30)
    reconcile()
    assert open_exceptions() == [(ExceptionKind.OTHER_AMOUNT, -50)]
    assert is_proven()


@pytest.mark.usefixtures("_no_grace")
def test_what_the_provider_does_not_know_is_an_exception(provider: FakeProvider, hold: Hold) -> None:
    provider.transactions.clear()
    reconcile()
    assert open_exceptions() == [(ExceptionKind.NOT_AT_PROVIDER, -10_00)]
    assert ReconciliationException.objects.get().about == f"journal:{hold.journals.get().pk}"
    reconcile()
    assert ReconciliationException.objects.count() == 1
    assert is_proven()


@pytest.mark.usefixtures("_no_grace")
def test_staff_write_a_difference_off(provider: FakeProvider, hold: Hold) -> None:
    finance = staff_of("finance")
    (moved,) = provider.transactions
    provider.transactions.clear()
    reconcile()
    one = ReconciliationException.objects.get()
    for person in (hold.payer, staff_of("analyst")):
        with pytest.raises(Forbidden):
            resolve_exception(person, exception_id=one.pk, seen_minor=-10_00, reason="It is mine.")
    with pytest.raises(Invalid):
        resolve_exception(finance, exception_id=one.pk, seen_minor=-10_00, reason=" ")
    resolve_exception(finance, exception_id=one.pk, seen_minor=-10_00, reason="The bank lost it.")
    with pytest.raises(Conflict):
        resolve_exception(finance, exception_id=one.pk, seen_minor=-10_00, reason="Again.")
    assert balance(ledger.clearing("stripe")) == 0
    assert balance(ledger.LOSSES) == -10_00
    assert is_proven()
    reconcile()
    assert open_exceptions() == []
    provider.transactions.append(moved)  # and then it comes after all
    reconcile()
    assert open_exceptions() == [(ExceptionKind.OTHER_AMOUNT, 10_00)]
    assert is_proven()
    came = ReconciliationException.objects.open().get()
    resolve_exception(finance, exception_id=came.pk, seen_minor=10_00, reason="It came.")
    assert balance(ledger.LOSSES) == 0
    reconcile()
    assert open_exceptions() == []
    assert is_proven()


@pytest.mark.usefixtures("_no_grace")
def test_a_written_off_movement_that_is_found_later_is_an_exception_again(provider: FakeProvider, hold: Hold) -> None:
    late = add_credit(ClientFactory.create(), Money(7_00, "USD"), FakeProvider())
    provider.move("charge", 9_00, "USD", source_id="ch_unknown", intent_id="pi_unknown")
    reconcile()
    unknown = ReconciliationException.objects.get(kind=ExceptionKind.NOT_IN_BOOKS)
    resolve_exception(staff_of("finance"), exception_id=unknown.pk, seen_minor=9_00, reason="A gift.")
    assert balance(ledger.LOSSES) == 9_00
    ProviderTransaction.objects.filter(source_id="ch_unknown").update(parent_id=late.intent_id)
    reconcile()
    assert open_exceptions() == [(ExceptionKind.OTHER_AMOUNT, -7_00)]
    assert is_proven()


@pytest.mark.parametrize(
    ("type", "minor", "bucket", "expected"),
    [
        ("payout", -4_00, ledger.BANK, -4_00),
        ("topup", 4_00, ledger.BANK, 4_00),
        ("stripe_fee", -1_20, ledger.COSTS, -1_50),
    ],
)
@pytest.mark.usefixtures("_no_grace")
def test_what_only_the_provider_tells_is_booked(
    provider: FakeProvider, hold: Hold, type: str, minor: int, bucket: ledger.Bucket, expected: int
) -> None:
    provider.move(type, minor, "USD", source_id="po_1")
    reconcile()
    assert open_exceptions() == []
    assert balance(bucket) == expected
    assert balance(ledger.clearing("stripe")) == -(10_00 - 30 + minor)


def test_a_provider_that_does_not_answer_is_not_judged_by(provider: FakeProvider, hold: Hold) -> None:
    provider.fail_before.add("balance_transactions")
    with pytest.raises(Unavailable):
        reconcile()
    assert not ReconciliationRun.objects.exists()
    assert not ReconciliationException.objects.exists()
    assert is_proven()


@pytest.mark.usefixtures("_no_grace")
def test_the_command_takes_a_day_and_lists_what_is_open(provider: FakeProvider, hold: Hold) -> None:
    provider.move("adjustment", 3_00, "USD", source_id="du_1")
    out = StringIO()
    call_command("reconcile", "--since", "2026-01-01", stdout=out)
    assert "2 movements, 2 new, 1 found in the books; 1 exceptions opened" in out.getvalue()
    assert "$3.00" in out.getvalue()


def test_a_fee_that_was_booked_before_its_movement_was_fetched_is_booked_once(
    provider: FakeProvider, hold: Hold
) -> None:
    (moved,) = provider.transactions
    fee = Money(30, "USD")
    ledger.post(
        JournalKind.PROVIDER_FEE,
        cause=f"balance_transaction:{moved.id}",
        lines={ledger.clearing("stripe"): fee, ledger.COSTS: -fee},
    )
    assert is_proven()
    reconcile()
    assert balance(ledger.COSTS) == -30
    assert is_proven()
    assert open_exceptions() == []


@pytest.mark.usefixtures("_no_grace")
def test_paypal_is_compared_by_itself(provider: FakeProvider, paypal: FakePayPal) -> None:
    hold = make_hold(Money(60_00, "USD"))
    payment = pay_hold(hold.payer, hold_id=hold.pk, provider=ProviderName.PAYPAL)
    paypal.approve(payment.intent_id or "")
    refresh_payment(payment.pk)
    reconcile()
    assert not ProviderTransaction.objects.exists()
    paypal.move("charge", 7_00, "USD", source_id="CAPTURE-OF-A-STRANGER")
    with mock.patch.dict("payments.services.reconciliation.LISTED_WITHIN", clear=True):
        run = reconcile(provider=ProviderName.PAYPAL)
    assert (run.provider, run.stored, run.matched, run.opened) == ("paypal", 2, 1, 1)
    assert open_exceptions() == [("not_in_books", 7_00)]
    assert ProviderTransaction.objects.get(journal__isnull=False).journal.kind == "fund"  # type: ignore[union-attr]
    assert balance(ledger.clearing("paypal")) == -(60_00 - 30)
    assert is_proven()


def test_what_paypal_lists_late_is_waited_for(provider: FakeProvider, paypal: FakePayPal) -> None:
    run = reconcile(provider=ProviderName.PAYPAL)
    assert run.started_at - run.judged_until == timedelta(hours=4)
    again = reconcile(provider=ProviderName.PAYPAL)
    assert again.since == run.judged_until - timedelta(days=11)
