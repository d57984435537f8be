"""Loading one row, or saying that it is not there."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from core.errors import NotFound

Row = TypeVar("Row", bound=Model)


def get_or_refuse(rows: "QuerySet[Row]", **lookup: Any) -> Row:
    """The row of a queryset that is already narrowed to what the person may see; NotFound otherwise."""
    return found(rows.filter(**lookup).first())


def found(row: Row | None) -> Row:
    """The row, or NotFound where there is none."""
    if row is None:
        raise NotFound
    return row
