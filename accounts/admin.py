"""People, taxonomy and records in the staff console."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import StackedInline

from accounts import services
from accounts.models import (
    ApiKey,
    ApiKeyUsage,
    AuditEvent,
    AuthSession,
    Category,
    ClientProfile,
    FreelancerProfile,
    IdempotencyRecord,
    ProfileEntry,
    Skill,
    Upload,
    User,
)
from core.admin import ModelAdmin, ReadOnlyAdmin, ReadOnlyInline, for_each

admin.site.unregister(Group)


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
        "weekly_hours",
        "rating_average",
        "rating_count",
    ]
    readonly_fields = ["skill_names", "weekly_hours", "rating_average", "rating_count"]
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
    search_fields = ["email", "first_name", "last_name", "=handle"]
    ordering = ["-id"]
    inlines = [ClientProfileInline, FreelancerProfileInline]
    filter_horizontal = ["groups"]
    actions = ["take_handle_away"]
    readonly_fields = [
        "email",
        "handle",
        "email_verified_at",
        "avatar",
        "location",
        "public_location",
        "last_login",
        "date_joined",
        "updated_at",
    ]
    fieldsets = [
        (
            "Person",
            {"fields": ["email", "email_verified_at", "first_name", "last_name", "user_type", "handle", "avatar"]},
        ),
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

    @admin.action(description="Take the address of the profile away", permissions=["change"])
    def take_handle_away(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for_each(
            self, request, chosen, lambda row: services.take_handle_away(request.user, user_id=row.pk), "Taken away"
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
    list_display = ["user", "ip_address", "created_at", "last_used_at", "revoked_at", "revoked_reason"]
    list_filter = ["revoked_reason"]
    search_fields = ["user__email", "ip_address"]
    list_select_related = ["user"]
    exclude = ["refresh_jti", "previous_jti"]


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
