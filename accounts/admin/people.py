"""People, what they may do here, and what their profiles say."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet, URLField
from django.http import HttpRequest
from unfold.admin import StackedInline
from unfold.decorators import display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminURLInputWidget

from accounts import services
from accounts.admin.forms import ReasonForm
from accounts.models import ClientProfile, FreelancerProfile, ProfileEntry, Strike, User
from accounts.rules import EvidenceClass, SuspensionRule
from core.admin import ModelAdmin, ReadOnlyAdmin, ReadOnlyInline, for_each, in_line
from core.admin.dialogs import in_dialog, without

admin.site.unregister(Group)


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


class StrikeInline(ReadOnlyInline):
    model = Strike
    fields = ["created_at", "rule", "about"]
    readonly_fields = fields


class SuspendForm(BaseDialogForm):
    rule = forms.ChoiceField(choices=SuspensionRule.choices, widget=UnfoldAdminSelectWidget)
    evidence = forms.ChoiceField(choices=EvidenceClass.choices, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(max_length=2000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")


class ResetSecondFactorForm(BaseDialogForm):
    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextareaWidget,
        help_text="How you made sure who they are. Kept for good, for staff only: write nothing from their documents.",
    )


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
        "name",
        "user_type",
        "standing",
        "checked",
        "joined",
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
    inlines = [ClientProfileInline, FreelancerProfileInline, StrikeInline]
    actions = ["take_handle_away"]
    actions_detail = ["suspend", "lift_suspension", "reset_second_factor", "set_staff_groups"]

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Of suspending and lifting, the one that can be done."""
        suspended = User.objects.filter(pk=object_id, suspended_at__isnull=False).exists()
        return without(super().get_actions_detail(request, object_id), "suspend" if suspended else "lift_suspension")

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
        "blurred_place",
        "last_login",
        "date_joined",
        "updated_at",
    ]
    fieldsets = [
        ("Person", {"fields": [*_NAMES, "email_verified_at", "identity_verified_at", "user_type", "handle", "avatar"]}),
        (
            "Place",
            {"fields": ["city", "country", "blurred_place", "travel_radius_km", "is_available"], "classes": ["tab"]},
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

    @admin.display(description="Name", ordering="first_name")
    def name(self, user: User) -> str:
        return user.get_full_name()

    @display(description="Standing", label={"Open": "success", "Suspended": "danger", "Closed": "warning"})
    def standing(self, user: User) -> str:
        if user.erased_at:
            return "Deleted"
        if user.is_suspended:
            return "Suspended"
        return "Open" if user.is_active else "Closed"

    @admin.display(description="Checked")
    def checked(self, user: User) -> str:
        found = [(user.has_verified_email, "E-mail"), (user.has_verified_identity, "identity")]
        return ", ".join(name for is_checked, name in found if is_checked)

    @admin.display(description="Place that others see")
    def blurred_place(self, user: User) -> str:
        place = user.public_location
        return f"{place.y:.3f}, {place.x:.3f}" if place else ""

    @admin.display(description="Joined", ordering="date_joined")
    def joined(self, user: User) -> str:
        return in_line(user.date_joined, "%Y-%m-%d")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people register themselves

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # money and messages point at people

    @admin.action(description="Take the address of the profile away", permissions=["change"])
    def take_handle_away(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for_each(
            self, request, chosen, lambda row: services.take_handle_away(request.user, user_id=row.pk), "Taken away"
        )

    def has_suspend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("accounts.add_suspension")

    def has_lift_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("accounts.change_suspension")

    def has_reset_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("accounts.reset_second_factor")

    def has_give_rights_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("accounts.give_staff_rights")

    @in_dialog(
        "Suspend",
        permission="suspend",
        title="Suspend this person",
        description="All their sign-ins end, what they offer is hidden, and a letter says why and how to appeal. "
        "Staff lose their rights for good.",
        form=SuspendForm,
        submit="Suspend",
        done="Suspended. The person was told.",
    )
    def suspend(self, actor: User, user_id: int, **grounds: str) -> None:
        services.suspend(actor, user_id=user_id, **grounds)

    @in_dialog(
        "Lift the suspension",
        permission="lift",
        title="Lift the suspension",
        description="Everything is open to the person again, and a letter says so.",
        form=ReasonForm,
        submit="Lift it",
        done="Lifted. The person was told.",
    )
    def lift_suspension(self, actor: User, user_id: int, reason: str) -> None:
        services.lift_suspension(actor, user_id=user_id, reason=reason)

    @in_dialog(
        "Reset the second factor",
        permission="reset",
        title="Reset the second factor",
        description="Their authenticator app, backup codes and passkeys stop working, all their sign-ins end, and a letter says "
        "so. After that the password alone signs in.",
        form=ResetSecondFactorForm,
        submit="Reset it",
        done="Reset. The person was told.",
    )
    def reset_second_factor(self, actor: User, user_id: int, reason: str) -> None:
        services.reset_second_factor(actor, user_id=user_id, reason=reason)

    @in_dialog(
        "Staff rights",
        permission="give_rights",
        title="Staff rights",
        description="What this person may do in this console.",
        form=StaffGroupsForm,
        submit="Save",
        done="Saved. The person has to sign in again.",
    )
    def set_staff_groups(self, actor: User, user_id: int, groups: QuerySet[Group]) -> None:
        services.set_staff_groups(actor, user_id=user_id, groups=[group.name for group in groups])


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
