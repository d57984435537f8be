from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services, tokens
from accounts.models import ApiKey, ApiKeyUsage, AuthSession, User
from accounts.scopes import SCOPES
from accounts.services.api_usage import count_outcome, count_request
from accounts.tests.factories import ApiKeyFactory, AuthSessionFactory, UserFactory
from core.throttling import counters

pytestmark = pytest.mark.django_db
SOME = ["gigs:read", "projects:read", "payments:read"]


@pytest.fixture
def session() -> AuthSession:
    return AuthSessionFactory.create()


@pytest.fixture
def me(session: AuthSession) -> APIClient:
    """Signed in by a token."""
    pair = tokens.issue(session)
    session.save()
    return bearer(pair["access_token"])


@pytest.fixture
def program(session: AuthSession) -> APIClient:
    return with_key(session, SOME)


def bearer(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def with_key(session: AuthSession, scopes: list[str]) -> APIClient:
    _, raw = services.create_api_key(session.user, name="Shop", scopes=scopes, session=session)
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=raw)
    return client


def test_a_key_is_shown_once_and_works(me: APIClient, session: AuthSession) -> None:
    answer = me.post("/api/api-keys", {"name": "Shop", "scopes": ["gigs:read"]})
    assert answer.status_code == 201
    made = answer.json()
    assert "key" not in me.get("/api/api-keys").json()["results"][0]
    program = APIClient()
    assert program.get("/api/gigs/mine", headers={"X-API-Key": made["key"]}).status_code == 200
    assert me.delete(f"/api/api-keys/{made['id']}").status_code == 204
    refused = program.get("/api/gigs/mine", headers={"X-API-Key": made["key"]})
    assert (refused.status_code, refused.json()["error_type"]) == (401, "api_key_not_valid")
    assert refused["WWW-Authenticate"]


def test_a_browser_that_signed_in_lately_can_make_one(pages_as: Callable[[User], Any]) -> None:
    user = UserFactory.create()
    browser = pages_as(user)
    services.open_browser_session(user, session_key=browser.session.session_key, lasts_seconds=60)
    body = {"name": "Shop", "scopes": ["gigs:read"]}
    assert browser.post("/api/api-keys", body, content_type="application/json").status_code == 201
    AuthSession.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))
    refused = browser.post("/api/api-keys", body, content_type="application/json")
    assert (refused.status_code, refused.json()["error_type"]) == (403, "reauthentication_required")


@pytest.mark.parametrize("body", [{}, {"name": "x", "scopes": ["gigs:fly"]}, {"name": "", "scopes": ["gigs:read"]}])
def test_what_is_not_understood_is_refused(me: APIClient, body: dict[str, Any]) -> None:
    assert me.post("/api/api-keys", body).status_code == 400


def test_reading_does_not_write(program: APIClient) -> None:
    refused = program.post("/api/gigs", {})
    assert (refused.status_code, refused.json()["error_type"]) == (403, "scope_missing")
    assert "gigs:write" in refused.json()["detail"]


def test_one_scope_does_not_open_another_resource(program: APIClient) -> None:
    assert program.get("/api/contracts").json()["error_type"] == "scope_missing"
    assert program.get("/api/wallet").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/auth/me"),
        ("get", "/api/auth/sessions"),
        ("get", "/api/api-keys"),
        ("post", "/api/api-keys"),
        ("post", "/api/auth/change-password"),
        ("post", "/api/stripe/refunds"),
        ("post", "/api/ws/ticket"),
        ("get", "/api/users"),
    ],
)
def test_no_key_reaches(session: AuthSession, method: str, path: str) -> None:
    session.user.is_staff = session.user.is_superuser = True
    session.user.save()
    everything = with_key(session, list(SCOPES))
    refused = getattr(everything, method)(path, {})
    assert (refused.status_code, refused.json()["error_type"]) == (403, "not_for_api_keys")


def test_a_key_sees_what_its_owner_sees_and_no_more(program: APIClient, session: AuthSession) -> None:
    assert program.get("/api/gigs/mine").json()["count"] == 0
    suspended = User.objects.filter(pk=session.user_id)
    suspended.update(suspended_at=timezone.now())
    assert program.get("/api/gigs/mine").status_code == 401


