"""Getting in and staying in: fixation, guessing, telling who has an account, and what ends a sign-in."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.test import Client, override_settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.rules import SIGN_IN_TRIES
from accounts.tests.factories import PASSWORD, UserFactory
from tests.security.checks import Check, fails_without_protection, replaced, table, with_settings

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "a-different-long-phrase"


def tokens_of(person: User) -> dict[str, str]:
    answer: dict[str, str] = APIClient().post("/api/auth/login", {"email": person.email, "password": PASSWORD}).json()
    return answer


def api_with(access_token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token}")
    return client


def browser_of(person: User) -> Client:
    browser = Client()
    browser.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/settings/account/").status_code == 200


# --- The checks ---------------------------------------------------------------------------------


def a_session_from_before_is_not_kept() -> None:
    """Nobody can lay a session in somebody's browser and find it signed in later."""
    browser = Client()
    browser.get("/")
    planted = browser.session
    planted["planted"] = True
    planted.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    browser.post("/sign-in/", {"email": UserFactory.create().email, "password": PASSWORD})
    assert is_in(browser)
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != planted.session_key
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    assert not is_in(thief)


def guessing_is_stopped_for_the_person_and_for_the_guesser() -> None:
    cache.clear()
    with override_settings(RATE_LIMIT_FACTOR=_as_in_production()):
        person = UserFactory.create()
        for number in range(SIGN_IN_TRIES):
            attempt = _try(person.email, f"guess-{number}", address=f"10.0.0.{number}")
            assert attempt.status_code == 401
        refused = _try(person.email, PASSWORD, address="10.0.1.1")
        assert refused.status_code == 429, "many addresses, one person"
        assert int(refused["Retry-After"]) > 0
        cache.clear()
        for number in range(SIGN_IN_TRIES):
            _try(f"nobody{number}@example.com", "guess", address="10.0.0.9")
        assert _try(person.email, PASSWORD, address="10.0.0.9").status_code == 429, "one address, many people"


def _as_in_production() -> int:
    return 1


def _try(email: str, password: str, *, address: str) -> Any:
    return APIClient(REMOTE_ADDR=address).post("/api/auth/login", {"email": email, "password": password})


def nobody_learns_who_has_an_account() -> None:
    known, closed = UserFactory.create(), UserFactory.create(is_active=False)
    asked = (known.email, closed.email, "nobody@example.com")
    assert len({_answer("/api/auth/login", email, password="wrong-guess") for email in asked}) == 1
    for path in ("/api/auth/forgot-password", "/api/auth/resend-verification"):
        assert len({_answer(path, email) for email in asked}) == 1, path


def _answer(path: str, email: str, **more: str) -> tuple[int, str, int]:
    """Status, body, and how many passwords were hashed: that is what takes the time."""
    with counted_hashes() as hashes:
        response = APIClient().post(path, {"email": email, **more})
    return response.status_code, response.content.decode(), len(hashes)


@contextmanager
def counted_hashes() -> Iterator[list[int]]:
    hashes: list[int] = []
    hasher = "django.contrib.auth.hashers.MD5PasswordHasher.encode"
    from django.contrib.auth.hashers import MD5PasswordHasher

    encode = MD5PasswordHasher.encode

    def counting(self: Any, *args: Any, **kwargs: Any) -> str:
        hashes.append(1)
        return encode(self, *args, **kwargs)

    with mock.patch(hasher, counting):
        yield hashes


def tokens_end_with_the_password() -> None:
    person = UserFactory.create()
    first, second = tokens_of(person), tokens_of(person)
    changed = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert api_with(second["access_token"]).post("/api/auth/change-password", changed).status_code == 200
    assert api_with(first["access_token"]).get("/api/auth/me").status_code == 401
    assert APIClient().post("/api/auth/refresh", {"refresh_token": first["refresh_token"]}).status_code == 401
    assert api_with(second["access_token"]).get("/api/auth/me").status_code == 200, "the one it was done from stays"


def browsers_are_signed_out_with_the_password() -> None:
    person = UserFactory.create()
    browser, tokens = browser_of(person), tokens_of(person)
    assert is_in(browser)
    changed = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    api_with(tokens["access_token"]).post("/api/auth/change-password", changed)
    assert not is_in(browser)


def a_stolen_refresh_token_ends_the_session() -> None:
    pair = tokens_of(UserFactory.create())
    newer = APIClient().post("/api/auth/refresh", {"refresh_token": pair["refresh_token"]}).json()
    newest = APIClient().post("/api/auth/refresh", {"refresh_token": newer["refresh_token"]}).json()
    assert APIClient().post("/api/auth/refresh", {"refresh_token": pair["refresh_token"]}).status_code == 401
    assert api_with(newest["access_token"]).get("/api/auth/me").status_code == 401


@contextmanager
def passwords_that_end_nothing() -> Iterator[None]:
    """Neither by our sessions nor by what Django keeps of the password in its own."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch("accounts.services.passwords.end_all_sessions"))
        stack.enter_context(mock.patch.object(AbstractBaseUser, "get_session_auth_hash", return_value="the same"))
        yield


def naive_authenticate(self: Any, request: Any, username: str, password: str) -> User | None:
    """Looks for the person first, and hashes nothing when there is none."""
    person = User.objects.filter(email=username).first()
    return person if person and person.check_password(password) else None


CHECKS = [
    Check(
        "a session from before is not kept",
        a_session_from_before_is_not_kept,
        replaced("django.contrib.sessions.backends.cached_db.SessionStore.cycle_key", lambda self: None),
    ),
    Check(
        "guessing is stopped",
        guessing_is_stopped_for_the_person_and_for_the_guesser,
        replaced(f"{__name__}._as_in_production", lambda: 1000),
    ),
    Check(
        "nobody learns who has an account",
        nobody_learns_who_has_an_account,
        replaced("accounts.services.signing_in.AllowAllUsersModelBackend.authenticate", naive_authenticate),
    ),
    Check(
        "tokens end with the password",
        tokens_end_with_the_password,
        replaced("accounts.services.passwords.end_all_sessions", mock.Mock()),
    ),
    Check("browsers are signed out with the password", browsers_are_signed_out_with_the_password, passwords_that_end_nothing),
    Check(
        "a stolen refresh token ends the session",
        a_stolen_refresh_token_ends_the_session,
        replaced("accounts.services.sessions._revoke", mock.Mock()),
    ),
]  # fmt: skip


@table(CHECKS)
def test_it_holds(check: Check) -> None:
    check.holds()


@table(CHECKS)
def test_without_its_protection_the_check_fails(check: Check) -> None:
    fails_without_protection(check)


def test_passwords_are_kept_as_argon2() -> None:
    from marketplace.settings import base

    assert base.PASSWORD_HASHERS[0].endswith(".Argon2PasswordHasher")
    with with_settings(PASSWORD_HASHERS=base.PASSWORD_HASHERS)():
        person = User(email="a@example.com")
        person.set_password(PASSWORD)
    assert person.password.startswith("argon2$argon2id$")
