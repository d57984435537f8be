"""Time passes: the application's clock is moved, jobs run, and recovery finishes what was left half done."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from unittest import mock

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from core.errors import Unavailable
from payments.services import recover
from payments.tasks import retry_stalled_jobs

MONEY = ["payments", "contracts", "gigs"]  # whose jobs run; mail and news are not looked at here


@contextmanager
def clock_moved(by: timedelta) -> Iterator[None]:
    """The application's clock is ahead (or behind) for the time of the block; the database's is not."""
    real = timezone.now
    with mock.patch("django.utils.timezone.now", side_effect=lambda: real() + by):
        yield


def work_off() -> list[str]:
    """Run the jobs of money that wait, whenever they were meant for, and those that they queue; their names.

    A job that finds the provider silent waits for the next time, as a worker's retry would.
    """
    worker = _worker()
    done, silent = [], []
    while job := _take(worker):
        job_id, name, arguments = job
        try:
            app.tasks[name](**arguments)
        except Unavailable:
            silent.append(job_id)
            continue
        _mark(job_id, "succeeded")
        done.append(name)
    for job_id in silent:
        _mark(job_id, "todo")
    return done


def recover_all(after: timedelta) -> None:
    """What the periodic jobs do some time after a crash: stalled jobs, then everything half done."""
    asyncio.run(_take_up_stalled_jobs())
    with clock_moved(after):
        recover()
        work_off()


async def _take_up_stalled_jobs() -> None:
    async with app.with_connector(app.connector.get_worker_connector()).open_async() as worker:
        await retry_stalled_jobs.func(SimpleNamespace(app=worker), 0)


def _worker() -> int:
    """A worker that has not been heard of for a while: what it leaves behind counts as stalled at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes') RETURNING id"
        )
        return int(cursor.fetchone()[0])


def _take(worker: int) -> tuple[int, str, dict[str, int]] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = (SELECT min(id) "
            "FROM procrastinate_jobs WHERE status = 'todo' AND task_name = ANY(%s)) "
            "RETURNING id, task_name, args::text",
            [worker, _names()],
        )
        row = cursor.fetchone()
    return row and (row[0], row[1], json.loads(row[2]))


def _names() -> list[str]:
    """Of the jobs of money, without the one that only a worker can do."""
    return [name for name, task in app.tasks.items() if name.split(".")[0] in MONEY and not task.pass_context]


def _mark(job_id: int, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = %s, worker_id = NULL WHERE id = %s", [status, job_id])
