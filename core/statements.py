"""SELECTs that are composed once and run many times."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet, prefetch_related_objects
from django.db.models.query import get_related_populators
from psycopg import sql

Row = TypeVar("Row", bound=Model)


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


class Selection(Generic[Row]):
    """A queryset of whole instances, in the same way: with what it follows, defers, locks and prefetches.

    Annotations do not come with it. One that locks is composed, and run, inside a transaction.
    """

    def __init__(self, rows: "QuerySet[Row]", **marks: Any) -> None:
        compiler = rows.query.get_compiler(connection=connection)
        composed, params = compiler.as_sql()
        self.sql, self.takes = _fill_in(composed, params, marks)
        info = compiler.klass_info
        first, last = info["select_fields"][0], info["select_fields"][-1]
        self._model, self._own = rows.model, slice(first, last + 1)
        self._columns = [column.target.attname for column, *_ in compiler.select[self._own]]
        self._related = get_related_populators(info, compiler.select, connection.alias)  # type: ignore[call-arg] # stubs of 6.0
        self.own_to_thread = _Converters(compiler)
        self._prefetched = rows._prefetch_related_lookups  # type: ignore[attr-defined]

    def run(self, **values: Any) -> list[Row]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [values[name] for name in self.takes])
            instances = [self._instance(list(row)) for row in cursor.fetchall()]
        prefetch_related_objects(instances, *self._prefetched)
        return instances

    def first(self, **values: Any) -> Row | None:
        return next(iter(self.run(**values)), None)

    def _instance(self, row: list[Any]) -> Row:
        for position, (converters, column) in self.own_to_thread.converters.items():
            for convert in converters:
                row[position] = convert(row[position], column, connection)
        instance = self._model.from_db(connection.alias, self._columns, row[self._own])
        for related in self._related:
            related.populate(row, instance)
        return instance


class _Converters(threading.local):
    """Made anew by each thread: the one of places holds a reader that two cannot use at once."""

    def __init__(self, compiler: Any) -> None:
        self.converters = compiler.get_converters([column for column, *_ in compiler.select])


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
    assert marks.keys() == set(takes), "a mark that stands nowhere would narrow nothing"
    return "".join(text), takes
