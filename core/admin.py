"""The staff console: for staff who have shown a second factor; model pages that are calm on large tables, read-only where
a service owns the state."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import TabularInline as UnfoldTabularInline
from unfold.sites import UnfoldAdminSite

from core.errors import DomainError


class ConsoleSite(UnfoldAdminSite):  # type: ignore[misc]
    """Has no door of its own: the site's sign-in, and its page for the second factor, lead here."""

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_permission(request) and request.auth_session and request.auth_session.second_factor)  # type: ignore[attr-defined]

    @method_decorator([never_cache, login_not_required])
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        index = reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return redirect(index)
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied
        asked = request.GET.get(REDIRECT_FIELD_NAME, index)
        door = "accounts:second-factor" if request.user.is_authenticated else "accounts:sign-in"
        return redirect_to_login(asked, reverse(door))


class ModelAdmin(UnfoldModelAdmin):  # type: ignore[misc]
    """Counts only what is listed, and never loads a select box of all people."""

    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    warn_unsaved_form = True


class _ReadOnly:
    """Shows; changes go through services, which pages, API and the actions here share."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(_ReadOnly, ModelAdmin):
    def has_act_permission(self, request: HttpRequest) -> bool:
        """For actions that change a row through a service: the change permission that the page itself never uses."""
        options = self.opts
        return bool(request.user.has_perm(f"{options.app_label}.change_{options.model_name}"))


class ReadOnlyInline(_ReadOnly, UnfoldTabularInline):  # type: ignore[misc]
    extra = 0
    can_delete = False
    show_change_link = True
    tab = True


class EventInline(ReadOnlyInline):
    """The history of an aggregate; set `model` to its LifecycleEvent."""

    fields = ["created_at", "move", "from_status", "to_status", "actor", "reason"]
    readonly_fields = fields
    show_change_link = False
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("actor")


def for_each(admin: Any, request: HttpRequest, chosen: QuerySet[Any], act: Callable[[Any], object], done: str) -> None:
    """Run a service for each chosen row, and say what was done and what was refused, with the reason."""
    count = 0
    for row in chosen:
        try:
            act(row)
        except DomainError as error:
            admin.message_user(request, f"{row}: {error.message}", messages.WARNING)
        else:
            count += 1
    if count:
        admin.message_user(request, f"{done}: {count}.", messages.SUCCESS)


def from_dialog(admin: Any, request: HttpRequest, form: Any, act: Callable[[], object], done: str) -> HttpResponse:
    """Run a service with what a dialog asked, and go back to the page of the row with what came of it."""
    try:
        act()
    except DomainError as error:
        reasons = [reason for reasons in error.fields.values() for reason in reasons] or [error.message]
        admin.message_user(request, " ".join(reasons), messages.ERROR)
    else:
        admin.message_user(request, done, messages.SUCCESS)
    options = admin.model._meta
    page = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[form.object_id])
    return HttpResponse(headers={"HX-Redirect": page})
