"""SQL that is composed once and run many times."""

import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.db.models import Model, QuerySet, prefetch_related_objects
from django.db.models.query import get_related_populators
from django.db.models.sql import InsertQuery
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

    def refresh(self, instance: Row, **values: Any) -> None:
        """Bring it up to date by the first one, as `refresh_from_db` does."""
        fresh = self.first(**values)
        if fresh is None:
            raise ObjectDoesNotExist
        vars(instance).pop("_prefetched_objects_cache", None)
        vars(instance).update(vars(fresh))

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


def insert(row: Row) -> Row:
    """Add a whole row, and give it its id, in the way of `save`: for what is kept beside a change. Sends no signals.

    For models whose id the database makes, and values that are no expressions.
    """
    return _insertion(type(row)).run(row)


class _Insertion(Generic[Row]):
    def __init__(self, model: type[Row]) -> None:
        (self._id,) = model._meta.db_returning_fields
        self._fields = [field for field in model._meta.local_concrete_fields if field is not self._id]
        query = InsertQuery(model)
        query.insert_values(self._fields, [model()])
        compiler = query.get_compiler(connection=connection)
        compiler.returning_fields = [self._id]
        ((self.sql, _),) = compiler.as_sql()

    def run(self, row: Row) -> Row:
        values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in self._fields]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            (row.pk,) = cursor.fetchone()
        row._state.adding, row._state.db = False, connection.alias
        return row


@cache
def _insertion(model: type[Row]) -> _Insertion[Row]:
    return _Insertion(model)


def change(row: Model, values: Mapping[str, Any], *, if_still: Mapping[str, Any]) -> bool:
    """Write these columns in one UPDATE, unless the row is not as in `if_still` any more. The instance stays as it was.

    Values may be instances, but no expressions.
    """
    return _change(type(row), tuple(values), tuple(if_still)).run(row, [*values.values()], [*if_still.values()])


class _Change:
    def __init__(self, model: type[Model], columns: Sequence[str], conditions: Sequence[str]) -> None:
        options, name = model._meta, connection.ops.quote_name
        self._set: list[Any] = [options.get_field(column) for column in columns]
        self._where: list[Any] = [options.pk, *(options.get_field(column) for column in conditions)]
        assert not any(hasattr(field, "get_placeholder") for field in [*self._set, *self._where])
        new = ", ".join(f"{name(field.column)} = %s" for field in self._set)
        same = " AND ".join(f"{name(field.column)} = %s" for field in self._where)
        self.sql = f"UPDATE {name(options.db_table)} SET {new} WHERE {same}"  # noqa: S608 - names of the model's

    def run(self, row: Model, values: Sequence[Any], conditions: Sequence[Any]) -> bool:
        given = zip([*self._set, *self._where], [*values, row.pk, *conditions], strict=True)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [_prepared(field, value) for field, value in given])
            return bool(cursor.rowcount)


def _prepared(field: Any, value: Any) -> Any:
    return field.get_db_prep_save(value.pk if isinstance(value, Model) else value, connection)


@cache
def _change(model: type[Model], columns: tuple[str, ...], conditions: tuple[str, ...]) -> _Change:
    return _Change(model, columns, conditions)


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
