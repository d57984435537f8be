"""People, taxonomy and records in the staff console."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import StackedInline

from accounts.models import (
    AuditEvent,
    AuthSession,
    Category,
    ClientProfile,
    FreelancerProfile,
    IdempotencyRecord,
    Passkey,
    Skill,
    Upload,
    User,
)
from core.admin import ModelAdmin, ReadOnlyAdmin

admin.site.unregister(Group)
admin.site.unregister(TOTPDevice)  # its pages show secrets


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


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "action", "actor", "subject_type", "subject_id", "ip_address", "request_id"]
    list_filter = ["action", "subject_type"]
    search_fields = ["actor__email", "subject_id", "request_id"]
    list_select_related = ["actor"]


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    list_display = ["scope", "key", "status", "created_at"]
    search_fields = ["=scope", "=key"]
    exclude = ["body"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[IdempotencyRecord]:
        return super().get_queryset(request).defer("body")
