"""What each request knows of its person (the sign-in behind the cookie, the time zone), and the limits of the API."""

import hashlib
import time
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from rest_framework_simplejwt.exceptions import TokenError

from accounts import services
from accounts.models import AuthSession
from accounts.rules import SEEN_EVERY
from accounts.services.api_usage import count_outcome
from accounts.tokens import read_access_token
from core.errors import TooMany, error_body
from core.middleware import page_of_form
from core.throttling import Bucket, Standing, client_address, spend

SEEN = "seen"
# What balancers and providers call, and what no limit may hold up.
WITHOUT_LIMIT = ("/api/health", "/api/stripe/webhooks", "/api/paypal/webhooks")
SEARCHING = frozenset({"q", "search", "lat", "bbox"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class DoorMiddleware(LoginRequiredMiddleware):
    """Sends strangers to sign in, and then on to the page that they asked for: from a form to the page that it stands on."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        if request.method in SAFE_METHODS:
            return super().handle_no_permission(request, view_func)
        messages.info(request, "You are signed out, so nothing was sent. Sign in and send it again.")
        back = page_of_form(request) or reverse("dashboard")
        return redirect_to_login(back, resolve_url(self.get_login_url(view_func)))


class SignInMiddleware:
    """`request.auth_session` is the AuthSession of the cookie, read when it is asked for; false without one.

    Its last use is noted every five minutes; the time of that stands in the cookie's session, which is read anyway.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.auth_session = SimpleLazyObject(lambda: _session_of(request))  # type: ignore[attr-defined]
        if not request.path.startswith("/api") and request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.get(SEEN, 0) >= SEEN_EVERY.total_seconds():
                request.session[SEEN] = now
                services.note_use(request.user, session_key=request.session.session_key or "")  # type: ignore[arg-type]
        return self.get_response(request)


def _session_of(request: HttpRequest) -> AuthSession | None:
    key = request.session.session_key
    if not (key and request.user.is_authenticated):
        return None
    return AuthSession.objects.visible_to(request.user).standing().filter(session_key=key).first()


class PersonalSettingsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api") or not request.user.is_authenticated:
            return self.get_response(request)
        try:
            zone = zoneinfo.ZoneInfo(request.user.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)


class ApiLimitMiddleware:
    """How often the API may be called: by address, and by person or key. Stands before the views, so that refused
    sign-ins count as well; asks Redis once. Every answer says what is left.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api") or request.path.startswith(WITHOUT_LIMIT):
            return self.get_response(request)
        standing = spend(_buckets(request))
        if standing and standing.wait:
            refusal = TooMany(standing.wait)
            response: HttpResponse = JsonResponse(error_body(refusal.code, refusal.message), status=refusal.status)
            response["Retry-After"] = str(standing.wait)
        else:
            response = self.get_response(request)
            if key := getattr(request, "api_key", None):
                count_outcome(key, status=response.status_code)
        if standing:
            _tell(response, standing)
        return response


def _buckets(request: HttpRequest) -> list[Bucket]:
    """The caller's own bucket and the one of the address; of a stranger only the address's, which is smaller."""
    if request.method not in SAFE_METHODS:
        kind = "write"
    elif SEARCHING.intersection(request.GET):
        kind = "search"
    else:
        kind = "read"
    limits = settings.API_LIMITS
    address = f"{kind}:address:{client_address(request)}"
    who = _caller(request)
    if not who:
        return [Bucket(address, limits["stranger"][kind])]
    return [
        Bucket(f"{kind}:{who}", limits[who.partition(":")[0]][kind]),
        Bucket(f"{address}:signed-in", limits["address"][kind]),
    ]


def _caller(request: HttpRequest) -> str:
    """Without a query. Whoever shows a wrong key has only that key's bucket, and the address's."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        try:
            request.access_token = read_access_token(token.strip())  # type: ignore[attr-defined]
        except TokenError:
            return ""
        return f"person:{request.access_token.get('user_id')}"  # type: ignore[attr-defined]
    if key := request.headers.get("X-API-Key"):
        return f"key:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    if settings.SESSION_COOKIE_NAME in request.COOKIES and (user_id := request.session.get(SESSION_KEY)):
        return f"person:{user_id}"
    return ""


def _tell(response: HttpResponse, standing: Standing) -> None:
    response["RateLimit-Limit"] = str(standing.limit)
    response["RateLimit-Remaining"] = str(standing.remaining)
    response["RateLimit-Reset"] = str(standing.reset)
