"""What each request knows of its person: the sign-in behind the cookie, and the time zone to show pages in."""

import time
import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import services
from accounts.models import AuthSession
from accounts.rules import SEEN_EVERY

SEEN = "seen"


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