def test_a_wrong_key_is_refused_even_where_strangers_may_read(api: APIClient) -> None:
    assert api.get("/api/projects", headers={"X-API-Key": "gh_abcdefgh_wrong"}).status_code == 401


def test_signing_in_by_key_asks_one_query(program: APIClient, django_assert_num_queries: Any) -> None:
    program.get("/api/ws/status")  # notes the last use
    with django_assert_num_queries(1):
        program.post("/api/gigs", {})  # refused for its scope before anything else is asked


def test_keys_of_others_do_not_exist(me: APIClient) -> None:
    other = ApiKeyFactory.create()
    assert me.delete(f"/api/api-keys/{other.pk}").status_code == 404
    assert me.get(f"/api/api-keys/{other.pk}/usage").status_code == 404
    assert me.get("/api/api-keys").json()["count"] == 0


# --- Quota and usage ----------------------------------------------------------------------------


def usage_today(me: APIClient) -> dict[str, int]:
    key = ApiKey.objects.get()
    answer = me.get(f"/api/api-keys/{key.pk}/usage").json()
    assert len(answer["days"]) == 30
    return {what: answer["days"][0][what] for what in ("requests", "refused", "failed")}


def test_use_is_counted_without_sql_and_the_sum_is_read(me: APIClient, program: APIClient) -> None:
    program.get("/api/gigs/mine")
    program.get("/api/gigs/999999")
    program.post("/api/gigs", {})
    assert not ApiKeyUsage.objects.exists()
    assert usage_today(me) == {"requests": 3, "refused": 2, "failed": 0}
    assert services.write_usage() == 1
    assert usage_today(me) == {"requests": 3, "refused": 2, "failed": 0}
    program.get("/api/gigs/mine")
    assert usage_today(me) == {"requests": 4, "refused": 2, "failed": 0}
    services.write_usage()
    services.write_usage()
    row = ApiKeyUsage.objects.get()
    assert (row.day, row.requests, row.refused) == (datetime.now(UTC).date(), 4, 2)


def test_an_error_of_ours_is_counted_apart(me: APIClient, program: APIClient) -> None:
    count_outcome(ApiKey.objects.get(), status=500)
    assert usage_today(me)["failed"] == 1


def test_counts_of_a_key_that_is_gone_are_dropped() -> None:
    key = ApiKeyFactory.create()
    count_request(key)
    ApiKey.objects.filter(pk=key.pk).delete()
    assert services.write_usage() == 0


def test_counts_are_put_back_when_they_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    key = ApiKeyFactory.create()
    count_request(key)
    with monkeypatch.context() as patch:
        patch.setattr("accounts.services.api_usage.connection.cursor", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            services.write_usage()
    assert services.usage_of(key)[0].requests == 1
    assert services.write_usage() == 1


@pytest.mark.usefixtures("limits")
def test_a_used_up_quota_waits_for_the_next_day(me: APIClient, program: APIClient) -> None:
    ApiKey.objects.update(daily_quota=2)
    assert [program.get("/api/gigs/mine").status_code for _ in range(3)] == [200, 200, 429]
    refused = program.get("/api/gigs/mine")
    assert refused.json()["error_type"] == "quota_exceeded"
    left = 24 * 3600 - (datetime.now(UTC) - datetime.now(UTC).replace(hour=0, minute=0, second=0)).total_seconds()
    assert abs(int(refused["Retry-After"]) - left) < 5
    assert usage_today(me) == {"requests": 4, "refused": 2, "failed": 0}
    assert counters().exists(f"api-quota:{datetime.now(UTC).date() - timedelta(days=1)}:1") == 0


def test_without_redis_keys_still_work(program: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis import Redis

    dead = Redis(port=1, socket_connect_timeout=1)
    monkeypatch.setattr("accounts.services.api_usage.counters", lambda: dead)
    assert program.get("/api/gigs/mine").status_code == 200
