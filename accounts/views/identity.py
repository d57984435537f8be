"""Showing who one is."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import services
from accounts.forms import IdentityForm
from accounts.models import IdentityCheck
from accounts.policies import why_not_act
from accounts.rules import MAX_IDENTITY_FILES
from core.errors import DomainError
from core.pages import apply


@never_cache
def identity(request: HttpRequest) -> HttpResponse:
    """One to three pictures of a document, and what came of earlier ones."""
    user: Any = request.user
    form = IdentityForm(request.POST or None)
    errors: list[str] = []
    if form.is_valid():
        try:
            services.submit_identity(
                user,
                document=form.cleaned_data["document"],
                file_ids=[int(number) for number in request.POST.getlist("file_ids") if number.isdecimal()],
                files=request.FILES.getlist("files"),
            )
        except DomainError as error:
            errors = [*error.fields.pop("file_ids", []), *error.fields.pop("file", [])]
            if error.fields or not errors:
                apply(form, error)
        else:
            messages.success(request, _("Thank you. We look at it and write to you."))
            return redirect("settings:identity")
    checks = IdentityCheck.objects.visible_to(user).prefetch_related("files")
    context = {
        "form": form,
        "errors": errors,
        "checks": checks,
        "waiting": any(check.decided_at is None for check in checks),
        "refusal": why_not_act(user),
        "most": MAX_IDENTITY_FILES,
    }
    return render(request, "accounts/settings_identity.html", context)
