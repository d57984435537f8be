"""How a person signs in: second factor, passkeys, and where they are signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import selectors, services
from accounts.forms import EndOthersForm, PasskeyForm, PasskeyNameForm, SetUpForm
from accounts.models import AuthSession
from core.errors import DomainError, Forbidden, NotFound
from core.middleware import page_of_form
from core.pages import apply

View = Callable[..., HttpResponse]


def confirmed(view: View) -> View:
    """Sends people whose last proof is too long ago to the page that asks for one, and back to where they were."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            services.require_confirmed(_me(request), _session(request))
        except Forbidden:
            form = page_of_form(request) or reverse("settings:security")
            back = request.get_full_path() if request.method == "GET" else form
            return redirect(f"{reverse('accounts:confirm')}?{urlencode({'next': back})}")
        return view(request, *args, **kwargs)

    return wrapper


@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    me = _me(request)
    context = {
        "has": selectors.second_factors_of(me),
        "passkeys": [
            (passkey, PasskeyNameForm(initial={"name": passkey.name}, auto_id=f"passkey-{passkey.pk}-%s"))
            for passkey in me.passkeys.all()
        ],
        "remove_wish": [("remove", "yes")],
        "turn_off_form": EndOthersForm(auto_id="turn-off-%s"),
        "renew_form": EndOthersForm(auto_id="renew-%s"),
        "sessions": AuthSession.objects.visible_to(me).standing(),
    }
    return render(request, "accounts/security.html", context)


@never_cache
@sensitive_post_parameters("code")
@confirmed
def set_up(request: HttpRequest) -> HttpResponse:
    """The secret to scan, until a first code is right; then the backup codes, shown only in this answer."""
    me, session = _me(request), _session(request)
    if services.has_second_factor(me):
        return redirect("settings:security")
    form = SetUpForm(request.POST or None)
    if form.is_valid():
        try:
            codes = services.confirm_second_factor(me, session, **form.cleaned_data, renew_codes=True)
        except DomainError as error:
            apply(form, error)
        else:
            return _show_codes(request, codes)
    try:
        setup = services.resume_second_factor(me, session)
    except NotFound:
        setup = services.begin_second_factor(me, session)
    groups = [setup.secret[start : start + 4] for start in range(0, len(setup.secret), 4)]
    return render(request, "accounts/security_set_up.html", {"form": form, "setup": setup, "groups": groups})


@require_POST
@confirmed
def turn_off(request: HttpRequest) -> HttpResponse:
    services.disable_second_factor(_me(request), _session(request), end_others="end_others" in request.POST)
    messages.success(request, _("The second factor is off. Signing in asks for your password alone."))
    return redirect("settings:security")


@never_cache
@require_POST
@confirmed
def backup_codes(request: HttpRequest) -> HttpResponse:
    """New ones, shown only in this answer."""
    codes = services.renew_backup_codes(_me(request), _session(request), end_others="end_others" in request.POST)
    return _show_codes(request, codes)


@never_cache
@confirmed
def add_passkey(request: HttpRequest) -> HttpResponse:
    form = PasskeyForm(request.POST or None)
    if form.is_valid():
        try:
            passkey = services.add_passkey(_me(request), **form.cleaned_data)
        except DomainError as error:
            apply(form, error)
        else:
            messages.success(request, _("The passkey “%(name)s” is added.") % {"name": passkey.name})
            return redirect("settings:security")
    return render(request, "accounts/security_passkey.html", {"form": form})


@require_POST
def change_passkey(request: HttpRequest, passkey_id: int) -> HttpResponse:
    """Give it another name, or remove it."""
    if "remove" in request.POST:
        return _remove_passkey(request, passkey_id)
    form = PasskeyNameForm(request.POST)
    if form.is_valid():
        services.rename_passkey(_me(request), passkey_id=passkey_id, name=form.cleaned_data["name"])
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Give the passkey a name of at most 60 letters."))
    return redirect("settings:security")


@confirmed
def _remove_passkey(request: HttpRequest, passkey_id: int) -> HttpResponse:
    services.remove_passkey(_me(request), _session(request), passkey_id=passkey_id)
    messages.success(request, _("The passkey is removed."))
    return redirect("settings:security")


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """One of them, all but this one, or all."""
    me = _me(request)
    if "everywhere" in request.POST:
        services.end_every_session(me)
        logout(request)
        messages.success(request, _("You are signed out everywhere."))
        return redirect("accounts:sign-in")
    if "others" in request.POST:
        services.end_other_sessions(me, keep_key=request.session.session_key or "")
        messages.success(request, _("You are signed out everywhere else."))
    else:
        services.end_session(me, session_id=request.POST.get("session", ""))
        messages.success(request, _("That sign-in has ended."))
    return redirect("settings:security")


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "accounts/security_codes.html", {"codes": codes})


def _me(request: HttpRequest) -> Any:
    return request.user


def _session(request: HttpRequest) -> AuthSession | None:
    return request.auth_session or None  # type: ignore[attr-defined]
