"""The staff console: for staff who have shown a second factor; model pages that are calm on large tables, read-only where
a service owns the state."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import TabularInline as UnfoldTabularInline
from unfold.decorators import display
from unfold.sites import UnfoldAdminSite

from core import hooks
from core.errors import DomainError

SECRETS = re.compile(r"password|secret|token|digest|jti|key", re.IGNORECASE)
HIDDEN = "…"
MOST_ROWS_NAMED = 100
DAY = "%Y-%m-%d"
MINUTES = f"{DAY} %H:%M"
# By the tone of a badge.
LABELS = {"success": "success", "waiting": "warning", "danger": "danger", "info": "info", "quiet": "default"}


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


Changes = dict[str, list[Any]]


class _Recorded:
    """Tells the audit log what staff do: what they save, with the values before and after, delete and run.

    `records_views`: also that they looked, for rows that hold what was meant for others.
    """

    records_views = False

    def save_related(self: Any, request: HttpRequest, form: Any, formsets: list[Any], change: bool) -> None:
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        changes = _changes(form)
        for formset in formsets:
            changes |= _changes_inline(formset)
        if changes or not change:
            action = "console.changed" if change else "console.added"
            hooks.staff_acted(request.user, action, form.instance, changes=changes)

    def log_deletions(self: Any, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        for row in queryset:
            values = {
                field.name: _shown(field.name, field.value_from_object(row)) for field in row._meta.concrete_fields
            }
            hooks.staff_acted(request.user, "console.deleted", row, before=values)
        return super().log_deletions(request, queryset)  # type: ignore[misc]

    def render_change_form(
        self: Any, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        if self.records_views and row is not None and request.method == "GET":
            hooks.staff_acted(request.user, "console.viewed", row)
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def get_actions(self: Any, request: HttpRequest) -> dict[str, Any]:
        """What is run on chosen rows. Deleting reports each row by itself."""

        def recorded(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(act)
            def run(admin: Any, request: HttpRequest, chosen: QuerySet[Any]) -> Any:
                ids = [str(pk) for pk in chosen.order_by("pk").values_list("pk", flat=True)[: MOST_ROWS_NAMED + 1]]
                _tell_run(self, request, name, ids)
                return act(admin, request, chosen)

            return run

        return {
            name: (act if name == "delete_selected" else recorded(name, act), name, text)
            for name, (act, _name, text) in super().get_actions(request).items()  # type: ignore[misc]
        }

    def get_unfold_action(self: Any, action: str) -> Any:
        """What is run by the buttons of a list, a row or a form."""
        found = super().get_unfold_action(action)  # type: ignore[misc]

        @wraps(found.method)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if "object_id" in kwargs:
                _require_id(self, kwargs["object_id"])
            about = [*args, *kwargs.values()]
            _tell_run(self, request, action, [str(getattr(it, "pk", it)) for it in about])
            return found.method(request, *args, **kwargs)

        return replace(found, method=run)


def _require_id(admin: Any, text: str) -> None:
    """Http404 for what can be the id of no row."""
    try:
        admin.opts.pk.to_python(text)
    except ValidationError as error:
        raise Http404 from error


def _tell_run(admin: Any, request: HttpRequest, name: str, ids: list[str]) -> None:
    data = {"run": name, "on": admin.model._meta.label_lower, "ids": ids[:MOST_ROWS_NAMED]}
    if len(ids) > MOST_ROWS_NAMED:
        data["more"] = True
    hooks.staff_acted(request.user, "console.ran", None, **data)


def _changes(form: Any, prefix: str = "") -> Changes:
    """{field: [before, after]} of a valid form."""
    return {
        f"{prefix}{name}": [
            _shown(name, form.get_initial_for_field(form.fields[name], name)),
            _shown(name, form.cleaned_data.get(name)),
        ]
        for name in form.changed_data
        if name in form.fields
    }


def _changes_inline(formset: Any) -> Changes:
    """The same of the rows in a saved formset, and the rows that were taken away."""
    noun = formset.model._meta.model_name
    changes: Changes = {}
    for form in formset.forms:
        if form.has_changed() and form not in formset.deleted_forms:
            changes |= _changes(form, prefix=f"{noun}:{form.instance.pk}:")
    for row in formset.deleted_objects:
        changes[f"{noun}:{_shown('', row)}"] = [str(row), None]
    return changes


def _shown(name: str, value: Any) -> Any:
    """As it can be kept in JSON: rows by their ids, secrets not at all."""
    if SECRETS.search(name) and value not in (None, ""):
        return HIDDEN
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, FieldFile):
        return value.name
    if isinstance(value, QuerySet | list | tuple | set):
        return sorted(str(_shown("", item)) for item in value)
    return str(value)


class ModelAdmin(_Recorded, UnfoldModelAdmin):  # type: ignore[misc]
    """Counts only what is listed, never loads a select box of all people, and tells the audit log."""

    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    warn_unsaved_form = True

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The buttons of a page ask for the row by its id, before anybody has looked whether it is one."""
        _require_id(self, object_id)
        return super().change_view(request, object_id, *args, **kwargs)


class _ReadOnly:
    """Shows; changes go through services, which pages, API and the actions here share."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(_ReadOnly, ModelAdmin):
    @display(description="Status", ordering="status", label=LABELS)
    def state(self, row: Any) -> tuple[str, str]:
        """Of a row with a `badge`."""
        return row.badge.tone, row.badge.label

    @admin.display(description="Created", ordering="created_at")
    def created(self, row: Any) -> str:
        return in_line(row.created_at, MINUTES)

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """For actions that change a row through a service: the change permission that the page itself never uses."""
        options = self.opts
        return bool(request.user.has_perm(f"{options.app_label}.change_{options.model_name}"))


class ReadOnlyInline(_ReadOnly, UnfoldTabularInline):  # type: ignore[misc]
    extra = 0
    can_delete = False
    show_change_link = True
    tab = True


class PartInline(ReadOnlyInline):
    """What has no page of its own: whoever may see the row it belongs to may see it."""

    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        options = self.parent_model._meta
        return bool(request.user.has_perm(f"{options.app_label}.view_{options.model_name}"))


class EventInline(PartInline):
    """The history of an aggregate; set `model` to its LifecycleEvent."""

    fields = ["created_at", "move", "from_status", "to_status", "actor", "reason"]
    readonly_fields = fields
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


def in_line(moment: datetime, shape: str) -> str:
    """On the clock of who looks, never broken: rows are read side by side."""
    return format_html('<span class="whitespace-nowrap">{}</span>', timezone.localtime(moment).strftime(shape))
