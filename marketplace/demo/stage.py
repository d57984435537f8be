"""Plays the town's history through the services, every act at its own moment.

While an act is played, the clock of this process stands at that moment, so that rows, events, notifications and the
journals of the ledger bear the time of the story. Acts are played in the order of time, so that ids ascend with it.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import time_machine
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.testing import InMemoryConnector

from core import clock

MINUTE = 60  # seconds; periodic jobs are queued on full minutes
LONGEST_PLAY, LONGEST_JOB = 30 * MINUTE, MINUTE


@dataclass(frozen=True)
class Act:
    """Something that happened. `name` is unique in the story; `calls_provider` if it cannot be one transaction."""

    at: datetime
    name: str
    play: Callable[[], object]
    calls_provider: bool = False


def perform(acts: Iterable[Act]) -> None:
    """Play the acts that an interrupted run has not played yet. Their e-mails and reminders are never queued."""
    played = _played()
    waiting = sorted((act for act in acts if act.name not in played), key=lambda act: act.at)
    with clocks_stopped(), app.replace_connector(InMemoryConnector()):
        for act in waiting:
            with time_machine.travel(act.at), clock.standing_at(act.at):
                _play(act)


@contextmanager
def clocks_stopped() -> Iterator[None]:
    """A running site's periodic jobs rest: its clock is today's, so they would end what the story only comes to later.

    The next ticks are noted as queued, so that no worker queues them. If we are killed, the clocks go on by themselves.
    """
    minutes = range(int(time.time()) // MINUTE * MINUTE, int(time.time()) + LONGEST_PLAY, MINUTE)
    ticks = [(task, periodic, minute) for task, periodic in app.periodic_registry.periodic_tasks for minute in minutes]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp) VALUES (%s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            ticks,
        )
    _wait_for_running_clocks()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM procrastinate_periodic_defers WHERE job_id IS NULL AND defer_timestamp > %s",
                [int(time.time())],
            )


def forget_progress() -> None:
    """The story is complete."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE marketplace_demo_progress")


def _play(act: Act) -> None:
    if act.calls_provider:  # its services may be repeated, so noting it afterwards is enough
        act.play()
        _note(act)
        return
    with transaction.atomic():
        act.play()
        _note(act)


def _wait_for_running_clocks() -> None:
    names = [task for task, _ in app.periodic_registry.periodic_tasks]
    give_up = time.monotonic() + LONGEST_JOB
    with connection.cursor() as cursor:
        while time.monotonic() < give_up:
            cursor.execute(
                "SELECT FROM procrastinate_jobs job JOIN procrastinate_workers worker "
                "ON worker.id = job.worker_id OR job.status = 'todo' "
                "WHERE job.task_name = ANY (%s) AND job.status IN ('todo', 'doing') "
                "AND coalesce(job.scheduled_at, now()) <= now() AND worker.last_heartbeat > now() - interval '30 s'",
                [names],
            )
            if cursor.fetchone() is None:
                return
            time.sleep(0.1)


def _played() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS marketplace_demo_progress (act text PRIMARY KEY)")
        cursor.execute("SELECT act FROM marketplace_demo_progress")
        return {name for (name,) in cursor.fetchall()}


def _note(act: Act) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO marketplace_demo_progress VALUES (%s)", [act.name])
