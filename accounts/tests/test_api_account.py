"""The account's own life over the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services
from accounts.models import AuthSession, User
from accounts.signing import sign_address_change
from accounts.tests.factories import PASSWORD, UserFactory, staff_of

pytestmark = pytest.mark.django_db
LOGIN = "/api/auth/login"


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def mine(user: User) -> APIClient:
    """Signed in by a token, as programs are."""
    client = APIClient()
    tokens = client.post(LOGIN, {"email": user.email, "password": PASSWORD}).json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    return client


def suspend(user: User) -> None:
    services.suspend(staff_of("moderator"), user_id=user.pk, rule="fraud", evidence="payments", reason="A stolen card.")


def test_a_closed_account_is_told_from_a_wrong_password(user: User, mine: APIClient, api: APIClient) -> None:
    assert mine.post("/api/account/deactivate").status_code == 204
    assert mine.get("/api/auth/me").status_code == 401
    right = {"email": user.email, "password": PASSWORD}
    answer = api.post(LOGIN, right)
    assert (answer.status_code, answer.json()["error_type"]) == (403, "account_deactivated")
    assert "reactivate" in answer.json()["detail"]
    assert api.post(LOGIN, right | {"password": "wrong", "reactivate": True}).status_code == 401
    assert api.post(LOGIN, right | {"reactivate": True}).status_code == 200


@pytest.mark.parametrize("path", ["deactivate", "erase", "exports"])
def test_an_old_sign_in_has_to_be_proven_anew(user: User, mine: APIClient, path: str) -> None:
    AuthSession.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))
    answer = mine.post(f"/api/account/{path}", {"email": user.email})
    assert (answer.status_code, answer.json()["error_type"]) == (403, "reauthentication_required")


def test_deleting_takes_the_typed_address(user: User, mine: APIClient) -> None:
    answer = mine.post("/api/account/erase", {"email": "somebody@example.com"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["typed_email"])
    assert mine.post("/api/account/erase", {"email": user.email}).status_code == 204
    assert mine.get("/api/auth/me").status_code == 401


def test_standing_says_rule_evidence_reason_and_until_when(user: User, api_as: Callable[[Any], APIClient]) -> None:
    assert api_as(user).get("/api/account/standing").json()["suspension"] is None
    suspend(user)
    answer = api_as(User.objects.get(pk=user.pk)).get("/api/account/standing").json()
    assert answer["suspended"] is True
    told = answer["suspension"]
    assert (told["rule"], told["evidence"], told["reason"]) == ("fraud", "payments", "A stolen card.")
    assert told["appeal_until"] > told["imposed_at"]


def test_an_appeal_is_taken_once(user: User, api_as: Callable[[Any], APIClient]) -> None:
    suspend(user)
    client = api_as(User.objects.get(pk=user.pk))
    assert client.post("/api/account/appeal", {"text": "My card"}, HTTP_IDEMPOTENCY_KEY="one").status_code == 201
    assert client.post("/api/account/appeal", {"text": "My card"}, HTTP_IDEMPOTENCY_KEY="one").status_code == 201
    again = client.post("/api/account/appeal", {"text": "Please"})
    assert (again.status_code, again.json()["error_type"]) == (409, "already_appealed")


def test_exports_of_others_are_not_listed(user: User, mine: APIClient) -> None:
    other = UserFactory.create()
    other.exports.create()
    assert mine.post("/api/account/exports").status_code == 201
    assert mine.post("/api/account/exports").json()["error_type"] == "export_in_the_making"
    listed = mine.get("/api/account/exports").json()
    assert [row["ready"] for row in listed["results"]] == [False]


def test_both_mailboxes_agree_to_another_address(user: User, mine: APIClient, api: APIClient) -> None:
    asked = {"new_email": "new@example.com", "password": PASSWORD}
    assert mine.post("/api/auth/change-email", asked).status_code == 200
    change = user.email_changes.get()
    for side in ("old", "new"):
        token = sign_address_change(change.pk, side)
        assert api.post("/api/auth/confirm-email-change", {"token": token}).status_code == 200
    assert mine.get("/api/auth/me").json()["email"] == "new@example.com"
    assert api.post("/api/auth/confirm-email-change", {"token": "forged"}).status_code == 400
