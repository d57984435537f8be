"""Access and refresh tokens. Each names its type, audience and session; the session can be revoked at any time."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import AuthSession, User


class Pair(dict[str, str]):
    """{"access_token", "refresh_token", "token_type"} as the API returns it."""


def issue(session: AuthSession) -> Pair:
    """New tokens for the session; its `refresh_jti` must be saved by the caller together with this."""
    refresh = RefreshToken()
    refresh["user_id"] = str(session.user_id)
    refresh["sid"] = str(session.pk)
    access = refresh.access_token
    session.refresh_jti = refresh["jti"]
    session.expires_at = timezone.now() + settings.REFRESH_TOKEN_LIFETIME
    return Pair(access_token=str(access), refresh_token=str(refresh), token_type="bearer")


def user_of_access_token(raw: str) -> tuple[User, datetime]:
    """The active person of a valid access token whose session still stands, and when the token ends.

    TokenError otherwise. One query.
    """
    token = AccessToken(raw)  # type: ignore[arg-type]
    session = (
        AuthSession.objects.select_related("user")
        .filter(pk=_session_id(token), revoked_at=None, user__is_active=True)
        .first()
    )
    if session is None:
        raise TokenError("This session has ended.")
    return session.user, datetime.fromtimestamp(token["exp"], tz=timezone.get_default_timezone())


def _session_id(token: Any) -> str:
    try:
        return str(uuid.UUID(token["sid"]))
    except (KeyError, ValueError) as error:
        raise TokenError("This token has no session.") from error
