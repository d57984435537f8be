"""What dialogs ask staff, and what becomes of it."""

from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")


class AnswerForm(BaseDialogForm):
    answer = forms.CharField(max_length=5000, widget=UnfoldAdminTextareaWidget, help_text="Shown to the person.")


def member_of_staff(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]


def answers(form: BaseDialogForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "_form_submitted"}
