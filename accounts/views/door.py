"""In and out: sign-in, registration, confirmation of the address, passwords."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import selectors, services
from accounts.errors import NotSignedIn, bad_passkey
from accounts.forms import (
    AvailabilityForm,
    CodeForm,
    ConfirmForm,
    CredentialForm,
    EmailForm,
    RegisterForm,
    ResetPasswordForm,
    SignInForm,
    TokenForm,
)
from accounts.models import AuthSession, User
from accounts.rules import UserType
from accounts.signing import read_address
from core.errors import DomainError, Invalid
from core.pages import apply

REMEMBERED_SECONDS = 7 * 24 * 60 * 60
UNTIL_CLOSED = 0
SECOND_STEP = (
    "second_step"  # in the session of somebody still at the door: [two-factor token, whether to stay signed in]
)


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = SignInForm(request.POST or None)
    closed = False
    if form.is_valid():
        try:
            known = services.begin_sign_in(
                email=form.cleaned_data["email"],
                password=form.cleaned_data["password"],
                come_back=form.cleaned_data["come_back"],
            )
        except DomainError as error:
            closed = error.code == "account_deactivated"
            if not closed:
                apply(form, error)
        else:
            if known.two_factor_token:
                request.session[SECOND_STEP] = [known.two_factor_token, form.cleaned_data["remember"]]
                return redirect(_with_next(request, "accounts:second-factor"))
            _open(request, known.user, remember=form.cleaned_data["remember"])
            if form.cleaned_data["come_back"]:
                messages.success(request, _("Welcome back. Your account is open again."))
            return redirect(_next(request))
    context = {"form": form, "next": _asked_next(request), "closed": closed}
    return render(request, "accounts/sign_in.html", context)


@login_not_required
@require_POST
def sign_in_by_passkey(request: HttpRequest) -> HttpResponse:
    """At either step: the device had its owner unlock it, which is as good as both."""
    form = CredentialForm(request.POST)
    try:
        if not form.is_valid():
            raise bad_passkey()
        signed_in = services.sign_in_by_passkey(credential=form.cleaned_data["credential"])
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(_with_next(request, "accounts:sign-in"))
    remember = request.session.get(SECOND_STEP, ["", bool(request.POST.get("remember"))])[1]
    _open(request, signed_in.user, remember=remember, second_factor=signed_in.second_factor)
    return redirect(_next(request))


@login_not_required
@never_cache
@sensitive_post_parameters("code")
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step of signing in; also for staff who are signed in and come to the console without it."""
    token, remember = request.session.get(SECOND_STEP, ["", False])
    inside = request.user.is_authenticated
    if not inside and not token:
        return redirect(_with_next(request, "accounts:sign-in"))
    if inside and request.auth_session and request.auth_session.second_factor:  # type: ignore[attr-defined]
        return redirect(_next(request))
    form = CodeForm(request.POST or None)
    form.fields["code"].widget.attrs["autofocus"] = True  # the one thing to do here, also after a wrong code
    if form.is_valid():
        try:
            if inside:
                services.confirm(_me(request), _session(request), code=form.cleaned_data["code"])
            else:
                signed_in = services.finish_sign_in(two_factor_token=token, code=form.cleaned_data["code"])
                _open(request, signed_in.user, remember=remember, second_factor=signed_in.second_factor)
        except NotSignedIn as error:
            request.session.pop(SECOND_STEP, None)
            messages.error(request, error.message)
            return redirect(_with_next(request, "accounts:sign-in"))
        except DomainError as error:
            apply(form, error)
        else:
            return redirect(_next(request))
    context = {"form": form, "next": _asked_next(request), "inside": inside}
    if inside:
        context["has"] = selectors.second_factors_of(_me(request))
    return render(request, "accounts/second_factor.html", context)


