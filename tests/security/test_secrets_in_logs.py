"""What people type and what lets somebody in never reaches a log line or the audit log."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
import structlog
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts import services
from accounts.services.passwords import reset_token
from accounts.tests.factories import PASSWORD, UserFactory
from chat.tests.factories import MessageFactory, RoomFactory
from payments.tests.fakes import FakeProvider, use_provider
from tests.security.checks import Check, fails_without_protection, replaced, table

pytestmark = pytest.mark.django_db

MARK = "zzsecretzz"
SAID = f"{MARK}-a-long-phrase"


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """All that any logger says, from DEBUG up, in the form of production's lines."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(default=str),
            ]
        )
    )
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield kept
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def sign_in() -> None:
    person = UserFactory.create(email="person@example.com")
    person.set_password(SAID)
    person.save()
    pair = APIClient().post("/api/auth/login", {"email": person.email, "password": SAID}).json()
    assert pair["access_token"]
    for sent in (SAID, f"{SAID}-wrong"):
        Client().post("/sign-in/", {"email": person.email, "password": sent})
    APIClient().post("/api/auth/login", {"email": "nobody@example.com", "password": SAID})
    newcomer = {"email": "new@example.com", "password": SAID, "first_name": "A", "last_name": "", "user_type": "both"}
    APIClient().post("/api/auth/register", newcomer)


def use_of_tokens() -> None:
    pair = APIClient().post("/api/auth/login", {"email": UserFactory.create().email, "password": PASSWORD}).json()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access_token']}")
    client.get("/api/auth/me")
    for headers in ({"HTTP_AUTHORIZATION": f"Bearer {SAID}"}, {"HTTP_X_API_KEY": f"gh_{MARK}_{SAID}"}):
        APIClient(**headers).get("/api/auth/me")
    APIClient().post("/api/auth/refresh", {"refresh_token": SAID})
    Client().get("/dashboard/", headers={"cookie": f"guildhall_session={SAID}"})


def reset_of_a_password() -> None:
    person = UserFactory.create()
    token = reset_token(person)
    Client().get("/reset-password/", {"token": f"{token}{MARK}"})
    APIClient().post("/api/auth/reset-password", {"token": f"{token}{MARK}", "new_password": SAID})
    services.reset_password(token=token, new_password=SAID)


def payment() -> None:
    client = APIClient()
    client.force_authenticate(UserFactory.create())
    with use_provider(FakeProvider()):
        body = {"amount": 50_00, "currency": "usd", "payment_method": f"pm_{MARK}"}
        client.post("/api/payments", body)


def message() -> None:
    author = UserFactory.create()
    room = RoomFactory.create(members=[author, UserFactory.create()])
    MessageFactory.create(room=room, sender=author)
    client = APIClient()
    client.force_authenticate(author)
    assert client.post(f"/api/chats/{room.pk}/messages", {"content": SAID}).status_code == 201


def crash() -> None:
    """A bug, met with a password in the request and in local variables."""
    browser = Client(raise_request_exception=False)
    backend = "accounts.services.signing_in.AllowAllUsersModelBackend.authenticate"
    with mock.patch(backend, side_effect=RuntimeError("broken")):
        assert browser.post("/sign-in/", {"email": "a@example.com", "password": SAID}).status_code == 500


def nothing_is_told_by(act: Callable[[], None]) -> Callable[[], None]:
    def holds() -> None:
        with everything_logged() as kept:
            act()
        assert MARK not in kept.getvalue()
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(accounts_auditevent::text, E'\\n') FROM accounts_auditevent")
            [audited] = cursor.fetchone()
        assert MARK not in (audited or "")

    return holds


def tells_everything() -> Any:
    """A log line with the body and the headers of the request, as somebody may add while looking for a bug."""
    from core import middleware

    plain = middleware.RequestLogMiddleware.__call__

    def call(self: Any, request: Any) -> Any:
        logging.getLogger("debugging").debug("%s %s %s", request.get_full_path(), request.body, dict(request.headers))
        return plain(self, request)

    return call


ACTS = (sign_in, use_of_tokens, reset_of_a_password, payment, message, crash)
CHECKS = [
    Check(
        f"nothing is told by a {act.__name__.replace('_', ' ')}",
        nothing_is_told_by(act),
        replaced("core.middleware.RequestLogMiddleware.__call__", tells_everything()),
    )
    for act in ACTS
]


@table(CHECKS)
def test_it_holds(check: Check) -> None:
    check.holds()


@table(CHECKS)
def test_without_its_protection_the_check_fails(check: Check) -> None:
    fails_without_protection(check)


def test_everything_that_is_logged_is_seen() -> None:
    with everything_logged() as kept:
        logging.getLogger("anything").debug("plain %s", MARK)
        structlog.get_logger("request").warning("structured", value=MARK)
    assert kept.getvalue().count(MARK) == 2
