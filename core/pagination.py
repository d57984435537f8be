"""Pages for lists, cursors for streams."""

import hashlib
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination, PageNumberPagination

COUNT_SECONDS = 30
COUNT_WORTH_CACHING = 1_000


class CachedCountPaginator(Paginator):
    """Remembers large counts for half a minute: counting 100,000 rows costs more than reading a page of them.

    The rows of a page are always fresh; only the total beside them may lag.
    """

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return super().count
        try:
            sql, params = self.object_list.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:  # of rows that nothing can be among, such as `pk__in=[]`
            return 0
        key = "count:" + hashlib.sha256(f"{sql}|{params!r}".encode()).hexdigest()
        known = cache.get(key)
        if known is None:
            known = super().count
            if known >= COUNT_WORTH_CACHING:
                cache.set(key, known, COUNT_SECONDS)
        return int(known)


class CappedPaginator(Paginator):
    """Counts to MOST and no further: of a table that only grows, the whole number helps nobody and costs a full scan."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return super().count
        return int(self.object_list.order_by()[: self.MOST].count())


class PagePagination(PageNumberPagination):
    """`page` and `page_size` (20, at most 100) → count, next, previous, results."""

    django_paginator_class = CachedCountPaginator
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


class StreamPagination(CursorPagination):
    """Key-paged: as fast on the thousandth page as on the first. Views set `ordering` on a unique, indexed column."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering: Any = "-id"

    def paginate_queryset(self, *args: Any, **kwargs: Any) -> list[Any] | None:
        """A cursor that names no place is not found, whatever it is made of."""
        try:
            return super().paginate_queryset(*args, **kwargs)
        except (ValueError, ValidationError) as error:
            raise NotFound(self.invalid_cursor_message) from error