@never_cache
@sensitive_post_parameters("password", "code")
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove once more who one is, and go back to where that was asked."""
    form = ConfirmForm(request.POST or None)
    if form.is_valid():
        try:
            services.confirm(_me(request), _session(request), **form.proof())
        except DomainError as error:
            apply(form, error)
        else:
            return redirect(_next(request))
    has = selectors.second_factors_of(_me(request))
    return render(request, "accounts/confirm.html", {"form": form, "next": _asked_next(request), "has": has})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    services.end_browser_session(_me(request), session_key=request.session.session_key or "")
    logout(request)
    return redirect("home")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def register(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_next(request))
    role = request.GET.get("as", "")
    form = RegisterForm(request.POST or None, initial={"user_type": role} if role in UserType.values else None)
    if form.is_valid():
        try:
            user = services.register(**form.cleaned_data)
        except DomainError as error:
            apply(form, error)
        else:
            _open(request, user, remember=True)
            return redirect("accounts:verify-email")
    return render(request, "accounts/register.html", {"form": form, "next": _asked_next(request)})


@login_not_required
@never_cache
def verify_email(request: HttpRequest) -> HttpResponse:
    """With a token: one button that confirms, since scanners of mail open links by themselves. Without: what to do."""
    if request.method == "POST":
        form = TokenForm(request.POST)
        if form.is_valid():
            try:
                user = services.verify_email(token=form.cleaned_data["token"])
            except DomainError as error:
                apply(form, error)
            else:
                messages.success(request, _("Your address %(email)s is confirmed.") % {"email": user.email})
                return redirect("dashboard" if request.user.is_authenticated else "accounts:sign-in")
        return render(request, "accounts/verify_email.html", {"form": form, "failed": True})
    token = request.GET.get("token", "")
    if token:
        try:
            email = read_address(token)["to"]
        except Invalid:
            return render(request, "accounts/verify_email.html", {"failed": True})
        return render(
            request, "accounts/verify_email.html", {"form": TokenForm(initial={"token": token}), "email": email}
        )
    return render(request, "accounts/verify_notice.html", {"form": EmailForm()})


@login_not_required
@require_POST
def resend_verification(request: HttpRequest) -> HttpResponse:
    email = _me(request).email if request.user.is_authenticated else request.POST.get("email", "")
    form = EmailForm({"email": email})
    if form.is_valid():
        try:
            services.resend_verification(email=email)
        except DomainError as error:
            apply(form, error)
        else:
            messages.success(request, _("If the address still needs it, a new link is on its way."))
            return redirect("accounts:verify-email")
    return render(request, "accounts/verify_notice.html", {"form": form})


@login_not_required
@never_cache
def forgot_password(request: HttpRequest) -> HttpResponse:
    form = EmailForm(request.POST or None)
    if form.is_valid():
        try:
            services.forgot_password(email=form.cleaned_data["email"])
        except DomainError as error:
            apply(form, error)
        else:
            return redirect(reverse("accounts:forgot-password") + "?sent=yes")
    return render(request, "accounts/forgot_password.html", {"form": form, "sent": "sent" in request.GET})


@login_not_required
@never_cache
@sensitive_post_parameters("new_password", "token")
def reset_password(request: HttpRequest) -> HttpResponse:
    form = ResetPasswordForm(request.POST or None, initial={"token": request.GET.get("token", "")})
    context: dict[str, Any] = {"form": form}
    if request.method != "POST":
        try:
            services.check_reset_token(token=form["token"].initial)
        except Invalid:
            context["failed"] = True
    elif form.is_valid():
        try:
            services.reset_password(**form.cleaned_data)
        except DomainError as error:
            apply(form, error)
        else:
            messages.success(request, _("The new password is set. Sign in with it."))
            return redirect("accounts:sign-in")
    context["failed"] = context.get("failed") or "token" in form.errors
    return render(request, "accounts/reset_password.html", context)


@require_POST
def switch_view(request: HttpRequest) -> HttpResponse:
    """Look at the site as somebody who hires, or who works."""
    view = request.POST.get("view")
    if view in {"client", "freelancer"}:
        request.session["view"] = view
    return redirect(_next(request))


@require_POST
def availability(request: HttpRequest) -> HttpResponse:
    """Open to work or not, from wherever the switch stood."""
    form = AvailabilityForm(request.POST)
    if form.is_valid():
        user = services.set_availability(_me(request), is_available=form.cleaned_data["is_available"])
        messages.success(
            request, _("You are shown as open to work.") if user.is_available else _("You are shown as busy.")
        )
    return redirect(_next(request))


def _open(request: HttpRequest, user: User, *, remember: bool, second_factor: str = "") -> None:
    request.session.pop(SECOND_STEP, None)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session.set_expiry(REMEMBERED_SECONDS if remember else UNTIL_CLOSED)
    request.session.save()
    services.open_browser_session(
        user,
        session_key=request.session.session_key or "",
        lasts_seconds=request.session.get_expiry_age(),
        second_factor=second_factor,
    )


def _session(request: HttpRequest) -> AuthSession | None:
    """The sign-in behind the cookie."""
    return request.auth_session or None  # type: ignore[attr-defined]


def _with_next(request: HttpRequest, view: str) -> str:
    asked = _asked_next(request)
    return reverse(view) + (f"?{urlencode({'next': asked})}" if asked else "")


def _asked_next(request: HttpRequest) -> str:
    """The page asked for before signing in, if it is one of ours."""
    asked: str = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if safe else ""


def _next(request: HttpRequest) -> str:
    return _asked_next(request) or resolve_url("dashboard")


def _me(request: HttpRequest) -> Any:
    return request.user
