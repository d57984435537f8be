"""Several things at the same time, over real connections."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Barrier
from typing import Any

from django.db import connection, connections
from django.db.models import QuerySet

from core.errors import DomainError


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned or was refused with. All start together, each on its own connection."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait(timeout=60)
        try:
            return act()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def until_it_waits(act: Callable[[], Any]) -> Future[Any]:
    """Begin an act on a connection of its own; come back when it waits for a lock of ours, or is over."""

    def run() -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    pool = ThreadPoolExecutor(1)
    outcome = pool.submit(run)
    pool.shutdown(wait=False)
    while not (outcome.done() or _somebody_waits()):
        wait([outcome], timeout=0.02)
    return outcome


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return cursor.fetchone() is not None


def free(rows: QuerySet[Any]) -> list[Any]:
    """Those that nobody else has locked. They are ours until the end of the transaction."""
    return list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True))
