"""Tokens that look right and are not: another key, algorithm, audience, kind or time."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from accounts import tokens
from accounts.models import AuthSession
from accounts.tests.factories import AuthSessionFactory
from tests.security.checks import Check, fails_without_protection, table

pytestmark = pytest.mark.django_db

Json = dict[str, Any]


class Genuine:
    """A pair of tokens of a standing session, in parts."""

    def __init__(self) -> None:
        self.session: AuthSession = AuthSessionFactory.create()
        pair = tokens.issue(self.session)
        self.session.save()
        self.access, self.refresh = pair["access_token"], pair["refresh_token"]
        self.header: Json = jwt.get_unverified_header(self.access)
        self.claims: Json = jwt.decode(self.access, options={"verify_signature": False})

    def signed(self, claims: Json | None = None, **header: Any) -> str:
        """With our own key, whatever it says."""
        head = self.header | header
        return jwt.encode(
            self.claims | (claims or {}), our_key(), algorithm=head.pop("alg"), headers={**head, "typ": "JWT"}
        )

    def without(self, *names: str) -> str:
        claims = {name: value for name, value in self.claims.items() if name not in names}
        return jwt.encode(claims, our_key(), algorithm=self.header["alg"], headers=self.header)


def our_key() -> str:
    """The one that signs new tokens, which the header of a genuine token names."""
    return str(next(iter(settings.JWT_KEYS.values())))


def _part(data: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def unsigned(genuine: Genuine, name: str) -> str:
    return f"{_part(genuine.header | {'alg': name})}.{_part(genuine.claims)}."


def signed_with_a_public_key(genuine: Genuine) -> str:
    """RS256 in the header, and as HMAC key something that anybody may know."""
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    known = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return signed_by_hand(genuine.header | {"alg": "RS256"}, genuine.claims, known)


def signed_by_hand(header: Json, claims: Json, key: bytes) -> str:
    """By HMAC with keys that the library refuses to use."""
    text = f"{_part(header)}.{_part(claims)}"
    mac = hmac.digest(key, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def changed_after_signing(genuine: Genuine) -> str:
    head, _, signature = genuine.access.split(".")
    return f"{head}.{_part(genuine.claims | {'sid': str(AuthSessionFactory.create().pk)})}.{signature}"


FORGED: dict[str, Callable[[Genuine], str]] = {
    "no signature": lambda it: unsigned(it, "none"),
    "no signature, in capitals": lambda it: unsigned(it, "NONE"),
    "a stripped signature": lambda it: it.access.rsplit(".", 1)[0] + ".",
    "another key": lambda it: jwt.encode(it.claims, "x" * 64, algorithm="HS256", headers=it.header),
    "a key that we do not have": lambda it: it.signed(kid="another"),
    "no name of a key": lambda it: jwt.encode(it.claims, our_key(), algorithm=it.header["alg"]),
    "an empty key": lambda it: signed_by_hand(it.header, it.claims, b""),
    "a public key as the secret": signed_with_a_public_key,
    "claims changed after signing": changed_after_signing,
    "another audience": lambda it: it.signed({"aud": "somebody-else"}),
    "no audience": lambda it: it.without("aud"),
    "another issuer": lambda it: it.signed({"iss": "somebody-else"}),
    "no issuer": lambda it: it.without("iss"),
    "the time is over": lambda it: it.signed({"exp": int(time.time()) - 1}),
    "no end": lambda it: it.without("exp"),
}
MISTAKEN: dict[str, Callable[[Genuine], str]] = {
    "a refresh token": lambda it: it.refresh,
    "another kind": lambda it: it.signed({"token_type": "two_factor"}),
    "no kind": lambda it: it.without("token_type"),
}
SENSELESS = ("", ".", "..", "a.b.c", "null", "x" * 5000, "\x00", "ключ.ключ.ключ")


def is_refused(read: Callable[[str], Any], raw: str) -> bool:
    try:
        read(raw)
    except TokenError:
        return True
    return False


@contextmanager
def nothing_is_verified() -> Iterator[None]:
    """Tokens are believed: neither signature nor audience, issuer or time is looked at."""

    def believe(self: Any, token: Any, verify: bool = True) -> Any:
        return {"exp": int(time.time()) + 60, **_claims_of(token)}

    with ExitStack() as stack:
        stack.enter_context(mock.patch("accounts.tokens.KeyRing.decode", believe))
        stack.enter_context(mock.patch.object(Token, "check_exp"))
        yield


def _claims_of(token: Any) -> Json:
    raw = token.decode() if isinstance(token, bytes) else token
    body = raw.split(".")[1]
    claims: Json = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


@contextmanager
def kinds_do_not_matter() -> Iterator[None]:
    """A token need not say what kind it is, and nobody looks."""
    with mock.patch("accounts.tokens.REQUIRED", ["exp"]), mock.patch.object(Token, "verify_token_type"):
        yield


def refuses(forge: Callable[[Genuine], str]) -> Callable[[], None]:
    def holds() -> None:
        genuine = Genuine()
        assert tokens.session_of_access_token(genuine.access)[0] == genuine.session
        assert is_refused(tokens.session_of_access_token, forge(genuine))

    return holds


def refresh_refuses_an_access_token() -> None:
    genuine = Genuine()
    assert tokens.read_refresh_token(genuine.refresh).session_id == str(genuine.session.pk)
    assert is_refused(tokens.read_refresh_token, genuine.access)


CHECKS = [
    *(Check(f"refused: {what}", refuses(forge), nothing_is_verified) for what, forge in FORGED.items()),
    *(Check(f"refused: {what}", refuses(forge), kinds_do_not_matter) for what, forge in MISTAKEN.items()),
    Check("refused as refresh token: an access token", refresh_refuses_an_access_token, kinds_do_not_matter),
]


@table(CHECKS)
def test_it_holds(check: Check) -> None:
    check.holds()


@table(CHECKS)
def test_without_its_protection_the_check_fails(check: Check) -> None:
    fails_without_protection(check)


@pytest.mark.parametrize("raw", SENSELESS)
def test_nonsense_is_refused_like_a_forgery(raw: str) -> None:
    assert is_refused(tokens.session_of_access_token, raw)
    assert is_refused(tokens.read_refresh_token, raw)


def test_a_token_of_no_session_is_refused() -> None:
    genuine = Genuine()
    for claims in ({"sid": "nonsense"}, {"sid": str(genuine.session.user_id)}, {"sid": None}):
        assert is_refused(tokens.session_of_access_token, genuine.signed(claims))
    genuine.session.user.is_active = False
    genuine.session.user.save()
    assert is_refused(tokens.session_of_access_token, genuine.access)
