"""A person's own settings."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import services
from accounts.forms import EmailChangeForm, PasswordChangeForm, PhotoForm, PlaceForm, PreferencesForm, ProfileForm
from accounts.models import User
from accounts.selectors import marketplace_rules, meters
from accounts.services import uploads
from accounts.views.profile import profile_tabs
from core.errors import DomainError
from core.pages import apply
from core.regions import language_choices

LINK_LASTS = timedelta(seconds=settings.EMAIL_VERIFICATION_TIMEOUT)


def profile(request: HttpRequest) -> HttpResponse:
    user = User.objects.with_profiles().with_entries().get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, user=user)
    if form.is_valid():
        try:
            services.update_person(user, **form.sides())
        except DomainError as error:
            apply(form, error)
        else:
            messages.success(request, _("Your profile is saved."))
            return redirect("settings:profile")
    context = {
        "form": form,
        "photo_form": PhotoForm(),
        "languages": [name for _code, name in language_choices()],
        "fee_bps": marketplace_rules().fee_bps,
        "tabs": profile_tabs("profile", user),
        "meters": meters(user),
    }
    return render(request, "accounts/settings_profile.html", context)


@require_POST
def photo(request: HttpRequest) -> HttpResponse:
    """Set the picture, or take it away."""
    user: Any = request.user
    if "remove" in request.POST:
        uploads.remove_avatar(user)
        messages.success(request, _("Your picture is gone. We show your initials."))
        return redirect("settings:profile")
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            uploads.set_avatar(user, file=form.cleaned_data["picture"])
        except DomainError as error:
            messages.error(request, error.fields.get("file", [error.message])[0])
        else:
            messages.success(request, _("Your new picture is shown from now on."))
    else:
        messages.error(request, _("Choose a picture first."))
    return redirect("settings:profile")


def place(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    if request.method == "POST" and "remove" in request.POST:
        services.clear_place(user)
        messages.success(request, _("Your place is removed."))
        return redirect("settings:place")
    form = PlaceForm(request.POST or None, initial=_place_values(user))
    if form.is_valid():
        try:
            services.set_place(user, **form.cleaned_data)
        except DomainError as error:
            apply(form, error)
        else:
            messages.success(request, _("Your place is saved. Others see it blurred."))
            return redirect("settings:place")
    return render(request, "accounts/settings_place.html", {"form": form})


@sensitive_post_parameters("password", "old_password", "new_password")
def account(request: HttpRequest) -> HttpResponse:
    """Three forms on one page; the button says which of them was sent."""
    user: Any = request.user
    sent = request.POST.get("form", "")
    forms = {
        "preferences": PreferencesForm(_data(request, sent, "preferences"), initial=_preferences(user)),
        "email": EmailChangeForm(_data(request, sent, "email"), prefix="email"),
        "password": PasswordChangeForm(_data(request, sent, "password"), prefix="password"),
    }
    if sent in forms and forms[sent].is_valid():
        try:
            messages.success(request, _ACTIONS[sent](request, forms[sent].cleaned_data))
        except DomainError as error:
            apply(forms[sent], error)
        else:
            return redirect("settings:account")
    change = user.email_changes.filter(completed_at=None, requested_at__gt=timezone.now() - LINK_LASTS).first()
    return render(request, "accounts/settings_account.html", {"forms": forms, "change": change})


def _save_preferences(request: HttpRequest, values: dict[str, Any]) -> str:
    services.update_person(request.user, person=values)  # type: ignore[arg-type]
    return _("Saved.")


def _change_email(request: HttpRequest, values: dict[str, Any]) -> str:
    services.request_email_change(request.user, **values)  # type: ignore[arg-type]
    if not request.user.has_verified_email:  # type: ignore[union-attr]
        return _("Open the link that we sent to %(email)s. Until then nothing changes.") % {
            "email": values["new_email"]
        }
    return _("Open the links that we sent to %(old)s and to %(new)s. Until then nothing changes.") % {
        "old": request.user.email,  # type: ignore[union-attr]
        "new": values["new_email"],
    }


def _change_password(request: HttpRequest, values: dict[str, Any]) -> str:
    old_key = request.session.session_key or ""
    user = services.change_password(request.user, **values, keep_key=old_key)  # type: ignore[arg-type]
    update_session_auth_hash(request, user)
    services.move_browser_session(user, old_key=old_key, new_key=request.session.session_key or "")
    return _("Your new password is set. All other devices are signed out.")


_ACTIONS = {"preferences": _save_preferences, "email": _change_email, "password": _change_password}


def _data(request: HttpRequest, sent: str, name: str) -> Any:
    return request.POST if sent == name else None


def _preferences(user: User) -> dict[str, str]:
    return {"language": user.language, "time_zone": user.time_zone, "currency": user.currency}


def _place_values(user: User) -> dict[str, Any]:
    spot = user.location
    return {
        "lat": round(spot.y, 6) if spot else None,
        "lng": round(spot.x, 6) if spot else None,
        "city": user.city,
        "country": user.country,
        "travel_radius_km": user.travel_radius_km,
    }
