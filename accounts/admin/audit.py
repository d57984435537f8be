"""Records of what happened."""

import json
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str

from accounts.models import AuditEvent, IdempotencyRecord
from core.admin import ReadOnlyAdmin, in_line
from core.pagination import CappedPaginator
from core.sheets import csv_lines

EXPORTED_AT_ONCE = 100_000


class DaysFilter(RangeDateFilter):  # type: ignore[misc]
    """From the beginning of one day to the end of another, on the clock of who looks."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (self._day(end) for end in ("from", "to"))
        if first:
            queryset = queryset.filter(created_at__gte=first)
        if last:
            queryset = queryset.filter(created_at__lt=last + timedelta(days=1))
        return queryset

    def _day(self, end: str) -> datetime | None:
        day = parse_date_str(str(self.used_parameters.get(f"created_at_{end}", "")))
        return timezone.make_aware(datetime.combine(day, time.min)) if day else None


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Searched by indexes and never counted to the end: the log only grows."""

    list_display = ["when", "action", "actor", "subject", "ip_address", "request_id"]
    list_filter = [("created_at", DaysFilter)]
    search_fields = ["pk"]  # shows the box; AuditEventQuerySet.matching reads what is typed there
    search_help_text = (
        "One or more of: a person's e-mail address, an action (gig.released), a subject (gig:12), a network address, "
        "the id of a request or a subject."
    )
    list_select_related = ["actor"]
    paginator = CappedPaginator
    sortable_by: list[str] = []
    actions = ["export"]

    @admin.display(description="When")
    def when(self, event: AuditEvent) -> str:
        return in_line(event.created_at, "%Y-%m-%d %H:%M:%S")

    @admin.display(description="Subject")
    def subject(self, event: AuditEvent) -> str:
        return f"{event.subject_type}:{event.subject_id}" if event.subject_type else ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.matching(search_term), False  # type: ignore[attr-defined]

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """Newest first; a range of time is walked by the index of times."""
        by_time = any(name.startswith("created_at") and value for name, value in request.GET.items())
        return ["-created_at", "-id"] if by_time else ["-id"]

    @admin.action(description="Export as CSV")
    def export(self, request: HttpRequest, chosen: QuerySet[AuditEvent]) -> StreamingHttpResponse:
        header = ["id", "time", "actor", "action", "subject", "subject_id", "address", "request", "data"]
        rows = chosen.order_by("-id").values_list(
            "id",
            "created_at",
            "actor__email",
            "action",
            "subject_type",
            "subject_id",
            "ip_address",
            "request_id",
            "data",
        )[:EXPORTED_AT_ONCE]
        readable = (
            (pk, at.isoformat(), *middle, json.dumps(data, ensure_ascii=False, sort_keys=True))
            for pk, at, *middle, data in rows.iterator(chunk_size=2_000)
        )
        return StreamingHttpResponse(
            csv_lines(header, readable),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
        )


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    list_display = ["scope", "key", "status", "created_at"]
    search_fields = ["=scope", "=key"]
    exclude = ["body"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[IdempotencyRecord]:
        return super().get_queryset(request).defer("body")
