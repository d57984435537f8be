"""People, taxonomy and records in the staff console."""

import json
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import F, QuerySet, URLField
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.utils import parse_date_str
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminURLInputWidget

from accounts import services
from accounts.models import (
    ApiKey,
    ApiKeyUsage,
    Appeal,
    AuditEvent,
    AuthSession,
    Category,
    ClientProfile,
    DataExport,
    FreelancerProfile,
    IdempotencyRecord,
    IdentityCheck,
    Passkey,
    ProfileEntry,
    Skill,
    Suspension,
    Upload,
    User,
)
from accounts.rules import EvidenceClass, SuspensionRule
from core.admin import ModelAdmin, ReadOnlyAdmin, ReadOnlyInline, for_each, from_dialog
from core.pagination import CappedPaginator
from core.sheets import csv_lines

EXPORTED_AT_ONCE = 100_000

admin.site.unregister(Group)
if admin.site.is_registered(TOTPDevice):
    admin.site.unregister(TOTPDevice)  # its pages show the secret of somebody's authenticator app


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ReadOnlyAdmin):
    """What a group may do is written in marketplace.staff_groups; who is in it, on the page of the person."""


class ClientProfileInline(StackedInline):
    model = ClientProfile
    formfield_overrides = {URLField: {"assume_scheme": "https", "widget": UnfoldAdminURLInputWidget}}
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
        "language_levels",
        "links",
        "weekly_hours",
        "rating_average",
        "rating_count",
    ]
    readonly_fields = ["skill_names", "language_levels", "links", "weekly_hours", "rating_average", "rating_count"]
    can_delete = False
    tab = True


