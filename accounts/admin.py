"""People, taxonomy and records in the staff console."""

import json
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str

from accounts.models import (
    AuditEvent,
    AuthSession,
    Category,
    ClientProfile,
    FreelancerProfile,
    IdempotencyRecord,
    Skill,
    Upload,
    User,
)
from core.admin import ModelAdmin, ReadOnlyAdmin
from core.pagination import CappedPaginator
from core.sheets import csv_lines

EXPORTED_AT_ONCE = 100_000

admin.site.unregister(Group)
if admin.site.is_registered(TOTPDevice):
    admin.site.unregister(TOTPDevice)  # its pages show the secret of somebody's authenticator app


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    pass


class ClientProfileInline(StackedInline):
    model = ClientProfile
    readonly_fields = ["rating_average", "rating_count"]
    can_delete = False
    tab = True


class FreelancerProfileInline(StackedInline):
    model = FreelancerProfile
    fields = [
        "headline",
        "bio",
        "category",
        "hourly_rate_minor",
        "currency",
        "experience_level",
        "skill_names",
        "languages",
        "links",
        "rating_average",
        "rating_count",
    ]
    readonly_fields = ["skill_names", "rating_average", "rating_count"]
    can_delete = False
    tab = True


@admin.register(User)
class UserAdmin(ModelAdmin):
    list_display = [
        "email",
        "get_full_name",
        "user_type",
        "city",
        "email_verified_at",
        "is_active",
        "is_staff",
        "date_joined",
    ]
    list_filter = ["user_type", "is_active", "is_staff", "country"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["-id"]
    inlines = [ClientProfileInline, FreelancerProfileInline]
    filter_horizontal = ["groups"]
    readonly_fields = [
        "email",
        "email_verified_at",
        "location",
        "public_location",
        "last_login",
        "date_joined",
        "updated_at",
    ]
    fieldsets = [
        ("Person", {"fields": ["email", "email_verified_at", "first_name", "last_name", "user_type", "avatar"]}),
        (
            "Place",
            {"fields": ["city", "country", "public_location", "travel_radius_km", "is_available"], "classes": ["tab"]},
        ),
        ("Settings", {"fields": ["time_zone", "language", "currency"], "classes": ["tab"]}),
        ("Access", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "last_login"], "classes": ["tab"]}),
        ("Times", {"fields": ["date_joined", "updated_at"], "classes": ["tab"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people register themselves

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # money and messages point at people


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    list_display = ["name", "parent", "kind", "position"]
    list_filter = ["kind"]
    search_fields = ["name", "slug"]
    list_select_related = ["parent"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Skill)
class SkillAdmin(ModelAdmin):
    list_display = ["name", "category"]
    list_filter = ["category"]
    search_fields = ["name", "slug", "aliases"]
    list_select_related = ["category"]
    autocomplete_fields = ["category"]
    prepopulated_fields = {"slug": ["name"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Skill | None = None) -> list[str]:
        return ["name"] if obj else []  # profiles and projects repeat the name


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "owner", "content_type", "size", "created_at"]
    list_filter = ["kind", "content_type"]
    search_fields = ["name", "owner__email"]
    list_select_related = ["owner"]
    exclude = ["file"]
    records_views = True


@admin.register(AuthSession)
class AuthSessionAdmin(ReadOnlyAdmin):
    list_display = ["user", "ip_address", "created_at", "last_used_at", "revoked_at", "revoked_reason"]
    list_filter = ["revoked_reason"]
    search_fields = ["user__email", "ip_address"]
    list_select_related = ["user"]
    exclude = ["refresh_jti", "previous_jti"]


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

    list_display = ["created_at", "action", "actor", "subject", "ip_address", "request_id"]
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
