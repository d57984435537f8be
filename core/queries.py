"""Loading one row, or saying that it is not there."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from core.errors import NotFound

Row = TypeVar("Row", bound=Model)


def get_or_refuse(rows: "QuerySet[Row]", **lookup: Any) -> Row:
    """The row of a queryset that is already narrowed to what the person may see; NotFound otherwise."""
    row = rows.filter(**lookup).first()
    if row is None:
        raise NotFound
    return row
