"""Filters that lists of several apps share."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet


class _TrueOrFalse(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        answers = {"true": True, "1": True, "false": False, "0": False}
        try:
            return answers[str(value).lower()]
        except KeyError:
            raise forms.ValidationError("Say true or false.") from None


class BooleanFilter(django_filters.BooleanFilter):  # type: ignore[misc]
    """`open=true`. What is neither true nor false is refused: left out, it would let every row through."""

    field_class = _TrueOrFalse


class OrderingFilter(django_filters.OrderingFilter):  # type: ignore[misc]
    """`ordering=-created_at`. What is equal comes newest first, so that pages neither repeat nor leave out a row."""

    def filter(self, qs: QuerySet[Any], value: Sequence[str] | None) -> QuerySet[Any]:
        return super().filter(qs, [*value, "-pk"]) if value else qs

    def get_ordering_value(self, param: str) -> str:
        return param if param == "-pk" else str(super().get_ordering_value(param))
