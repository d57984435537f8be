"""Buttons of a row's page that ask something in a dialog, and run a service with the answers."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from core.admin import from_dialog

Act = Callable[..., object]


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")


class AnswerForm(BaseDialogForm):
    answer = forms.CharField(max_length=5000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")


def in_dialog(
    label: str,
    *,
    permission: str,
    title: str,
    description: str,
    submit: str,
    done: str,
    form: type[BaseDialogForm] | None = None,
) -> Callable[[Act], Any]:
    """The decorated method gets the member of staff, the id of the row, and what the form asked, by name.

    `permission`: the middle of `has_..._permission`. A permission's own name would not do: the site's checks then ask the
    database, also where it is still empty.
    """

    def decorate(act: Act) -> Any:
        @action(
            description=label,
            permissions=[permission],
            dialog={"title": title, "description": description, "form_class": form, "form_submit_text": submit},
        )
        @wraps(act)
        def run(admin: Any, request: HttpRequest, form: BaseDialogForm, object_id: Any) -> HttpResponse:
            answers = {name: value for name, value in form.cleaned_data.items() if name != "_form_submitted"}
            return from_dialog(admin, request, form, lambda: act(admin, request.user, object_id, **answers), done)

        return run

    return decorate


def without(actions: list[Any], name: str) -> list[Any]:
    """The buttons of a row's page, less one."""
    return [action for action in actions if not action.action_name.endswith(f"_{name}")]
