import asyncio
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import ClientFactory, FreelancerFactory, staff_of
from core import jobs
from core.errors import Unavailable
from core.money import Money
from payments.errors import NotYet
from payments.models import Chargeback, Payment, Payout, ProviderEvent, ReconciliationException, Refund
from payments.selectors.account import ties
from payments.services import (
    answer_chargeback,
    capture_payment,
    create_payment,
    pay_hold,
    process_event,
    recover,
    refresh_chargeback,
    refresh_payment,
    refund_hold,
    request_payout,
    resolve_exception,
    send_evidence,
    send_payout,
    send_refund,
)
from payments.tasks import retry_stalled_jobs
from payments.tests.factories import earn, funded_hold, make_hold, payable
from payments.tests.fakes import VISA, FakeProvider, use_provider

pytestmark = pytest.mark.django_db
TEN = Money(10_00, "USD")
KINDS = (
    "payments",
    "refunds",
    "payouts",
    "sent_payouts",
    "returned_payouts",
    "chargebacks",
    "evidence",
    "acceptances",
    "events",
    "subscriptions",
    "paid_back",
    "invoices",
)
NOTHING = dict.fromkeys(KINDS, 0)


def minutes_later(minutes: int) -> None:
    then = timezone.now() - timedelta(minutes=minutes)
    Payment.objects.update(updated_at=then)
    Refund.objects.update(updated_at=then)
    ProviderEvent.objects.update(received_at=then)


def half_done(provider: FakeProvider) -> None:
    create_payment(ClientFactory.create(), amount=TEN)
    hold = funded_hold(TEN, provider=provider)
    refund_hold(None, hold=hold, reason="", cause="test")
    ProviderEvent.objects.create(event_id="evt_1", type="customer.created", payload={"data": {"object": {}}})


def test_nothing_to_do() -> None:
    assert recover() == NOTHING


def test_what_is_half_done_is_left_alone_for_a_minute(provider: FakeProvider) -> None:
    half_done(provider)
    assert recover() == NOTHING


def test_what_is_half_done_is_taken_up(provider: FakeProvider) -> None:
    half_done(provider)
    minutes_later(2)
    before = ProcrastinateJob.objects.count()
    assert recover() == NOTHING | {"payments": 1, "refunds": 1, "events": 1}
    assert ProcrastinateJob.objects.count() == before + 3
    recover()  # the jobs still wait: no second ones
    assert ProcrastinateJob.objects.count() == before + 3


def test_an_event_that_fails_for_ever_is_tried_on_and_listed_until_it_is_processed(provider: FakeProvider) -> None:
    half_done(provider)
    minutes_later(2)
    ProviderEvent.objects.update(attempts=50, last_error="SettlementMismatch()")
    assert recover()["events"] == 1
    listed = ReconciliationException.objects.get()
    assert (listed.kind, listed.detail) == ("event_stuck", "SettlementMismatch()")
    process_event(ProviderEvent.objects.get().pk)
    recover()
    listed.refresh_from_db()
    assert listed.resolution == "matched"


