"""Somebody waits too long for what another one has locked: nothing is done, and they are told when to try again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from projects.models import Project
from projects.tests.factories import ProjectFactory
from tests.racing import until_it_waits

pytestmark = pytest.mark.django_db(transaction=True)


def not_long(act: Callable[[], Any]) -> Any:
    """What it returns; the database ends its waiting after a moment."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    return act()


def while_locked(rows: Any, act: Callable[[], Any]) -> Any:
    with transaction.atomic():
        rows.select_for_update(no_key=True).get()
        return until_it_waits(lambda: not_long(act)).result()


@pytest.fixture
def project() -> Project:
    return ProjectFactory.create()


def close(project: Project) -> Any:
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(project.client)
    return client.post(f"/api/projects/{project.pk}/close", headers={"Idempotency-Key": "once"})


def test_the_api_says_so_and_the_same_key_may_be_sent_again(project: Project) -> None:
    answer = while_locked(Project.objects.filter(pk=project.pk), lambda: close(project))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json()["error_type"] == "unavailable"
    assert answer.json().keys() == {"detail", "error_type"}
    project.refresh_from_db()
    assert project.status == "open"
    assert close(project).status_code == 200


def test_a_page_says_so(project: Project) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(project.client)
    answer = while_locked(
        Project.objects.filter(pk=project.pk), lambda: browser.post(reverse("projects:close", args=[project.pk]))
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "Nothing was lost" in answer.content.decode()


def test_a_bug_is_not_passed_off_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    user = UserFactory.create()
    browser = Client(raise_request_exception=False)
    browser.force_login(user)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(User, "get_full_name", fail)
    answer = browser.get(reverse("dashboard"))
    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
