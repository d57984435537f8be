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


def auth_session(request: Request) -> AuthSession | None:
    """The sign-in that the request comes from: of its token, or of the site's own cookie."""
    if isinstance(request.auth, AuthSession):
        return request.auth
    session = getattr(request._request, "session", None)
    key = session.session_key if session else None
    return AuthSession.objects.visible_to(request.user).standing().filter(session_key=key).first() if key else None


class BearerScheme(OpenApiAuthenticationExtension):
    """How the API's description names it."""

    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
