"""The database's clock, by which deadlines are decided: those of the web servers may differ. And hours as text."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


def database_now() -> datetime:
    """The moment of asking, in UTC: also within a transaction that has waited for a lock."""
    if standing := _standing.get():
        return standing
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Within it the clock stands at that moment: for tests, and for the story of the demo town."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)


def hours_text(minutes: int) -> str:
    """ "7:05" for 425 minutes."""
    return f"{minutes // 60}:{minutes % 60:02}"
