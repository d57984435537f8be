from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from notifications.api.serializers.news import NotificationSerializer
from notifications.tests.factories import NotificationFactory

pytestmark = pytest.mark.django_db

ApiAs = Callable[[User], APIClient]


def test_news_is_a_stream_newest_first(api_as: ApiAs) -> None:
    user = UserFactory.create()
    rows = NotificationFactory.create_batch(25, user=user)
    NotificationFactory.create()
    client = api_as(user)
    first = client.get("/api/notifications").json()
    assert set(first) == {"next", "previous", "results"}
    assert [row["id"] for row in first["results"]] == [row.pk for row in reversed(rows)][:20]
    second = client.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == [row.pk for row in reversed(rows)][20:]
    assert set(first["results"][0]) == set(NotificationSerializer().fields)


def test_reading(api_as: ApiAs) -> None:
    user = UserFactory.create()
    one, _two = NotificationFactory.create_batch(2, user=user)
    client = api_as(user)
    assert client.get("/api/notifications/unread-count").json() == {"unread_count": 2}
    assert client.patch(f"/api/notifications/{one.pk}", {"read": True}).json()["read"] is True
    assert client.get("/api/notifications/unread-count").json() == {"unread_count": 1}
    assert client.get("/api/notifications", {"unread": "true"}).json()["results"][0]["id"] != one.pk
    assert client.patch(f"/api/notifications/{one.pk}", {"read": False}).json()["read_at"] is None
    assert client.post("/api/notifications/read-all").json() == {"updated": 2}
    assert client.get("/api/notifications/unread-count").json() == {"unread_count": 0}
    assert client.patch(f"/api/notifications/{one.pk}", {"read": "perhaps"}).status_code == 400


def test_other_peoples_news_is_not_there(api_as: ApiAs, api: APIClient) -> None:
    other = NotificationFactory.create()
    assert api_as(UserFactory.create()).patch(f"/api/notifications/{other.pk}", {}).status_code == 404
    other.refresh_from_db()
    assert other.read_at is None
    for method, path in (("get", ""), ("get", "/unread-count"), ("patch", "/1"), ("post", "/read-all")):
        assert getattr(api, method)(f"/api/notifications{path}").status_code == 401


def test_many_rows_cost_one_query(api_as: ApiAs, django_assert_num_queries: Any) -> None:
    user = UserFactory.create()
    client = api_as(user)
    for count in (5, 20):
        NotificationFactory.create_batch(count, user=user)
        with django_assert_num_queries(1):
            client.get("/api/notifications?page_size=100")
