"""What a job of a worker queues belongs to the job's transaction, as what a request queues belongs to the request's."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from core.jobs import enqueue

pytestmark = pytest.mark.django_db(transaction=True)


def as_in_a_worker(job: Callable[[], None]) -> None:
    def run() -> None:
        try:
            job()
        finally:
            connections.close_all()

    async def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()):
            async with app.open_async():
                await sync_to_async(run, thread_sensitive=False)()

    asyncio.run(work())


def test_it_vanishes_with_what_is_undone() -> None:
    def job() -> None:
        with suppress(ZeroDivisionError), transaction.atomic():
            enqueue("payments.check_ledger")
            raise ZeroDivisionError

    as_in_a_worker(job)
    assert not ProcrastinateJob.objects.exists()


def test_it_is_there_when_that_is_committed() -> None:
    def job() -> None:
        with transaction.atomic():
            enqueue("payments.check_ledger", once="payments.check_ledger")
            enqueue("payments.check_ledger", once="payments.check_ledger")

    as_in_a_worker(job)
    assert ProcrastinateJob.objects.count() == 1
