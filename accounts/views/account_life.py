"""An account's own life: its address, its standing, its copy, its end."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import services
from accounts.forms import AppealForm, DeleteForm, TokenForm
from accounts.hooks import ties_of
from accounts.models import AuthSession, DataExport, EmailChange
from accounts.signing import read_address_change
from core.errors import DomainError, Forbidden, Invalid
from core.pages import apply


@login_not_required
@never_cache
def change_email(request: HttpRequest) -> HttpResponse:
    """The page of both mailed links: one button that agrees, since scanners of mail open links by themselves."""
    form = TokenForm(request.POST or None, initial={"token": request.GET.get("token", "")})
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        try:
            context["change"] = services.confirm_email_change(token=form.cleaned_data["token"])
        except DomainError as error:
            context["failed"] = error
    elif request.method == "POST":
        context["failed"] = True
    else:
        context["asked"] = _asked_change(form["token"].initial)
        context["failed"] = context["asked"] is None
    return render(request, "accounts/change_email.html", context)


def _asked_change(token: str) -> EmailChange | None:
    """What a mailed link is about; None when it is not whole, or something newer took its place."""
    try:
        claim = read_address_change(token)
    except Invalid:
        return None
    return EmailChange.objects.filter(pk=claim["change"]).first()


def standing(request: HttpRequest) -> HttpResponse:
    """Why an account is suspended, and the way to appeal."""
    user = _me(request)
    suspension = user.suspensions.standing().select_related("appeal").first()
    form = AppealForm(request.POST or None)
    if form.is_valid():
        try:
            services.appeal(user, **form.cleaned_data)
        except DomainError as error:
            apply(form, error)
        else:
            messages.success(request, _("Your appeal is with us. We answer by e-mail."))
            return redirect("settings:standing")
    past = user.suspensions.filter(lifted_at__isnull=False).select_related("appeal")
    context = {"suspension": suspension, "appeal": getattr(suspension, "appeal", None), "form": form, "past": past}
    context["strikes"] = user.strikes.all()
    return render(request, "accounts/settings_standing.html", context)


@never_cache
def export(request: HttpRequest) -> HttpResponse:
    """Copies of everything that is kept about the person."""
    user = _me(request)
    if request.method == "POST":
        try:
            services.request_export(user, session=_session(request))
        except DomainError as error:
            if needs_proof(error):
                return confirm_first(request)
            messages.error(request, error.message)
        else:
            messages.success(request, _("Your copy is being made. We write to you when it is ready."))
        return redirect("settings:export")
    exports = DataExport.objects.visible_to(user)
    context = {"exports": exports, "making": any(copy.finished_at is None for copy in exports)}
    return render(request, "accounts/settings_export.html", context)


@never_cache
def close(request: HttpRequest) -> HttpResponse:
    """Closing the account for a while."""
    user = _me(request)
    ties = [tie for tie in ties_of(user) if not tie.only_deletion]
    if request.method == "POST":
        try:
            services.deactivate(user, session=_session(request))
        except DomainError as error:
            if needs_proof(error):
                return confirm_first(request)
            messages.error(request, error.message)
            return redirect("settings:close")
        return _leave(request, _("Your account is closed. Sign in whenever you want it back."))
    return render(request, "accounts/settings_close.html", {"ties": ties})


@never_cache
def delete(request: HttpRequest) -> HttpResponse:
    """Deleting the account for good."""
    user = _me(request)
    try:
        services.require_confirmed(user, _session(request))
    except Forbidden:
        return confirm_first(request)
    form = DeleteForm(request.POST or None)
    if form.is_valid():
        try:
            services.erase_account(user, **form.cleaned_data, session=_session(request))
        except DomainError as error:
            apply(form, error)
        else:
            return _leave(request, _("Your account is deleted. Thank you for having been here."))
    return render(request, "accounts/settings_delete.html", {"form": form, "ties": services.deletion_ties(user)})


def needs_proof(error: DomainError) -> bool:
    return error.code == "reauthentication_required"


def confirm_first(request: HttpRequest) -> HttpResponse:
    """To the page that asks who is there, which leads back here."""
    return redirect(f"{reverse('accounts:confirm')}?{urlencode({'next': request.path})}")


def _leave(request: HttpRequest, farewell: str) -> HttpResponse:
    logout(request)
    messages.success(request, farewell)
    return redirect("home")


def _session(request: HttpRequest) -> AuthSession | None:
    """The sign-in of this cookie."""
    key = request.session.session_key
    return AuthSession.objects.visible_to(_me(request)).standing().filter(session_key=key).first() if key else None


def _next(request: HttpRequest) -> str:
    asked: str = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if safe else reverse("settings:home")


def _me(request: HttpRequest) -> Any:
    return request.user
