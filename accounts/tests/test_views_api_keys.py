import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services
from accounts.models import ApiKey, AuthSession, User
from accounts.services.api_usage import count_outcome, count_request
from accounts.tests.factories import ApiKeyFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def browser(user: User, pages_as: Callable[[User], Client]) -> Client:
    client = pages_as(user)
    services.open_browser_session(user, session_key=client.session.session_key or "", lasts_seconds=600)
    return client


def form(**changes: Any) -> dict[str, Any]:
    return {"name": "Shop sync", "expires_in": "90", "scopes": ["gigs:read", "gigs:write"], **changes}


def test_an_empty_list_offers_to_make_one(browser: Client) -> None:
    page = browser.get("/settings/api-keys/").content.decode()
    assert "No keys yet" in page and "/settings/api-keys/new/" in page and "/api/docs" in page


def test_a_key_is_made_shown_once_and_works(browser: Client, user: User) -> None:
    answer = browser.post("/settings/api-keys/new/", form())
    raw = re.search(r"gh_[a-z0-9]{8}_[\w-]{43}", answer.content.decode())
    assert raw and "no-store" in answer["Cache-Control"]
    key = ApiKey.objects.get()
    assert key.user == user
    assert timedelta(days=89) < key.expires_at - timezone.now() < timedelta(days=91)
    assert APIClient().get("/api/gigs/mine", headers={"X-API-Key": raw[0]}).status_code == 200
    for path in ("/settings/api-keys/", f"/settings/api-keys/{key.pk}/"):
        page = browser.get(path).content.decode()
        assert key.prefix in page and raw[0] not in page


def test_a_key_without_an_end(browser: Client) -> None:
    browser.post("/settings/api-keys/new/", form(expires_in="0"))
    assert ApiKey.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("field", "value"), [("scopes", []), ("scopes", ["gigs:fly"]), ("name", ""), ("expires_in", "3")]
)
def test_what_is_missing_is_said_beside_the_field(browser: Client, field: str, value: Any) -> None:
    answer = browser.post("/settings/api-keys/new/", form(**{field: value}))
    assert answer.context["form"].errors.keys() == {field}
    assert not ApiKey.objects.exists()


def test_an_old_sign_in_is_not_enough(browser: Client) -> None:
    AuthSession.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))
    answer = browser.get("/settings/api-keys/new/")
    assert answer["Location"] == "/confirm/?next=%2Fsettings%2Fapi-keys%2Fnew%2F"
    assert browser.post("/settings/api-keys/new/", form())["Location"].startswith("/confirm/")
    assert not ApiKey.objects.exists()
    key = ApiKeyFactory.create(user=answer.wsgi_request.user)
    browser.post(f"/settings/api-keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is None


def test_use_is_shown_by_day(browser: Client, user: User) -> None:
    key = ApiKeyFactory.create(user=user)
    for status in (200, 200, 404):
        count_request(key)
        count_outcome(key, status=status)
    page = browser.get(f"/settings/api-keys/{key.pk}/")
    assert page.context["today"][1:] == (3, 1, 0)
    assert page.context["chart"]["series"][0]["values"][-1] == 2
    assert "3 in all" in page.content.decode()


def test_revoking_asks_first_and_then_refuses_the_key(browser: Client, user: User) -> None:
    key = ApiKeyFactory.create(user=user)
    assert "cannot be undone" in browser.get(f"/settings/api-keys/{key.pk}/").content.decode()
    assert browser.get(f"/settings/api-keys/{key.pk}/revoke/").status_code == 405
    answer = browser.post(f"/settings/api-keys/{key.pk}/revoke/", follow=True)
    assert "is revoked" in answer.content.decode()
    key.refresh_from_db()
    assert key.revoked_at
    assert "Revoke this key" not in browser.get(f"/settings/api-keys/{key.pk}/").content.decode()


def test_keys_of_others_do_not_exist(browser: Client) -> None:
    other = ApiKeyFactory.create()
    assert browser.get(f"/settings/api-keys/{other.pk}/").status_code == 404
    browser.post(f"/settings/api-keys/{other.pk}/revoke/")
    other.refresh_from_db()
    assert other.revoked_at is None


def test_staff_revoke_a_key_in_the_console_without_seeing_its_digest(console_as: Callable[[User], Client]) -> None:
    staff = console_as(UserFactory.create(staff=True))
    key = ApiKeyFactory.create(digest="f" * 64)
    assert "f" * 64 not in staff.get(f"/admin/accounts/apikey/{key.pk}/change/").content.decode()
    staff.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert key.revoked_at
