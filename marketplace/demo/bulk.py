"""As many generated rows around the written town as a load test asks for."""

from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from marketplace.demo.copying import Ids, Rows
from marketplace.demo.neighbourhood import Neighbourhood

UNITS_AT_ONCE = 100


def load(units: Iterable[int]) -> None:
    """Write these units, in the caller's transaction."""
    rows, ids, now = Rows(), Ids(), timezone.now()
    for number in units:
        Neighbourhood(number, rows, ids, now).build()
    rows.write()


def analyze() -> None:
    """Let the planner know what there is now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
