"""Buttons of a row's page that ask something in a dialog, and run a service with the answers."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from core.errors import DomainError

Act = Callable[..., str | None]


def in_dialog(
    label: str,
    *,
    title: str,
    description: str,
    submit: str,
    done: str,
    form: type[BaseDialogForm] | None = None,
    permission: str = "act",
) -> Callable[[Act], Any]:
    """The decorated method gets the member of staff, the id of the row, and what the form asked, by name.

    It may return other words than `done`.

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
            try:
                told = act(admin, request.user, object_id, **answers)
            except DomainError as error:
                reasons = [reason for reasons in error.fields.values() for reason in reasons] or [error.message]
                admin.message_user(request, " ".join(reasons), messages.ERROR)
            else:
                admin.message_user(request, told or done, messages.SUCCESS)
            options = admin.model._meta
            page = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[object_id])
            return HttpResponse(headers={"HX-Redirect": page})

        return run

    return decorate


def without(actions: list[Any], name: str) -> list[Any]:
    """The buttons of a row's page, less one."""
    return [action for action in actions if not action.action_name.endswith(f"_{name}")]
