from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuthSession, User
from accounts.tests.authenticators import SoftKey, app_code
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create()


def call(client: APIClient, path: str, body: Any = None, status: int = 200) -> Any:
    answer = client.post(f"/api/auth/{path}", {} if body is None else body)
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def login(user: User) -> Any:
    return call(APIClient(), "login", {"email": user.email, "password": PASSWORD})


def bearer(tokens: Any) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    return client


def make_stale() -> None:
    AuthSession.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))


def test_the_second_factor_from_on_to_off(api: APIClient, user: User) -> None:
    me = bearer(login(user))
    assert me.get("/api/auth/2fa/status").json() == {"enabled": False, "backup_codes_left": 0, "passkeys": 0}
    setup = call(me, "2fa/enable")
    assert set(setup) == {"secret", "qr_code", "backup_codes"}
    assert call(me, "2fa/confirm", {"code": app_code(user)}) == {
        "enabled": True,
        "backup_codes_left": 8,
        "passkeys": 0,
    }

    first = login(user)
    token = first.pop("two_factor_token")
    assert first == {"requires_2fa": True, "access_token": None, "refresh_token": None, "token_type": "bearer"}
    wrong = call(api, "2fa/verify", {"two_factor_token": token, "code": "000000"}, 400)
    assert (wrong["error_type"], list(wrong["fields"])) == ("invalid_code", ["code"])
    pair = call(api, "2fa/verify", {"two_factor_token": token, "code": setup["backup_codes"][0]})
    assert set(pair) == {"access_token", "refresh_token", "token_type"}
    assert bearer(pair).get("/api/auth/me").json()["id"] == user.pk
    spent = call(api, "2fa/verify", {"two_factor_token": token, "code": setup["backup_codes"][1]}, 401)
    assert spent["error_type"] == "token_not_valid"

    assert len(call(me, "2fa/backup-codes")["backup_codes"]) == 8
    assert call(me, "2fa/disable")["enabled"] is False
    assert login(user)["requires_2fa"] is False


def test_tokens_of_one_kind_are_refused_where_another_is_wanted(api: APIClient, user: User) -> None:
    pair = login(user)
    me = bearer(pair)
    call(me, "2fa/enable")
    call(me, "2fa/confirm", {"code": app_code(user)})
    token = login(user)["two_factor_token"]
    assert bearer({"access_token": token}).get("/api/auth/me").status_code == 401
    call(api, "refresh", {"refresh_token": token}, 401)
    for other in (pair["access_token"], pair["refresh_token"]):
        call(api, "2fa/verify", {"two_factor_token": other, "code": app_code(user, later=1)}, 401)


@pytest.mark.parametrize("path", ["2fa/enable", "2fa/disable", "2fa/backup-codes", "passkeys/options"])
def test_changes_ask_for_a_fresh_proof(user: User, path: str) -> None:
    me = bearer(login(user))
    make_stale()
    assert call(me, path, status=403)["error_type"] == "reauthentication_required"
    call(me, "confirm", {"password": PASSWORD}, 204)
    assert me.post(f"/api/auth/{path}", {}).status_code in {200, 409}


def test_the_cookie_of_a_page_is_as_good_as_a_token(user: User, pages_as: Any) -> None:
    browser = pages_as(user)
    assert browser.post("/api/auth/2fa/enable").status_code == 200
    make_stale()
    assert browser.post("/api/auth/2fa/enable").json()["error_type"] == "reauthentication_required"
    browser.post("/api/auth/confirm", {"password": PASSWORD}, content_type="application/json")
    assert browser.post("/api/auth/2fa/enable").status_code == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"password": PASSWORD, "code": "123456"}, {"credential": "x"}, {"credential": {}}, {"code": "1" * 21}],
    ids=str,
)
def test_a_proof_is_one_thing_of_the_right_shape(user: User, body: dict[str, Any]) -> None:
    assert call(bearer(login(user)), "confirm", body, 400)["error_type"] == "validation_error"


def test_passkeys_are_added_named_used_and_removed(api: APIClient, user: User) -> None:
    me, key = bearer(login(user)), SoftKey()
    created = key.create(call(me, "passkeys/options")["public_key"])
    body = {"name": "Desk key", "credential": created}
    passkey = call(me, "passkeys", body, 201)
    assert [row["name"] for row in me.get("/api/auth/passkeys").json()["results"]] == ["Desk key"]
    path = f"/api/auth/passkeys/{passkey['id']}"
    assert me.patch(path, {"name": "Drawer key"}).json()["name"] == "Drawer key"
    pair = call(api, "passkey/verify", {"credential": key.get(call(api, "passkey/options")["public_key"])})
    assert bearer(pair).get("/api/auth/me").json()["id"] == user.pk
    rows = bearer(pair).get("/api/auth/sessions").json()["results"]
    assert next(row for row in rows if row["current"])["second_factor"] == "passkey"

    stranger = bearer(login(UserFactory.create()))
    assert [stranger.patch(path, {"name": "X"}).status_code, stranger.delete(path).status_code] == [404, 404]
    make_stale()
    assert me.delete(path).status_code == 403
    call(me, "confirm", {"credential": key.get(call(api, "passkey/options")["public_key"])}, 204)
    assert me.delete(path).status_code == 204
    assert me.get("/api/auth/passkeys").json()["results"] == []
    refused = call(api, "passkey/verify", {"credential": key.get(call(api, "passkey/options")["public_key"])}, 401)
    assert refused["error_type"] == "passkey_refused"


def test_the_same_key_adds_a_passkey_once(user: User) -> None:
    me = bearer(login(user))
    body = {"name": "Key", "credential": SoftKey().create(call(me, "passkeys/options")["public_key"])}
    answers = [me.post("/api/auth/passkeys", body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert user.passkeys.count() == 1


def test_signing_out_everywhere_and_everywhere_else(user: User) -> None:
    here, there = bearer(login(user)), bearer(login(user))
    assert here.delete("/api/auth/sessions?keep_current=true").status_code == 204
    assert [client.get("/api/auth/me").status_code for client in (here, there)] == [200, 401]
    assert here.delete("/api/auth/sessions").status_code == 204
    assert here.get("/api/auth/me").status_code == 401


def test_a_session_says_where_it_was_used_last(user: User) -> None:
    login(user)
    pair = call(
        APIClient(REMOTE_ADDR="81.240.0.1", HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) Firefox/140.0"),
        "refresh",
        {"refresh_token": login(user)["refresh_token"]},
    )
    rows = bearer(pair).get("/api/auth/sessions").json()["results"]
    moved = next(row for row in rows if row["current"])
    assert (moved["ip_address"], moved["country"], moved["device"]) == ("81.240.0.1", "BE", "Firefox on Linux")
    assert {row["country"] for row in rows if not row["current"]} == {""}
