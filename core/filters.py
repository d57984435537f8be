"""Filters that lists of several apps share."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet


class OrderingFilter(django_filters.OrderingFilter):  # type: ignore[misc]
    """`ordering=-created_at`. What is equal comes newest first, so that pages neither repeat nor leave out a row."""

    def filter(self, qs: QuerySet[Any], value: Sequence[str] | None) -> QuerySet[Any]:
        return super().filter(qs, [*value, "-pk"]) if value else qs

    def get_ordering_value(self, param: str) -> str:
        return param if param == "-pk" else str(super().get_ordering_value(param))
