from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from rest_framework.test import APIClient

from accounts.models import AuthSession, IdempotencyRecord, User
from accounts.services.passwords import reset_token
from accounts.signing import sign_address
from accounts.tests.factories import PASSWORD, AuthSessionFactory, UserFactory

pytestmark = pytest.mark.django_db

REGISTRATION = {
    "email": "nora@example.com",
    "password": "four words make one",
    "first_name": "Nora",
    "last_name": "Veld",
    "user_type": "client",
}
ApiAs = Callable[[User], APIClient]


def login(api: APIClient, user: User, password: str = PASSWORD) -> Any:
    return api.post("/api/auth/login", {"email": user.email, "password": password})


def bearer(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_registration_answers_as_the_contract_says(api: APIClient) -> None:
    answer = api.post("/api/auth/register", REGISTRATION)
    user = User.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": user.pk,
        "email": "nora@example.com",
        "first_name": "Nora",
        "last_name": "Veld",
        "user_type": "client",
        "email_verified": False,
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": "x" * 250 + "@example.com"}, "email"),
        ({"email": None}, "email"),
        ({"email": ["a@example.com"]}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"first_name": ""}, "first_name"),
        ({"first_name": "  "}, "first_name"),
        ({"first_name": "x" * 81}, "first_name"),
        ({"first_name": "a\0b"}, "first_name"),
        ({"first_name": {"a": 1}}, "first_name"),
        ({"user_type": "staff"}, "user_type"),
        ({"user_type": "administrator"}, "user_type"),
        ({"user_type": ""}, "user_type"),
    ],
)
def test_bad_registrations_are_refused_at_their_field(api: APIClient, changes: dict[str, Any], field: str) -> None:
    answer = api.post("/api/auth/register", REGISTRATION | changes)
    assert answer.status_code == 400
    assert answer.json()["error_type"] == "validation_error"
    assert list(answer.json()["fields"]) == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '"x"', "[" * 5000])
def test_bodies_that_are_no_objects_are_refused(api: APIClient, body: str) -> None:
    answer = api.generic("POST", "/api/auth/register", body, content_type="application/json")
    assert answer.status_code == 400


def test_nobody_becomes_staff_or_verified_by_extra_keys(api: APIClient) -> None:
    extra = {"is_staff": True, "is_superuser": True, "email_verified": True, "email_verified_at": "2026-01-01", "id": 1}
    assert api.post("/api/auth/register", REGISTRATION | extra).status_code == 201
    user = User.objects.get()
    assert not (user.is_staff or user.is_superuser or user.has_verified_email)


def test_a_taken_address_is_told_beside_the_field(api: APIClient) -> None:
    api.post("/api/auth/register", REGISTRATION)
    answer = api.post("/api/auth/register", REGISTRATION | {"email": "NORA@example.com"})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["email"]
    assert User.objects.count() == 1


def test_the_same_key_registers_once(api: APIClient) -> None:
    first = api.post("/api/auth/register", REGISTRATION, headers={"Idempotency-Key": "k1"})
    again = api.post("/api/auth/register", REGISTRATION, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = api.post("/api/auth/register", REGISTRATION | {"first_name": "X"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["error_type"]) == (409, "idempotency_conflict")
    assert REGISTRATION["password"] not in IdempotencyRecord.objects.get().body


def test_signing_in_gives_tokens_that_open_the_api(api: APIClient) -> None:
    user = UserFactory.create()
    answer = login(api, user)
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"access_token", "refresh_token", "token_type", "requires_2fa"}
    assert (body["token_type"], body["requires_2fa"]) == ("bearer", False)
    assert bearer(body["access_token"]).get("/api/auth/me").json()["email"] == user.email


def test_wrong_password_unknown_address_and_closed_account_get_the_same_answer(api: APIClient) -> None:
    known, closed = UserFactory.create(), UserFactory.create(is_active=False)
    answers = [
        login(api, known, "wrong"),
        api.post("/api/auth/login", {"email": "nobody@example.com", "password": "wrong"}),
        login(api, closed),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["error_type"] == "invalid_credentials"


@pytest.mark.usefixtures("limits")
def test_the_eleventh_try_is_told_to_wait(api: APIClient) -> None:
    user = UserFactory.create()
    assert [login(api, user, "wrong").status_code for _ in range(10)] == [401] * 10
    answer = login(api, user)
    assert answer.status_code == 429
    assert answer.json()["error_type"] == "throttled"
    assert 0 < int(answer["Retry-After"]) <= 300


@pytest.mark.usefixtures("limits")
def test_one_address_cannot_try_many_people(api: APIClient) -> None:
    for number in range(10):
        api.post("/api/auth/login", {"email": f"person{number}@example.org", "password": "wrong"})
    assert login(api, UserFactory.create()).status_code == 429


def test_refreshing_and_signing_out(api: APIClient) -> None:
    pair = login(api, UserFactory.create()).json()
    answer = api.post("/api/auth/refresh", {"refresh_token": pair["refresh_token"]})
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "refresh_token", "token_type"}
    client = bearer(answer.json()["access_token"])
    assert client.post("/api/auth/logout").status_code == 204
    refused = client.get("/api/auth/me")
    assert (refused.status_code, refused.json()["error_type"]) == (401, "token_not_valid")
    assert api.post("/api/auth/refresh", {"refresh_token": answer.json()["refresh_token"]}).status_code == 401


def test_signing_out_by_the_refresh_token_alone(api: APIClient) -> None:
    pair = login(api, UserFactory.create()).json()
    assert api.post("/api/auth/logout", {"refresh_token": pair["refresh_token"]}).status_code == 204
    assert api.post("/api/auth/logout", {"refresh_token": "rubbish"}).status_code == 204
    assert bearer(pair["access_token"]).get("/api/auth/me").status_code == 401
    assert api.post("/api/auth/logout").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoiMSJ9."])
def test_rubbish_and_unsigned_tokens_are_401(token: str) -> None:
    answer = bearer(token).get("/api/auth/me")
    assert answer.status_code == 401
    assert "Bearer" in answer["WWW-Authenticate"]


def test_a_refresh_token_does_not_open_the_api(api: APIClient) -> None:
    pair = login(api, UserFactory.create()).json()
    assert bearer(pair["refresh_token"]).get("/api/auth/me").status_code == 401


def test_verifying_the_address(api: APIClient) -> None:
    user = UserFactory.create(unverified=True)
    answer = api.post("/api/auth/verify-email", {"token": sign_address(user, user.email)})
    assert (answer.status_code, answer.json()["email_verified"]) == (200, True)
    refused = api.post("/api/auth/verify-email", {"token": "forged"})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["token"])


