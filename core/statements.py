"""SELECTs that are composed once and run many times."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg import sql


class Statement:
    """A queryset's SQL with names for its parameters: on the hottest paths composing SQL costs more than running it.

    `marks` names the parameters: every place where the queryset holds that value takes the one given to `run`. All other
    values are written into the SQL, so that the plan that PostgreSQL keeps of it can use partial indexes. Values come
    as the driver gives them, without a model field's conversion.
    """

    def __init__(self, rows: "QuerySet[Any, Any]", names: Sequence[str], **marks: Any) -> None:
        self.names = names
        composed, params = rows.values_list(*names).query.sql_with_params()
        self.sql, self.takes = _fill_in(composed, params, marks)

    def run(self, **values: Any) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [values[name] for name in self.takes])
            return [dict(zip(self.names, row, strict=True)) for row in cursor.fetchall()]


def _fill_in(composed: str, params: Sequence[Any], marks: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The SQL with only the marked parameters left, and their names in order."""
    connection.ensure_connection()
    first, *others = composed.split("%s")
    text, takes = [first], []
    for value, following in zip(params, others, strict=True):
        name = next((name for name, mark in marks.items() if type(mark) is type(value) and mark == value), None)
        if name:
            takes.append(name)
            text.append("%s")
        else:
            text.append(sql.Literal(value).as_string(connection.connection).replace("%", "%%"))
        text.append(following)
    return "".join(text), takes
