"""Pages of how a person signs in."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import AuthSession, Passkey, User
from accounts.tests.authenticators import SoftKey, app_code
from accounts.tests.factories import PASSWORD, AuthSessionFactory, UserFactory

pytestmark = pytest.mark.django_db

PagesAs = Callable[[User], Client]
CODE = re.compile(r">([a-z2-9]{5}-[a-z2-9]{5})<")


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def codes(user: User) -> list[str]:
    """Backup codes of a second factor that is on."""
    session = AuthSessionFactory.create(user=user)
    codes = services.begin_second_factor(user, session).backup_codes
    services.confirm_second_factor(user, session, code=app_code(user))
    return codes


@pytest.fixture
def key(user: User) -> SoftKey:
    session, key = AuthSessionFactory.create(user=user), SoftKey()
    services.add_passkey(user, name="Desk key", credential=key.create(services.begin_passkey(user, session)))
    return key


def answer_of(key: SoftKey) -> str:
    return json.dumps(key.get(services.ask_for_passkey()))


def give_password(client: Client, user: User, **fields: str) -> Any:
    return client.post("/sign-in/", {"email": user.email, "password": PASSWORD, **fields})


def make_stale() -> None:
    AuthSession.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_second_step_of_signing_in(client: Client, user: User, codes: list[str]) -> None:
    assert client.get("/second-factor/")["Location"] == "/sign-in/"
    step = give_password(client, user, next="/wallet/", remember="on")["Location"]
    assert step == "/second-factor/?next=%2Fwallet%2F"
    assert not is_signed_in(client)
    assert client.get("/wallet/").status_code == 302
    wrong = client.post(step, {"code": "000000", "next": "/wallet/"})
    assert list(wrong.context["form"].errors) == ["code"]
    assert client.post(step, {"code": codes[0], "next": "/wallet/"})["Location"] == "/wallet/"
    assert is_signed_in(client)
    assert client.session.get_expiry_age() == 7 * 24 * 60 * 60
    assert AuthSession.objects.get(session_key=client.session.session_key).second_factor == "backup_code"


def test_a_second_step_that_comes_too_late_begins_again(client: Client, user: User, codes: list[str]) -> None:
    give_password(client, user)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        answer = client.post("/second-factor/", {"code": codes[0]}, follow=True)
    assert answer.redirect_chain == [("/sign-in/", 302)]
    assert "Sign in again" in answer.content.decode()
    assert not is_signed_in(client)


def test_a_passkey_signs_in_at_either_step(client: Client, user: User, codes: list[str], key: SoftKey) -> None:
    assert (
        client.post("/sign-in/passkey/", {"credential": answer_of(key), "next": "/wallet/"})["Location"] == "/wallet/"
    )
    assert is_signed_in(client)
    other = Client()
    give_password(other, user)
    other.post("/sign-in/passkey/", {"credential": answer_of(key)})
    assert AuthSession.objects.get(session_key=other.session.session_key).second_factor == "passkey"


@pytest.mark.parametrize("credential", ["", "x", "[]", "{}", '{"response": {}}'])
def test_a_passkey_that_is_none_is_refused_in_words(client: Client, credential: str) -> None:
    answer = client.post("/sign-in/passkey/", {"credential": credential}, follow=True)
    assert answer.redirect_chain == [("/sign-in/", 302)]
    assert "not accepted" in answer.content.decode()


def test_setting_up_shows_the_secret_until_the_first_code_is_right(pages_as: PagesAs, user: User) -> None:
    client = pages_as(user)
    page = client.get("/settings/security/second-factor/")
    assert 'src="data:image/png;base64,' in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    wrong = client.post("/settings/security/second-factor/", {"code": "000000"})
    assert wrong.context["setup"].secret == page.context["setup"].secret
    done = client.post("/settings/security/second-factor/", {"code": app_code(user)})
    assert len(set(CODE.findall(done.content.decode()))) == 8
    overview = client.get("/settings/security/").content.decode()
    assert "8 backup codes left" in overview
    assert not CODE.search(overview)
    assert client.get("/settings/security/second-factor/")["Location"] == "/settings/security/"
    assert give_password(Client(), user)["Location"] == "/second-factor/"


@pytest.mark.parametrize("path", ["backup-codes", "second-factor/off"])
def test_a_change_signs_out_other_devices_when_asked(
    pages_as: PagesAs, user: User, codes: list[str], path: str
) -> None:
    client, other = pages_as(user), AuthSessionFactory.create(user=user)
    client.post(f"/settings/security/{path}/", {"end_others": "on"})
    other.refresh_from_db()
    assert other.revoked_reason == "second_factor_changed"
    assert client.get("/settings/security/").status_code == 200


def test_turning_it_off_and_making_new_codes(pages_as: PagesAs, user: User, codes: list[str]) -> None:
    client = pages_as(user)
    renewed = CODE.findall(client.post("/settings/security/backup-codes/").content.decode())
    assert len(renewed) == 8
    assert not set(renewed) & set(codes)
    assert client.post("/settings/security/second-factor/off/")["Location"] == "/settings/security/"
    assert give_password(Client(), user)["Location"] == "/dashboard/"


@pytest.mark.parametrize(
    ("method", "path", "back"),
    [
        ("get", "/settings/security/second-factor/", "/settings/security/second-factor/"),
        ("get", "/settings/security/passkeys/", "/settings/security/passkeys/"),
        ("post", "/settings/security/second-factor/off/", "/settings/security/"),
        ("post", "/settings/security/backup-codes/", "/settings/security/"),
    ],
)
def test_changes_ask_who_one_is_and_lead_back(
    pages_as: PagesAs, user: User, codes: list[str], method: str, path: str, back: str
) -> None:
    client = pages_as(user)
    make_stale()
    asked = getattr(client, method)(path)["Location"]
    assert asked == f"/confirm/?next={back.replace('/', '%2F')}"
    assert client.get(asked).status_code == 200
    wrong = client.post(asked, {"password": "wrong", "next": back})
    assert list(wrong.context["form"].errors) == ["password"]
    assert list(client.post(asked, {"next": back}).context["form"].errors) == ["password"]
    assert client.post(asked, {"password": PASSWORD, "next": back})["Location"] == back
    services.require_confirmed(user, AuthSession.objects.get(session_key=client.session.session_key))


def test_a_code_or_a_passkey_proves_it_too(pages_as: PagesAs, user: User, codes: list[str], key: SoftKey) -> None:
    for proof in ({"code": codes[0]}, {"credential": answer_of(key)}):
        client = pages_as(user)
        make_stale()
        assert client.post("/confirm/", {**proof, "next": "/settings/security/"})["Location"] == "/settings/security/"
        services.require_confirmed(user, AuthSession.objects.get(session_key=client.session.session_key))
    refused = pages_as(user).post("/confirm/", {"credential": "[]"})
    assert refused.context["form"].non_field_errors()


def test_passkeys_are_added_named_and_removed(pages_as: PagesAs, user: User) -> None:
    client, key = pages_as(user), SoftKey()
    question = client.post("/api/auth/passkeys/options").json()["public_key"]
    added = client.post(
        "/settings/security/passkeys/", {"name": "Phone", "credential": json.dumps(key.create(question))}
    )
    assert added["Location"] == "/settings/security/"
    path = f"/settings/security/passkeys/{Passkey.objects.get().pk}/"
    client.post(path, {"name": "Old phone"})
    assert "Old phone" in client.get("/settings/security/").content.decode()
    client.post(path, {"name": ""})
    assert Passkey.objects.get().name == "Old phone"
    assert pages_as(UserFactory.create()).post(path, {"remove": "yes"}).status_code == 404
    make_stale()
    assert client.post(path, {"remove": "yes"})["Location"].startswith("/confirm/")
    client.post("/confirm/", {"password": PASSWORD})
    client.post(path, {"remove": "yes"})
    assert not Passkey.objects.exists()


def test_signing_out_everywhere_ends_this_browser_too(
    pages_as: PagesAs, user: User, django_capture_on_commit_callbacks: Any
) -> None:
    here, there = pages_as(user), pages_as(user)
    with django_capture_on_commit_callbacks(execute=True):
        assert here.post("/settings/sessions/", {"everywhere": "yes"})["Location"] == "/sign-in/"
    assert [client.get("/settings/security/").status_code for client in (here, there)] == [302, 302]


def test_staff_without_a_second_factor_is_led_to_set_one_up(pages_as: PagesAs) -> None:
    staff = UserFactory.create(staff=True)
    client = pages_as(staff)
    door = client.get("/admin/", follow=True)
    assert door.redirect_chain[-1][0] == "/second-factor/?next=/admin/"
    assert "/settings/security/second-factor/" in door.content.decode()
    client.get("/settings/security/second-factor/")
    client.post("/settings/security/second-factor/", {"code": app_code(staff)})
    assert client.get("/admin/").status_code == 200

    later = pages_as(staff)
    asked = later.get("/admin/", follow=True).redirect_chain[-1][0]
    code = app_code(staff, later=1)
    assert later.post(asked, {"code": code, "next": "/admin/"})["Location"] == "/admin/"
    assert later.get("/admin/").status_code == 200
    assert later.get("/second-factor/?next=/admin/")["Location"] == "/admin/"


def test_the_last_use_follows_a_browser_every_five_minutes(pages_as: PagesAs, user: User) -> None:
    client, start = pages_as(user), timezone.now() + timedelta(minutes=6)
    with time_machine.travel(start, tick=False):
        client.get("/settings/security/", REMOTE_ADDR="81.240.0.1")
    session = AuthSession.objects.get()
    assert session.ip_address == "81.240.0.1"
    with time_machine.travel(start + timedelta(minutes=4), tick=False):
        client.get("/settings/security/", REMOTE_ADDR="8.8.8.8")
    session.refresh_from_db()
    assert session.ip_address == "81.240.0.1"
    with time_machine.travel(start + timedelta(minutes=6), tick=False):
        page = client.get("/settings/security/", REMOTE_ADDR="8.8.8.8").content.decode()
    session.refresh_from_db()
    assert session.ip_address == "8.8.8.8"
    assert session.last_used_at > start + timedelta(minutes=5)
    assert "United States" in page
