"""Background jobs, kept in PostgreSQL: queued in the same transaction as the change that needs them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.connector import BaseAsyncConnector, BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params

# Each queue has a process of its own. News goes to so many people, and to servers so slow, that all else must not stand
# behind it: money, and the letters without which nobody can sign in.
REST, NEWS = "default", "news"
QUEUES = (REST, NEWS)


class WorkerConnector(PsycopgConnector):
    """A worker's own connections, to fetch jobs by. What its jobs queue belongs to their transactions, so to Django's."""

    def get_sync_connector(self) -> BaseConnector:
        return DjangoConnector()


class Connector(DjangoConnector):
    def get_worker_connector(self) -> BaseAsyncConnector:
        return WorkerConnector(kwargs=connector_params(self.alias))


def connect(to: App) -> None:
    """Called by Procrastinate when its app is ready."""
    to.connector = to.job_manager.connector = Connector()


def enqueue(name: str, *, at: datetime | None = None, once: str = "", **ids: Any) -> None:
    """Queue the task called `app.verb` with ids (or other small JSON); it vanishes if the transaction rolls back.

    `at` delays it. `once` names a queueing lock: while a job with that lock waits, a second one is not queued.
    """
    from procrastinate.exceptions import AlreadyEnqueued

    deferrer = app.configure_task(name, allow_unknown=False, schedule_at=at, queueing_lock=once or None)
    if not once:
        deferrer.defer(**ids)
        return
    from django.db import transaction

    try:
        with transaction.atomic():  # a savepoint: the refused insert must not break the caller's transaction
            deferrer.defer(**ids)
    except AlreadyEnqueued:
        pass


def enqueue_each(name: str, ids_of_each: Sequence[dict[str, Any]]) -> None:
    """Queue the task once with each of these, in one statement."""
    if ids_of_each:
        app.configure_task(name, allow_unknown=False).batch_defer(*ids_of_each)
