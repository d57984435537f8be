from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import UserFactory
from notifications.tests.factories import NotificationFactory

pytestmark = pytest.mark.django_db

PagesAs = Callable[[User], Client]


def test_an_empty_page_says_what_will_be_here(pages_as: PagesAs) -> None:
    assert "Nothing has happened yet" in pages_as(UserFactory.create()).get("/notifications/").content.decode()


def test_opening_news_marks_it_and_leads_on(pages_as: PagesAs) -> None:
    news = NotificationFactory.create(url="/settings/profile/")
    client = pages_as(news.user)
    assert news.title in client.get("/notifications/").content.decode()
    assert client.get(f"/notifications/{news.pk}/").status_code == 405
    assert client.post(f"/notifications/{news.pk}/")["Location"] == "/settings/profile/"
    news.refresh_from_db()
    assert news.read_at


@pytest.mark.parametrize("url", ["", "https://evil.example/", "//evil.example"])
def test_news_leads_nowhere_else(pages_as: PagesAs, url: str) -> None:
    news = NotificationFactory.create(url=url)
    assert pages_as(news.user).post(f"/notifications/{news.pk}/")["Location"] == "/notifications/"


def test_all_at_once_and_not_other_peoples(pages_as: PagesAs) -> None:
    mine, other = NotificationFactory.create(), NotificationFactory.create()
    client = pages_as(mine.user)
    client.post("/notifications/read-all/")
    for news in (mine, other):
        news.refresh_from_db()
    assert mine.read_at
    assert not other.read_at
    assert client.post(f"/notifications/{other.pk}/").status_code == 404


def test_the_page_asks_as_often_for_many_rows(pages_as: PagesAs, django_assert_max_num_queries: Any) -> None:
    user = UserFactory.create()
    client = pages_as(user)
    counts = []
    for _ in range(2):
        NotificationFactory.create_batch(12, user=user)
        with django_assert_max_num_queries(12) as queries:
            client.get("/notifications/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
