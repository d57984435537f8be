"""Settings: where the person is paid."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import AuthSession
from accounts.views.security import confirmed
from core.errors import DomainError, Unavailable
from core.pages import apply
from core.regions import country_name
from payments import policies, services
from payments.forms import BankCountryForm
from payments.models import ConnectAccount
from payments.rules import asked_for


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """How the account stands; asked of the provider anew when the person comes back from there."""
    account = ConnectAccount.objects.filter(user=request.user, account_id__isnull=False).first()
    if account and "back" in request.GET:
        with suppress(Unavailable):  # news of it comes by itself too
            account = services.refresh_connect_account(account.pk)
    context = {
        "account": account,
        "country": country_name(account.country) if account else "",
        "missing": asked_for(account.missing) if account else [],
        "opens_at": policies.payouts_open_at(request.user),
        "too_new": bool(account and policies.why_not_be_paid(request.user)),
    }
    return render(request, "payments/payout_account.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@confirmed
def open_account(request: HttpRequest) -> HttpResponse:
    """In which country the bank is; the rest is said at the provider."""
    form = BankCountryForm(request.POST or None, initial={"country": request.user.country})
    if form.is_valid():
        try:
            services.open_connect_account(_me(request), **form.cleaned_data, session=_session(request))
        except DomainError as error:
            apply(form, error)
        else:
            return redirect("payout-account:home")
    return render(request, "payments/payout_account_open.html", {"form": form, "crumbs": _crumbs()})


@never_cache
@require_GET
@confirmed
def go(request: HttpRequest) -> HttpResponse:
    """To the provider's own page. A link, not a form: the page's policy lets forms post only to this site."""
    page = f"{settings.SITE_URL.rstrip('/')}{reverse('payout-account:home')}"
    try:
        url = services.begin_onboarding(
            _me(request), session=_session(request), return_url=f"{page}?back", refresh_url=page
        )
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("payout-account:home")
    return redirect(url)


def _crumbs() -> list[tuple[str, str]]:
    return [("Where you are paid", reverse("payout-account:home"))]


def _me(request: HttpRequest) -> Any:
    return request.user


def _session(request: HttpRequest) -> AuthSession | None:
    """The sign-in behind the cookie."""
    return request.auth_session or None