def test_many_that_wait_do_not_hide_the_newest(provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [ProviderEvent(event_id=f"evt_{n}", type="x", payload={}) for n in range(600)]
    ProviderEvent.objects.bulk_create(events)
    minutes_later(2)
    assert recover()["events"] == 600


@pytest.mark.parametrize(
    ("status", "days", "stuck"),
    [("created", 0, False), ("created", 2, True), ("processing", 2, False), ("processing", 15, True)],
)
def test_a_payment_without_an_outcome_is_listed_in_time(
    provider: FakeProvider, status: str, days: int, stuck: bool
) -> None:
    payment = create_payment(ClientFactory.create(), amount=TEN)
    Payment.objects.update(status=status, created_at=timezone.now() - timedelta(days=days))
    recover()
    found = ReconciliationException.objects.filter(kind="payment_stuck", about=f"payment:{payment.pk}")
    assert found.exists() is stuck


def test_a_refund_that_is_not_sent_is_listed(provider: FakeProvider) -> None:
    half_done(provider)
    minutes_later(61)
    recover()
    assert ReconciliationException.objects.get(kind="refund_stuck").detail == "$10.00"
    send_refund(Refund.objects.get().pk)
    recover()
    assert not ReconciliationException.objects.open().filter(kind="refund_stuck").exists()


@pytest.mark.parametrize(("days", "stuck"), [(2, False), (4, True)])
@pytest.mark.parametrize(
    ("fault", "status"),
    [("", "requested"), ("short_of_money", "sending"), ("sent", "sent"), ("refuse_payouts", "failed")],
)
def test_a_payout_that_gets_nowhere_is_listed_in_time(
    provider: FakeProvider, fault: str, status: str, days: int, stuck: bool
) -> None:
    payee = FreelancerFactory.create()
    earn(payee, TEN, provider)
    payable(payee, provider)
    payout = request_payout(payee, amount=TEN)
    if fault:
        setattr(provider, fault, True)
        with suppress(NotYet):
            send_payout(payout.pk)
    then = timezone.now() - timedelta(days=days)
    Payout.objects.update(updated_at=then, arrives_at=then)
    recover()
    found = ReconciliationException.objects.filter(kind="payment_stuck", about=f"payout:{payout.pk}")
    assert (Payout.objects.get().status, found.exists()) == (status, stuck)


def test_a_payout_that_waits_for_staff_or_came_back_in_time_is_not_listed(provider: FakeProvider) -> None:
    payee = FreelancerFactory.create()
    earn(payee, Money(2_000_00, "USD"), provider)
    payable(payee, provider)
    provider.refuse_transfers = True
    send_payout(request_payout(payee, amount=TEN).pk)
    request_payout(payee, amount=Money(1_900_00, "USD"))
    assert set(Payout.objects.values_list("status", flat=True)) == {"failed", "awaiting_approval"}
    Payout.objects.update(updated_at=timezone.now() - timedelta(days=4))
    recover()
    assert not ReconciliationException.objects.exists()


def test_an_answer_that_does_not_reach_the_bank_is_listed(provider: FakeProvider) -> None:
    hold = funded_hold(TEN, provider=provider)
    chargeback = refresh_chargeback(provider.dispute(hold.payments.get().intent_id or "").id)
    assert chargeback
    answer_chargeback(
        staff_of("finance"), chargeback_id=chargeback.pk, evidence={"uncategorized_text": "It was delivered."}
    )
    Chargeback.objects.update(evidence_asked_at=timezone.now() - timedelta(hours=2))
    recover()
    assert ReconciliationException.objects.open().get().about == f"chargeback:{chargeback.pk}"
    send_evidence(chargeback.pk)
    recover()
    assert not ReconciliationException.objects.open().exists()


def test_what_staff_dealt_with_is_not_listed_again(provider: FakeProvider) -> None:
    half_done(provider)
    minutes_later(61)
    recover()
    listed = ReconciliationException.objects.get(kind="refund_stuck")
    resolve_exception(staff_of("finance"), exception_id=listed.pk, seen_minor=0, reason="Sent by hand.")
    recover()
    assert not ReconciliationException.objects.open().filter(kind="refund_stuck").exists()


def test_a_payment_that_was_never_started_at_the_provider_is_started(provider: FakeProvider) -> None:
    provider.fail_before.add("create_intent")
    with pytest.raises(Unavailable):
        create_payment(ClientFactory.create(), amount=TEN)
    payment = Payment.objects.get()
    assert payment.intent_id is None
    assert refresh_payment(payment.pk).intent_id is not None
    assert len(provider.intents) == 1


def test_a_confirmation_without_an_answer_is_found_out(provider: FakeProvider) -> None:
    provider.fail_after.add("confirm_intent")
    with pytest.raises(Unavailable):
        create_payment(ClientFactory.create(), amount=TEN, payment_method=VISA)
    payment = Payment.objects.get()
    assert payment.is_unheard
    assert [tie.code for tie in ties(payment.payer)] == ["money_moving"]
    assert payment.badge.label == "Waiting for the provider"
    settled = refresh_payment(payment.pk)
    assert (settled.status, settled.is_unheard) == ("succeeded", False)
    assert provider.charges() == 1


def test_a_capture_without_an_answer_is_found_out(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    payment = create_payment(payer, amount=TEN, capture_method="manual", payment_method=VISA)
    provider.fail_after.add("capture_intent")
    with pytest.raises(Unavailable):
        capture_payment(payer, intent_id=payment.intent_id or "")
    assert refresh_payment(payment.pk).status == "succeeded"


def test_a_payment_of_work_that_was_called_off_is_withdrawn(provider: FakeProvider) -> None:
    hold = make_hold(TEN)
    with use_provider(provider):
        payment = pay_hold(hold.payer, hold_id=hold.pk)
        refund_hold(None, hold=hold, reason="Called off.", cause="off")  # and the job that cancels it is lost
        assert refresh_payment(payment.pk).status == "cancelled"
    assert provider.intents[payment.intent_id or ""].status == "canceled"


def stall(name: str) -> None:
    """The worker that runs these jobs is killed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes') RETURNING id"
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE task_name = %s",
            [*cursor.fetchone(), name],
        )


def take_up_stalled_jobs() -> None:
    async def run_as_worker() -> None:
        async with app.with_connector(app.connector.get_worker_connector()).open_async() as worker:
            await retry_stalled_jobs.func(SimpleNamespace(app=worker), 0)

    asyncio.run(run_as_worker())


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_was_killed_is_taken_up_again() -> None:
    jobs.enqueue("payments.check_ledger", timestamp=1)
    stall("payments.check_ledger")
    take_up_stalled_jobs()
    assert ProcrastinateJob.objects.get(task_name="payments.check_ledger").status == "todo"


@pytest.mark.django_db(transaction=True)
def test_a_killed_job_whose_next_one_waits_already_stops_neither_that_nor_others() -> None:
    """By the clock the next one is queued while the worker is down; the lock of the killed one would keep it there for ever."""
    app.tasks["contracts.release_overdue"].defer()
    stall("contracts.release_overdue")
    app.tasks["contracts.release_overdue"].defer()
    jobs.enqueue("payments.send_refund", refund_id=1)
    stall("payments.send_refund")
    take_up_stalled_jobs()
    found = ProcrastinateJob.objects.order_by("pk").values_list("task_name", "status")
    assert list(found) == [
        ("contracts.release_overdue", "failed"),
        ("contracts.release_overdue", "todo"),
        ("payments.send_refund", "todo"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)")
        assert cursor.fetchone() == ("contracts.release_overdue",)


@pytest.mark.parametrize("name", ["recover", "retry_stalled_jobs", "check_ledger", "watch_checks", "reconcile"])
def test_recovery_runs_by_the_clock(name: str) -> None:
    assert f"payments.{name}" in {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