@pytest.mark.parametrize("path", ["forgot-password", "resend-verification"])
def test_letters_are_promised_to_everybody_alike(api: APIClient, path: str, run_jobs: Callable[[], list[str]]) -> None:
    user = UserFactory.create(unverified=True)
    answers = [api.post(f"/api/auth/{path}", {"email": email}) for email in (user.email, "nobody@example.com")]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].content == answers[1].content
    assert len(set(run_jobs())) == 1
    assert [letter.to for letter in mail.outbox] == [[user.email]]


def test_resetting_the_password_ends_all_sessions(api: APIClient) -> None:
    user = UserFactory.create()
    token = login(api, user).json()["access_token"]
    user.refresh_from_db()
    body = {"token": reset_token(user), "new_password": "a better set of words"}
    assert api.post("/api/auth/reset-password", body).status_code == 200
    assert api.post("/api/auth/reset-password", body).status_code == 400
    assert bearer(token).get("/api/auth/me").status_code == 401
    assert login(api, user, "a better set of words").status_code == 200


def test_changing_the_password_keeps_this_session_only(api: APIClient) -> None:
    user = UserFactory.create()
    here, there = (login(api, user).json()["access_token"] for _ in range(2))
    body = {"old_password": PASSWORD, "new_password": "a better set of words"}
    assert bearer(here).post("/api/auth/change-password", body).status_code == 200
    assert bearer(here).get("/api/auth/me").status_code == 200
    assert bearer(there).get("/api/auth/me").status_code == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"old_password": "wrong one here"}, "old_password"),
        ({"new_password": "short"}, "new_password"),
        ({"new_password": "x" * 129}, "new_password"),
    ],
)
def test_bad_password_changes(api_as: ApiAs, changes: dict[str, str], field: str) -> None:
    body = {"old_password": PASSWORD, "new_password": "a better set of words"} | changes
    answer = api_as(UserFactory.create()).post("/api/auth/change-password", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_sessions_are_listed_and_ended(api: APIClient) -> None:
    user = UserFactory.create()
    here, there = (login(api, user).json()["access_token"] for _ in range(2))
    stranger = AuthSessionFactory.create()
    rows = bearer(here).get("/api/auth/sessions").json()["results"]
    assert len(rows) == 2
    assert sorted(row["current"] for row in rows) == [False, True]
    other = next(row for row in rows if not row["current"])
    assert bearer(here).delete(f"/api/auth/sessions/{other['id']}").status_code == 204
    assert bearer(there).get("/api/auth/me").status_code == 401
    assert bearer(here).delete(f"/api/auth/sessions/{stranger.pk}").status_code == 404
    assert bearer(here).delete("/api/auth/sessions/nonsense").status_code == 404
    assert AuthSession.objects.get(pk=stranger.pk).revoked_at is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/auth/me"),
        ("patch", "/api/auth/me"),
        ("get", "/api/auth/sessions"),
        ("post", "/api/auth/change-password"),
        ("put", "/api/users/location"),
        ("put", "/api/users/availability"),
        ("get", "/api/users/nearby"),
        ("get", "/api/users"),
        ("post", "/api/users"),
        ("post", "/api/uploads"),
        ("post", "/api/upload/profile"),
    ],
)
def test_what_needs_a_person(api: APIClient, method: str, path: str) -> None:
    assert getattr(api, method)(path).status_code == 401


def test_the_cookie_needs_its_csrf_token_on_the_api() -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(UserFactory.create())
    assert client.get("/api/auth/me").status_code == 200
    assert client.patch("/api/auth/me", {"first_name": "X"}).status_code == 403
