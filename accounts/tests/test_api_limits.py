"""The limits of the API as a whole."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import AuthSession
from accounts.tests.factories import AuthSessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("limits")]


@pytest.fixture(autouse=True)
def few(settings: Any) -> None:
    settings.API_LIMITS = {
        "person": {"read": 3, "search": 2, "write": 1},
        "key": {"read": 2, "search": 1, "write": 1},
        "stranger": {"read": 2, "search": 1, "write": 1},
        "address": {"read": 5, "search": 5, "write": 5},
    }


def signed_in(session: AuthSession | None = None) -> APIClient:
    session = session or AuthSessionFactory.create()
    pair = tokens.issue(session)
    session.save()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access_token']}")
    return client


def test_every_answer_says_what_is_left(api: APIClient) -> None:
    answers = [api.get("/api/skills") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [(answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) for answer in answers] == [
        ("2", "1"), ("2", "0"), ("2", "0"),
    ]  # fmt: skip
    assert 0 < int(answers[0]["RateLimit-Reset"]) <= 30
    assert answers[2].json()["error_type"] == "throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= 30


def test_writing_and_searching_have_limits_of_their_own(api: APIClient) -> None:
    assert [api.get("/api/skills", {"search": "fig"}).status_code for _ in range(2)] == [200, 429]
    assert [api.post("/api/auth/login", {}).status_code for _ in range(2)] == [400, 429]
    assert api.get("/api/skills").status_code == 200


def test_a_refused_sign_in_counts(api: APIClient) -> None:
    assert [api.get("/api/wallet", headers={"Authorization": "Bearer x"}).status_code for _ in range(3)] == [
        401,
        401,
        429,
    ]


def test_addresses_are_counted_apart(api: APIClient) -> None:
    for _ in range(3):
        api.get("/api/skills")
    assert api.get("/api/skills", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_a_person_has_one_budget_over_all_sign_ins_and_the_address_another() -> None:
    first = AuthSessionFactory.create()
    one, two = signed_in(first), signed_in(AuthSessionFactory.create(user=first.user))
    assert [client.get("/api/wallet").status_code for client in (one, two, one, two)] == [200, 200, 200, 429]
    assert [signed_in().get("/api/wallet").status_code for _ in range(3)] == [200, 200, 429]  # five in all from there
    assert APIClient().get("/api/skills").status_code == 200  # strangers from there are counted apart


def test_a_token_that_somebody_wrote_themselves_does_not_use_up_the_budget_of_another(api: APIClient) -> None:
    session = AuthSessionFactory.create()
    mine = signed_in(session)
    header, claims, _ = mine._credentials["HTTP_AUTHORIZATION"].split(".")
    for _ in range(4):
        api.get("/api/wallet", headers={"Authorization": f"{header}.{claims}.forged"})
    assert mine.get("/api/wallet").status_code == 200


def test_a_browser_is_counted_by_person(pages_as: Any) -> None:
    browser = pages_as(AuthSessionFactory.create().user)
    answers = [browser.get("/api/notifications/unread-count", REMOTE_ADDR=f"192.0.2.{n}") for n in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


def test_a_refused_call_costs_nothing_in_the_other_bucket() -> None:
    eager = signed_in()
    for _ in range(9):
        eager.get("/api/wallet")
    assert [signed_in().get("/api/wallet").status_code for _ in range(2)] == [200, 200]


def test_balancers_and_pages_are_not_limited(api: APIClient) -> None:
    assert {api.get("/api/health/live").status_code for _ in range(5)} == {200}
    assert {api.get("/how-it-works/").status_code for _ in range(5)} == {200}


def test_without_redis_the_api_answers(api: APIClient, dead_redis: None) -> None:
    answers = [api.get("/api/openapi.json") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Limit" not in answers[0]


def test_without_redis_nobody_guesses_passwords(api: APIClient, dead_redis: None) -> None:
    refused = api.post("/api/auth/login", {"email": "a@example.com", "password": "x"})
    assert (refused.status_code, refused.json()["error_type"]) == (503, "unavailable")


def test_other_sites_may_read_the_headers(api: APIClient, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    for _ in range(3):
        answer = api.get("/api/skills", headers={"Origin": "https://app.example"})
    assert answer.status_code == 429
    assert answer["Access-Control-Allow-Origin"] == "https://app.example"
    assert {"RateLimit-Remaining", "Retry-After"} <= set(answer["Access-Control-Expose-Headers"].split(", "))


@pytest.fixture
def dead_redis(settings: Any) -> None:
    """Nothing listens there."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
