"""Sign-in of API requests: `Authorization: Bearer`, or `X-API-Key`."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError

from accounts.models import ApiKey, AuthSession, User
from accounts.scopes import scope_for
from accounts.services.api_keys import find_api_key, note_use
from accounts.services.api_usage import count_request
from accounts.tokens import session_of_access_token


class BearerAuthentication(BaseAuthentication):
    """`request.auth` is the AuthSession that the token belongs to."""

    def authenticate(self, request: Request) -> tuple[User, AuthSession] | None:
        scheme, _, raw = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            session, _expires = session_of_access_token(raw.strip(), getattr(request, "access_token", None))
        except TokenError as error:
            raise AuthenticationFailed("This access token is not valid (any more).", "token_not_valid") from error
        request._request.user_for_log = session.user  # the log line of the request names the person
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def session_of(request: Request) -> AuthSession | None:
    """The sign-in behind an API request, of its token or of its cookie; None for a program with a key."""
    if isinstance(request.auth, AuthSession):
        return request.auth
    of_cookie: AuthSession | None = request._request.auth_session if request.auth is None else None
    return of_cookie or None


class BearerScheme(OpenApiAuthenticationExtension):
    """How the API's description names it."""

    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class ApiKeyAuthentication(BaseAuthentication):
    """`request.auth` is the ApiKey. It opens what its scopes say, wherever the address, and never more than its owner may."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        raw = request.headers.get("X-API-Key", "")
        if not raw:
            return None
        key = find_api_key(raw.strip())
        if key is None:
            raise AuthenticationFailed("This API key is not valid (any more).", "api_key_not_valid")
        request._request.api_key = key  # how the request ends is counted when the answer is known
        request._request.user_for_log = key.user
        if wait := count_request(key):
            raise Throttled(wait, "This key has used up its requests of today.", "quota_exceeded")
        note_use(key)
        _check_scope(key, request)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _check_scope(key: ApiKey, request: Request) -> None:
    match = request._request.resolver_match
    scope = scope_for(match.route if match else "", request.method or "")
    if scope is None:
        raise PermissionDenied("No API key may do this. Sign in instead.", "not_for_api_keys")
    if scope and scope not in key.scopes:
        raise PermissionDenied(f"This key lacks the scope {scope}.", "scope_missing")


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the API's description names it."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-API-Key"}


class SessionScheme(OpenApiAuthenticationExtension):
    """The cookie of the site's own pages, with their CSRF token."""

    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "cookie"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "For the site's own pages. What changes something also sends the header X-CSRFToken.",
        }
