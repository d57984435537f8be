"""Sign-in of API requests by `Authorization: Bearer`."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError

from accounts.models import AuthSession, User
from accounts.tokens import session_of_access_token


class BearerAuthentication(BaseAuthentication):
    """`request.auth` is the AuthSession that the token belongs to."""

    def authenticate(self, request: Request) -> tuple[User, AuthSession] | None:
        scheme, _, raw = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            session, _expires = session_of_access_token(raw.strip())
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