class SuspendForm(BaseDialogForm):
    rule = forms.ChoiceField(choices=SuspensionRule.choices, widget=UnfoldAdminSelectWidget)
    evidence = forms.ChoiceField(choices=EvidenceClass.choices, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(max_length=2000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")


class AnswerForm(BaseDialogForm):
    answer = forms.CharField(max_length=5000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")


class StaffGroupsForm(BaseDialogForm):
    groups = forms.ModelMultipleChoiceField(
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        to_field_name="name",
        help_text="None: an ordinary member. Their sign-ins end, so that the new rights hold at once.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = User.objects.filter(pk=self.object_id).values_list("groups__name", flat=True)
        self.fields["groups"].initial = list(present)


_NAMES = ["email", "first_name", "last_name"]


@admin.register(User)
class UserAdmin(ModelAdmin):
    list_display = [
        "email",
        "get_full_name",
        "user_type",
        "city",
        "email_verified_at",
        "is_active",
        "suspended_at",
        "identity_verified_at",
        "is_staff",
        "date_joined",
    ]
    list_filter = [
        "user_type",
        "is_active",
        ("suspended_at", admin.EmptyFieldListFilter),
        ("identity_verified_at", admin.EmptyFieldListFilter),
        "is_staff",
        "groups",
        "country",
    ]
    search_fields = ["email", "first_name", "last_name", "=handle"]
    ordering = ["-id"]
    inlines = [ClientProfileInline, FreelancerProfileInline]
    actions = ["take_handle_away"]
    readonly_fields = [
        "email",
        "handle",
        "email_verified_at",
        "avatar",
        "identity_verified_at",
        "is_active",
        "suspended_at",
        "deactivated_at",
        "erased_at",
        "is_staff",
        "is_superuser",
        "groups",
        "location",
        "public_location",
        "last_login",
        "date_joined",
        "updated_at",
    ]
    fieldsets = [
        ("Person", {"fields": [*_NAMES, "email_verified_at", "identity_verified_at", "user_type", "handle", "avatar"]}),
        (
            "Place",
            {"fields": ["city", "country", "public_location", "travel_radius_km", "is_available"], "classes": ["tab"]},
        ),
        ("Settings", {"fields": ["time_zone", "language", "currency"], "classes": ["tab"]}),
        (
            "Access",
            {
                "fields": [
                    "is_active",
                    "suspended_at",
                    "deactivated_at",
                    "erased_at",
                    "is_staff",
                    "is_superuser",
                    "groups",
                    "last_login",
                ],
                "classes": ["tab"],
            },
        ),
        ("Times", {"fields": ["date_joined", "updated_at"], "classes": ["tab"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people register themselves

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # money and messages point at people

    @admin.action(description="Take the address of the profile away", permissions=["change"])
    def take_handle_away(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for_each(
            self, request, chosen, lambda row: services.take_handle_away(request.user, user_id=row.pk), "Taken away"
        )

    actions_detail = ["suspend", "lift_suspension", "set_staff_groups"]

    def has_suspend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return _staff(request).has_perm("accounts.add_suspension")

    def has_lift_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return _staff(request).has_perm("accounts.change_suspension")

    def has_give_rights_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return _staff(request).has_perm("accounts.give_staff_rights")

    @action(
        description="Suspend",
        permissions=["suspend"],
        dialog={
            "title": "Suspend this person",
            "description": "All their sign-ins end, what they offer is hidden, and a letter says why and how to appeal.",
            "form_class": SuspendForm,
            "form_submit_text": "Suspend",
        },
    )
    def suspend(self, request: HttpRequest, form: SuspendForm, object_id: int) -> HttpResponse:
        return from_dialog(
            self,
            request,
            form,
            lambda: services.suspend(_staff(request), user_id=object_id, **_answers(form)),
            "Suspended. The person was told.",
        )

    @action(
        description="Lift the suspension",
        permissions=["lift"],
        dialog={
            "title": "Lift the suspension",
            "description": "Everything is open to the person again, and a letter says so.",
            "form_class": ReasonForm,
            "form_submit_text": "Lift it",
        },
    )
    def lift_suspension(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        return from_dialog(
            self,
            request,
            form,
            lambda: services.lift_suspension(_staff(request), user_id=object_id, **_answers(form)),
            "Lifted. The person was told.",
        )

    @action(
        description="Staff rights",
        permissions=["give_rights"],
        dialog={
            "title": "Staff rights",
            "description": "What this person may do in this console.",
            "form_class": StaffGroupsForm,
            "form_submit_text": "Save",
        },
    )
    def set_staff_groups(self, request: HttpRequest, form: StaffGroupsForm, object_id: int) -> HttpResponse:
        names = [group.name for group in form.cleaned_data["groups"]]
        return from_dialog(
            self,
            request,
            form,
            lambda: services.set_staff_groups(_staff(request), user_id=object_id, groups=names),
            "Saved. The person has to sign in again.",
        )


@admin.register(ProfileEntry)
class ProfileEntryAdmin(ReadOnlyAdmin):
    list_display = ["title", "organisation", "kind", "user", "created_at"]
    list_filter = ["kind"]
    search_fields = ["title", "organisation", "user__email"]
    list_select_related = ["user"]
    actions = ["take_off"]

    def has_take_off_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.delete_profileentry")

    @admin.action(description="Take it off the profile", permissions=["take_off"])
    def take_off(self, request: HttpRequest, chosen: QuerySet[ProfileEntry]) -> None:
        for_each(self, request, chosen, lambda row: services.take_entry_off(request.user, entry_id=row.pk), "Taken off")


class AppealInline(ReadOnlyInline):
    model = Appeal
    tab = False


@admin.register(Suspension)
class SuspensionAdmin(ReadOnlyAdmin):
    list_display = ["user", "rule", "evidence", "imposed_by", "imposed_at", "appeal_until", "lifted_at"]
    list_filter = ["rule", "evidence", ("lifted_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__email", "=user__id"]
    list_select_related = ["user", "imposed_by"]
    inlines = [AppealInline]


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    """The queue: those that wait come first, the oldest on top."""

    list_display = ["person", "rule", "imposed_by", "created_at", "is_upheld", "decided_by"]
    list_filter = [("decided_at", admin.EmptyFieldListFilter)]
    search_fields = ["suspension__user__email"]
    list_select_related = ["suspension__user", "suspension__imposed_by", "decided_by"]
    ordering = [F("decided_at").desc(nulls_first=True), "created_at"]
    fields = [
        "person", "rule", "evidence", "reason", "imposed_by", "text", "created_at", "is_upheld", "answer", "decided_by",
        "decided_at",
    ]  # fmt: skip
    readonly_fields = ["person", "rule", "evidence", "reason", "imposed_by"]
    actions_detail = ["uphold", "turn_down"]

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return _staff(request).has_perm("accounts.change_appeal")

    @admin.display(description="Person")
    def person(self, appeal: Appeal) -> User:
        return appeal.suspension.user

    @admin.display(description="Rule")
    def rule(self, appeal: Appeal) -> str:
        return appeal.suspension.get_rule_display()

    @admin.display(description="Evidence")
    def evidence(self, appeal: Appeal) -> str:
        return appeal.suspension.get_evidence_display()

    @admin.display(description="Reason")
    def reason(self, appeal: Appeal) -> str:
        return appeal.suspension.reason

    @admin.display(description="Imposed by")
    def imposed_by(self, appeal: Appeal) -> User:
        return appeal.suspension.imposed_by

    @action(
        description="The person is right: lift the suspension",
        permissions=["decide"],
        dialog={
            "title": "Uphold the appeal",
            "description": "The suspension is lifted, and the person reads your answer.",
            "form_class": AnswerForm,
            "form_submit_text": "Uphold",
        },
    )
    def uphold(self, request: HttpRequest, form: AnswerForm, object_id: int) -> HttpResponse:
        return self._decide(request, form, object_id, uphold=True)

    @action(
        description="The suspension stays",
        permissions=["decide"],
        dialog={
            "title": "Turn the appeal down",
            "description": "The suspension stays, and the person reads your answer.",
            "form_class": AnswerForm,
            "form_submit_text": "Turn down",
        },
    )
    def turn_down(self, request: HttpRequest, form: AnswerForm, object_id: int) -> HttpResponse:
        return self._decide(request, form, object_id, uphold=False)

    def _decide(self, request: HttpRequest, form: AnswerForm, object_id: int, *, uphold: bool) -> HttpResponse:
        def act() -> None:
            services.decide_appeal(_staff(request), appeal_id=object_id, uphold=uphold, **_answers(form))

        return from_dialog(self, request, form, act, "Decided. The person was told.")


@admin.register(IdentityCheck)
class IdentityCheckAdmin(ReadOnlyAdmin):
    """The queue: those that wait come first, the oldest on top."""

    records_views = True
    list_display = ["user", "document", "submitted_at", "is_approved", "decided_by", "decided_at"]
    list_filter = [("decided_at", admin.EmptyFieldListFilter), "document", "is_approved"]
    search_fields = ["user__email", "=user__id"]
    list_select_related = ["user", "decided_by"]
    ordering = [F("decided_at").desc(nulls_first=True), "submitted_at"]
    fields = [
        "user", "document", "pictures", "submitted_at", "is_approved", "reason", "decided_by", "decided_at",
    ]  # fmt: skip
    readonly_fields = ["pictures"]
    actions_detail = ["approve", "refuse"]

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return _staff(request).has_perm("accounts.change_identitycheck")

    @admin.display(description="Pictures")
    def pictures(self, check: IdentityCheck) -> str:
        """By links that end after ten minutes, for staff only."""
        found = [(upload.url, upload.name) for upload in check.files.all()]
        return format_html_join(
            " ", '<a class="text-primary-600 underline" href="{}" target="_blank" rel="noopener">{}</a>', found
        ) or "Deleted"  # fmt: skip

    @action(
        description="Approve",
        permissions=["decide"],
        dialog={
            "title": "This is the person",
            "description": "The name on the document is the name of the account, and nothing looks altered.",
            "form_class": None,
            "form_submit_text": "Approve",
        },
    )
    def approve(self, request: HttpRequest, form: BaseDialogForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.decide_identity(_staff(request), check_id=object_id, approve=True)

        return from_dialog(self, request, form, act, "Approved. The person was told.")

    @action(
        description="Refuse",
        permissions=["decide"],
        dialog={
            "title": "Refuse the document",
            "description": "Say what is wrong, so that the person can send something better.",
            "form_class": ReasonForm,
            "form_submit_text": "Refuse",
        },
    )
    def refuse(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.decide_identity(_staff(request), check_id=object_id, approve=False, **_answers(form))

        return from_dialog(self, request, form, act, "Refused. The person was told.")


@admin.register(DataExport)
class DataExportAdmin(ReadOnlyAdmin):
    """That a copy was made; never the copy."""

    list_display = ["user", "requested_at", "finished_at", "expires_at", "size"]
    search_fields = ["user__email"]
    list_select_related = ["user"]
    exclude = ["file"]


def _staff(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]


def _answers(form: BaseDialogForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "_form_submitted"}


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

    def get_prepopulated_fields(self, request: HttpRequest, obj: Skill | None = None) -> dict[str, Any]:
        return {} if obj else {"slug": ["name"]}  # from a name that can be typed

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
    list_display = [
        "user",
        "device",
        "ip_address",
        "second_factor",
        "created_at",
        "last_used_at",
        "revoked_at",
        "revoked_reason",
    ]
    list_filter = ["second_factor", "revoked_reason"]
    search_fields = ["user__email", "ip_address"]
    list_select_related = ["user"]
    exclude = ["refresh_jti", "previous_jti", "session_key"]


@admin.register(Passkey)
class PasskeyAdmin(ReadOnlyAdmin):
    list_display = ["user", "name", "is_backed_up", "created_at", "last_used_at"]
    search_fields = ["user__email"]
    list_select_related = ["user"]
    exclude = ["credential_id", "public_key", "transports"]


class ApiKeyUsageInline(ReadOnlyInline):
    model = ApiKeyUsage
    fields = ["day", "requests", "refused", "failed"]
    readonly_fields = fields
    show_change_link = False


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ["name", "prefix", "user", "created_at", "expires_at", "last_used_at", "revoked_at"]
    list_filter = ["revoked_at"]
    search_fields = ["=prefix", "name", "user__email"]
    list_select_related = ["user"]
    exclude = ["digest"]
    inlines = [ApiKeyUsageInline]
    actions = ["revoke"]

    @admin.action(description="Revoke")
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        def act(key: ApiKey) -> None:
            services.revoke_api_key_as_staff(request.user, key_id=key.pk)

        for_each(self, request, chosen, act, "Revoked")


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
