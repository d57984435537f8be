"""Which tokens open the API, and which do not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError

from accounts import tokens
from accounts.models import User
from accounts.services.sessions import open_api_session
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

OLD, NEW = "o" * 40, "n" * 40
Sign = Callable[..., str]


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def keys(settings: Any) -> Any:
    settings.JWT_KEYS = {"2026": NEW, "2025": OLD}
    return settings


@pytest.fixture
def sign(user: User, keys: Any) -> Sign:
    """An access token of a real session, signed as told: claims replaced, or left out when None."""
    claims = jwt.decode(open_api_session(user)["access_token"], options={"verify_signature": False})

    def signed(secret: Any = NEW, algorithm: str = "HS256", kid: Any = "2026", **changes: Any) -> str:
        given = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(given, secret, algorithm=algorithm, headers={} if kid is None else {"kid": kid})

    return signed


def test_a_token_names_the_newest_key_and_is_accepted(user: User, keys: Any) -> None:
    raw = open_api_session(user)["access_token"]
    assert jwt.get_unverified_header(raw) == {"alg": "HS256", "typ": "JWT", "kid": "2026"}
    assert tokens.user_of_access_token(raw)[0] == user


def test_a_rightly_signed_copy_is_accepted_under_either_key(user: User, sign: Sign) -> None:
    for secret, kid in ((NEW, "2026"), (OLD, "2025")):
        assert tokens.user_of_access_token(sign(secret, kid=kid))[0] == user


def test_tokens_of_a_key_outlive_its_replacement_and_end_with_its_removal(user: User, settings: Any) -> None:
    settings.JWT_KEYS = {"2025": OLD}
    raw = open_api_session(user)["access_token"]
    settings.JWT_KEYS = {"2026": NEW, "2025": OLD}
    assert tokens.user_of_access_token(raw)[0] == user
    settings.JWT_KEYS = {"2026": NEW}
    with pytest.raises(TokenError):
        tokens.user_of_access_token(raw)


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "elsewhere"},
        {"aud": None},
        {"iss": "elsewhere"},
        {"iss": None},
        {"token_type": "refresh"},
        {"token_type": "two_factor"},
        {"token_type": None},
        {"jti": None},
        {"exp": None},
        {"exp": 1},
        {"iat": None},
        {"sid": None},
        {"sid": "nonsense"},
        {"sid": "00000000-0000-4000-8000-000000000000"},
        {"kid": None},
        {"kid": "1999"},
        {"kid": "2025"},
        {"secret": OLD},
        {"secret": "guess" * 10},
        {"algorithm": "HS384", "secret": NEW * 2},
        {"algorithm": "HS512", "secret": NEW * 2},
        {"algorithm": "none", "secret": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_quite_right_is_refused(sign: Sign, wrong: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        tokens.user_of_access_token(sign(**wrong))


def test_a_token_signed_with_a_key_pair_is_refused_whatever_key_it_names(sign: Sign, keys: Any) -> None:
    pair = rsa.generate_private_key(65537, 2048)
    with pytest.raises(TokenError):
        tokens.user_of_access_token(sign(pair, "RS256"))
    keys.JWT_KEYS = {
        "2026": pair.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    }
    with pytest.raises(TokenError):
        tokens.user_of_access_token(sign(pair, "RS256"))


def test_an_access_token_ends_after_thirty_minutes_and_a_refresh_token_after_seven_days(user: User) -> None:
    pair = open_api_session(user)
    with time_machine.travel(timezone.now() + timedelta(minutes=29)):
        assert tokens.user_of_access_token(pair["access_token"])[0] == user
    with time_machine.travel(timezone.now() + timedelta(minutes=31)), pytest.raises(TokenError):
        tokens.user_of_access_token(pair["access_token"])
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        assert tokens.read_refresh_token(pair["refresh_token"])
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)), pytest.raises(TokenError):
        tokens.read_refresh_token(pair["refresh_token"])


def test_a_two_factor_token_is_of_use_once_within_five_minutes_and_for_nothing_else(user: User) -> None:
    raw = tokens.issue_two_factor(user)
    for read in (tokens.user_of_access_token, tokens.read_refresh_token):
        with pytest.raises(TokenError):
            read(raw)
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)), pytest.raises(TokenError):
        tokens.read_two_factor(raw)
    claim = tokens.read_two_factor(raw)
    assert claim.user_id == user.pk
    assert [tokens.use_up(claim), tokens.use_up(claim)] == [True, False]
    with pytest.raises(TokenError):
        tokens.read_two_factor(raw)
