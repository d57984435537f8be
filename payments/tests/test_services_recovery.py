import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import ClientFactory
from core import jobs
from core.money import Money
from payments.models import Payment, ProviderEvent, Refund
from payments.services import create_payment, recover, refund_hold
from payments.tasks import retry_stalled_jobs
from payments.tests.factories import funded_hold
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
TEN = Money(10_00, "USD")
NOTHING = {"payments": 0, "refunds": 0, "events": 0, "subscriptions": 0}


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
    assert recover() == {"payments": 1, "refunds": 1, "events": 1, "subscriptions": 0}
    assert ProcrastinateJob.objects.count() == before + 3
    recover()  # the jobs still wait: no second ones
    assert ProcrastinateJob.objects.count() == before + 3


def test_an_event_that_fails_for_ever_is_left_to_staff(provider: FakeProvider) -> None:
    half_done(provider)
    minutes_later(2)
    ProviderEvent.objects.update(attempts=50)
    assert recover()["events"] == 0


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_was_killed_is_taken_up_again() -> None:
    jobs.enqueue("payments.check_ledger", timestamp=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes') RETURNING id"
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE task_name = 'payments.check_ledger'",
            cursor.fetchone(),
        )

    async def run_as_worker() -> None:
        async with app.with_connector(app.connector.get_worker_connector()).open_async() as worker:
            await retry_stalled_jobs.func(SimpleNamespace(app=worker), 0)

    asyncio.run(run_as_worker())
    assert ProcrastinateJob.objects.get(task_name="payments.check_ledger").status == "todo"


@pytest.mark.parametrize("name", ["recover", "retry_stalled_jobs", "check_ledger"])
def test_recovery_runs_by_the_clock(name: str) -> None:
    assert f"payments.{name}" in {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
