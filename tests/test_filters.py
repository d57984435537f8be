"""Filters that are true or false, on every list that has one."""

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(api_as) -> APIClient:
    return api_as(UserFactory.create(staff=True))


PLACES = [
    ("/api/time-entries", "running"),
    ("/api/disputes", "open"),
    ("/api/chats", "archived"),
    ("/api/chats", "unread"),
    ("/api/notifications", "unread"),
    ("/api/freelancers", "available"),
    ("/api/users", "is_active"),
]


@pytest.mark.parametrize(("path", "name"), PLACES)
def test_true_and_false_are_taken_and_another_word_is_refused(staff: APIClient, path: str, name: str) -> None:
    for value in ("true", "false", "True", "1", "0", ""):
        assert staff.get(path, {name: value}).status_code == 200
    refused = staff.get(path, {name: "maybe"})
    assert (refused.status_code, list(refused.data["fields"])) == (400, [name])


def test_one_means_true_and_nothing_means_everybody(staff: APIClient) -> None:
    closed = UserFactory.create(is_active=False)
    found = {value: staff.get("/api/users", {"is_active": value}).data["results"] for value in ("1", "0", "")}
    assert [closed.pk in [row["id"] for row in rows] for rows in found.values()] == [False, True, True]
