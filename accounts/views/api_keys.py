"""Settings: keys for programs."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import services
from accounts.forms import ApiKeyForm
from accounts.models import ApiKey, AuthSession
from accounts.scopes import SCOPES
from accounts.views.security import confirmed
from core.errors import DomainError, NotFound
from core.pages import apply
from core.queries import get_or_refuse


def api_keys(request: HttpRequest) -> HttpResponse:
    keys = ApiKey.objects.of(request.user).standing()
    rows = [{"key": key, "may": [SCOPES[scope] for scope in key.scopes if scope in SCOPES]} for key in keys]
    return render(request, "accounts/settings_api_keys.html", {"rows": rows})


@never_cache
@confirmed
def new_api_key(request: HttpRequest) -> HttpResponse:
    """The answer to the form shows the key, this once: a redirect would have to keep it somewhere meanwhile."""
    form = ApiKeyForm(request.POST or None)
    if form.is_valid():
        try:
            key, raw = services.create_api_key(request.user, **form.cleaned_data, session=_session(request))
        except DomainError as error:
            apply(form, error)
        else:
            return render(request, "accounts/settings_api_key_made.html", {"key": key, "raw": raw})
    return render(request, "accounts/settings_api_key_new.html", {"form": form, "crumbs": _crumbs()})


def api_key(request: HttpRequest, key_id: int) -> HttpResponse:
    """One key: what it may do and what it did."""
    key = get_or_refuse(ApiKey.objects.of(request.user), pk=key_id)
    days = services.usage_of(key)
    context = {
        "key": key,
        "crumbs": _crumbs(),
        "may": [SCOPES[scope] for scope in key.scopes if scope in SCOPES],
        "today": days[0],
        "total": sum(day.requests for day in days),
        "chart": _chart(days),
        "rows": [(f"{day.day:%d.%m.}", [day.requests, day.refused, day.failed]) for day in days if day.requests],
        "columns": [_("Requests"), _("Refused"), _("Failed")],
    }
    return render(request, "accounts/settings_api_key.html", context)


@require_POST
@confirmed
def revoke_api_key(request: HttpRequest, key_id: int) -> HttpResponse:
    try:
        key = services.revoke_api_key(request.user, key_id=key_id, session=_session(request))  # type: ignore[arg-type]
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("settings:api-key", key_id=key_id)
    messages.success(request, _("%(name)s is revoked. Programs that still use it are refused.") % {"name": key.name})
    return redirect("settings:api-keys")


def _crumbs() -> list[tuple[str, str]]:
    return [(_("API keys"), reverse("settings:api-keys"))]


def _session(request: HttpRequest) -> AuthSession | None:
    """The sign-in behind the cookie."""
    return request.auth_session or None  # type: ignore[attr-defined]


def _chart(days: list[Any]) -> dict[str, Any]:
    oldest_first = days[::-1]
    return {
        "type": "bar",
        "stacked": True,
        "labels": [f"{day.day:%d.%m.}" for day in oldest_first],
        "series": [
            {"label": _("Answered"), "values": [day.requests - day.refused - day.failed for day in oldest_first]},
            {"label": _("Refused"), "values": [day.refused for day in oldest_first]},
            {"label": _("Failed"), "values": [day.failed for day in oldest_first]},
        ],
    }
