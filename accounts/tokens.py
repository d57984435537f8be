"""Access and refresh tokens. Each names its type, audience and session; the session can be revoked at any time."""

import uuid
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import AuthSession, User


class Pair(dict[str, str]):
    """{"access_token", "refresh_token", "token_type"} as the API returns it."""


class RefreshClaim(NamedTuple):
    session_id: str
    jti: str


def issue(session: AuthSession) -> Pair:
    """New tokens for the session; its `refresh_jti` must be saved by the caller together with this."""
    refresh = RefreshToken()
    session.refresh_jti = refresh["jti"]
    session.expires_at = timezone.now() + settings.REFRESH_TOKEN_LIFETIME
    return _pair(refresh, session)


def issue_again(session: AuthSession) -> Pair:
    """The pair with the session's present refresh token, for a twin request that lost the race to rotate it."""
    refresh = RefreshToken()
    refresh["jti"] = session.refresh_jti
    refresh["exp"] = int(session.expires_at.timestamp())
    return _pair(refresh, session)


def read_refresh_token(raw: str) -> RefreshClaim:
    """TokenError unless it is a refresh token of ours, and not over."""
    token = RefreshToken(raw)  # type: ignore[arg-type]
    return RefreshClaim(_session_id(token), str(token["jti"]))


def session_of_access_token(raw: str) -> tuple[AuthSession, datetime]:
    """The standing session, with its active person, of a valid access token; and when the token ends.

    TokenError otherwise. One query.
    """
    token = AccessToken(raw)  # type: ignore[arg-type]
    session = (
        AuthSession.objects.standing()
        .select_related("user")
        .filter(pk=_session_id(token), user__is_active=True)
        .first()
    )
    if session is None:
        raise TokenError("This session has ended.")
    return session, datetime.fromtimestamp(token["exp"], tz=UTC)


def user_of_access_token(raw: str) -> tuple[User, datetime]:
    """The person of a valid access token, and when the token ends. TokenError otherwise."""
    session, expires = session_of_access_token(raw)
    return session.user, expires


def _pair(refresh: RefreshToken, session: AuthSession) -> Pair:
    refresh["user_id"] = str(session.user_id)
    refresh["sid"] = str(session.pk)
    return Pair(
        access_token=str(refresh.access_token),
        refresh_token=str(refresh),
        token_type="bearer",  # noqa: S106 - the kind of token, not one
    )


def _session_id(token: Any) -> str:
    try:
        return str(uuid.UUID(token["sid"]))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise TokenError("This token has no session.") from error
