"""Tokens of the API. Each names its type, audience, issuer and the key that signed it.

Access and refresh tokens belong to a session, which can be revoked at any time. A two-factor token stands for a password
that was right, until the second factor is shown.
"""

import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import jwt
from django.conf import settings
from django.contrib.gis.db.models import PointField
from django.core.cache import cache as redis
from django.utils import timezone
from rest_framework_simplejwt import tokens as simplejwt
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken, TokenError

from accounts.models import AuthSession, User
from accounts.rules import TWO_FACTOR_LIFETIME
from core.statements import Statement

ALGORITHM = "HS256"
REQUIRED = ["exp", "iat", "jti", "aud", "iss", "token_type"]

# Stand where the parameters of a statement go.
SOME_SESSION, SOME_TIME = uuid.UUID(int=1), datetime(2000, 1, 1, tzinfo=UTC)
SESSION_COLUMNS = [field.attname for field in AuthSession._meta.concrete_fields]
# Where the person is, is read when it is asked for.
USER_COLUMNS = [field.attname for field in User._meta.concrete_fields if not isinstance(field, PointField)]


class KeyRing(TokenBackend):
    """Signs with the first of JWT_KEYS and names it in the header; verifies with the one that a token names."""

    def encode(self, payload: dict[str, Any]) -> str:
        name, secret = next(iter(settings.JWT_KEYS.items()))
        claims = payload | {"aud": self.audience, "iss": self.issuer}
        return jwt.encode(claims, secret, algorithm=ALGORITHM, headers={"kid": name})

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        try:
            name = jwt.get_unverified_header(token).get("kid")
            secret = settings.JWT_KEYS.get(name) if isinstance(name, str) else None
            if secret is None:
                raise TokenBackendError("This token is signed with no key of ours.")
            return jwt.decode(
                token,
                secret,
                algorithms=[ALGORITHM],
                audience=self.audience,
                issuer=self.issuer,
                options={"require": REQUIRED},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenBackendExpiredToken("This token has ended.") from error
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("This token is not valid.") from error


key_ring = KeyRing(ALGORITHM, audience=settings.SIMPLE_JWT["AUDIENCE"], issuer=settings.SIMPLE_JWT["ISSUER"])


class AccessToken(simplejwt.AccessToken):
    _token_backend = key_ring


class RefreshToken(simplejwt.RefreshToken):
    _token_backend = key_ring
    access_token_class = AccessToken


class TwoFactorToken(simplejwt.Token):
    token_type = "two_factor"  # noqa: S105 - the kind of token, not one
    lifetime = TWO_FACTOR_LIFETIME
    _token_backend = key_ring


class Pair(dict[str, str]):
    """{"access_token", "refresh_token", "token_type"} as the API returns it."""


class RefreshClaim(NamedTuple):
    session_id: str
    jti: str


class TwoFactorClaim(NamedTuple):
    user_id: int
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


def read_access_token(raw: str) -> AccessToken:
    """TokenError unless it is an access token of ours, and not over. Its session may have ended all the same."""
    return AccessToken(raw)  # type: ignore[arg-type]


def issue_two_factor(user: User) -> str:
    """Five minutes to show the second factor; once."""
    token = TwoFactorToken()
    token["user_id"] = str(user.pk)
    return str(token)


def read_two_factor(raw: str) -> TwoFactorClaim:
    """TokenError unless it is a two-factor token of ours, neither over nor used up."""
    token = TwoFactorToken(raw)  # type: ignore[arg-type]
    claim = TwoFactorClaim(int(token["user_id"]), str(token["jti"]))
    if redis.get(_used(claim)):
        raise TokenError("This token was used.")
    return claim


def use_up(claim: TwoFactorClaim) -> bool:
    """Whether it was this call that used it: of two at once, only one did."""
    return redis.add(_used(claim), 1, timeout=TWO_FACTOR_LIFETIME.total_seconds())


def session_of_access_token(raw: str, token: AccessToken | None = None) -> tuple[AuthSession, datetime]:
    """The standing session, with its active person, of a valid access token; and when the token ends.

    TokenError otherwise. One query. `token`: what `read_access_token` made of it, if that has been done.
    """
    token = token or read_access_token(raw)
    found = _standing_session().run(session=uuid.UUID(_session_id(token)), now=timezone.now())
    if not found:
        raise TokenError("This session has ended.")
    session = AuthSession.from_db(None, SESSION_COLUMNS, [found[0][name] for name in SESSION_COLUMNS])
    session.user = User.from_db(None, USER_COLUMNS, [found[0][f"user__{name}"] for name in USER_COLUMNS])
    return session, datetime.fromtimestamp(token["exp"], tz=UTC)


@cache
def _standing_session() -> Statement:
    """Asked at every signed-in request of the API."""
    rows = AuthSession.objects.standing(SOME_TIME).filter(pk=SOME_SESSION, user__is_active=True).order_by()
    names = [*SESSION_COLUMNS, *(f"user__{name}" for name in USER_COLUMNS)]
    return Statement(rows, names, session=SOME_SESSION, now=SOME_TIME)


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


def _used(claim: TwoFactorClaim) -> str:
    return f"two-factor-used:{claim.jti}"
