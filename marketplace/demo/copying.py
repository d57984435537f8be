"""Many rows at once, by PostgreSQL's COPY. No service, no signal: only for rows that no money and no move depends on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.gis.db.models import PointField
from django.db import connection, models


class Rows:
    """Collected instances, written table by table in the order in which their models first appeared."""

    def __init__(self) -> None:
        self._of: defaultdict[type[models.Model], list[models.Model]] = defaultdict(list)

    def add(self, *instances: models.Model) -> None:
        for instance in instances:
            self._of[type(instance)].append(instance)

    def write(self) -> None:
        for model, instances in self._of.items():
            _copy(model, instances)
        self._of.clear()


class Ids:
    """Ids that nobody else gets, fetched many at once."""

    def __init__(self, at_once: int = 2000) -> None:
        self._at_once = at_once
        self._reserved: dict[type[models.Model], Iterator[int]] = {}

    def next(self, model: type[models.Model]) -> int:
        number = next(self._reserved.get(model, iter(())), None)
        if number is None:
            self._reserved[model] = self._fetch(model)
            number = next(self._reserved[model])
        return number

    def _fetch(self, model: type[models.Model]) -> Iterator[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [model._meta.db_table, self._at_once],
            )
            return iter([number for (number,) in cursor.fetchall()])


def _copy(model: type[models.Model], instances: Iterable[models.Model]) -> None:
    given_by_database = {"id"} if next(iter(instances)).pk is None else set()
    fields = [
        field for field in model._meta.concrete_fields if not field.generated and field.column not in given_by_database
    ]
    names = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as copy:
        for instance in instances:
            copy.write_row([_value(field, instance) for field in fields])


def _value(field: "models.Field[Any, Any]", instance: models.Model) -> Any:
    value = field.pre_save(instance, add=True)
    if isinstance(field, PointField):
        return value.ewkt if value else None
    if isinstance(field, models.JSONField):
        return field.get_db_prep_value(value, connection)
    return field.get_prep_value(value)
