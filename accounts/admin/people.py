"""People, what they may do here, and what their profiles say."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet, URLField
from django.http import HttpRequest, HttpResponse
from unfold.admin import StackedInline
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminURLInputWidget

from accounts import services
from accounts.admin.dialogs import ReasonForm, answers, member_of_staff
from accounts.models import ClientProfile, FreelancerProfile, ProfileEntry, User
from accounts.rules import EvidenceClass, SuspensionRule
from core.admin import ModelAdmin, ReadOnlyAdmin, for_each, from_dialog

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
        "links",
        "weekly_hours",
        "rating_average",
        "rating_count",
    ]
    readonly_fields = ["skill_names", "links", "weekly_hours", "rating_average", "rating_count"]
    can_delete = False
    tab = True


class SuspendForm(BaseDialogForm):
    rule = forms.ChoiceField(choices=SuspensionRule.choices, widget=UnfoldAdminSelectWidget)
    evidence = forms.ChoiceField(choices=EvidenceClass.choices, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(max_length=2000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")


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
        return member_of_staff(request).has_perm("accounts.add_suspension")

    def has_lift_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return member_of_staff(request).has_perm("accounts.change_suspension")

    def has_give_rights_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return member_of_staff(request).has_perm("accounts.give_staff_rights")

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
            lambda: services.suspend(member_of_staff(request), user_id=object_id, **answers(form)),
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
            lambda: services.lift_suspension(member_of_staff(request), user_id=object_id, **answers(form)),
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
            lambda: services.set_staff_groups(member_of_staff(request), user_id=object_id, groups=names),
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
