"""Plays the town's history through the services, every act at its own moment.

While an act is played, the clock of this process stands at that moment, so that rows, events, notifications and the
journals of the ledger bear the time of the story. Acts are played in the order of time, so that ids ascend with it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import time_machine
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.testing import InMemoryConnector

from core import clock


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
    with app.replace_connector(InMemoryConnector()):
        for act in waiting:
            with time_machine.travel(act.at), clock.standing_at(act.at):
                _play(act)


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


def _played() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS marketplace_demo_progress (act text PRIMARY KEY)")
        cursor.execute("SELECT act FROM marketplace_demo_progress")
        return {name for (name,) in cursor.fetchall()}


def _note(act: Act) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO marketplace_demo_progress VALUES (%s)", [act.name])
