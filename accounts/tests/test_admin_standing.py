"""What the console offers on the pages of people, appeals and identity checks."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts import services
from accounts.models import User
from accounts.tests.factories import UserFactory, staff_of

pytestmark = pytest.mark.django_db

ConsoleAs = Callable[[User], Client]


@pytest.fixture
def moderator() -> User:
    return staff_of("moderator")


@pytest.fixture
def console(moderator: User, console_as: ConsoleAs) -> Client:
    return console_as(moderator)


def offered(console: Client, row: str, *actions: str) -> set[str]:
    """Those of `actions` that the page of the row has a button for."""
    page = console.get(f"/admin/accounts/{row}/change/").content.decode()
    return {action for action in actions if f"/admin/accounts/{row}/{action}/" in page}


def suspended() -> User:
    user: User = UserFactory.create()
    services.suspend(staff_of("moderator"), user_id=user.pk, rule="abuse", evidence="messages", reason="Threats.")
    user.refresh_from_db()
    return user


def test_people_are_suspended_or_let_back_but_not_offered_both(console: Client) -> None:
    both = ("suspend", "lift_suspension")
    assert offered(console, f"user/{UserFactory.create().pk}", *both) == {"suspend"}
    assert offered(console, f"user/{suspended().pk}", *both) == {"lift_suspension"}


def test_an_appeal_is_offered_for_decision_until_it_is_decided(console: Client, moderator: User) -> None:
    appeal = services.appeal(suspended(), text="That was a joke.")
    both = ("uphold", "turn_down")
    assert offered(console, f"appeal/{appeal.pk}", *both) == {"uphold", "turn_down"}
    services.decide_appeal(moderator, appeal_id=appeal.pk, uphold=False, answer="It did not read like one.")
    assert offered(console, f"appeal/{appeal.pk}", *both) == set()


def test_a_document_is_seen_on_the_page_that_decides_about_it(console: Client, moderator: User) -> None:
    content = BytesIO()
    Image.new("RGB", (40, 30), "white").save(content, "PNG")
    picture = SimpleUploadedFile("passport.png", content.getvalue(), "image/png")
    check = services.submit_identity(UserFactory.create(), document="passport", files=[picture])
    row, both = f"identitycheck/{check.pk}", ("approve", "refuse")
    address, _signed_at = check.files.get().url.split(":", 1)
    page = console.get(f"/admin/accounts/{row}/change/").content.decode()
    assert f'<img class="rounded-default border" src="{address}:' in page
    assert offered(console, row, *both) == {"approve", "refuse"}
    services.decide_identity(moderator, check_id=check.pk, approve=True)
    assert offered(console, row, *both) == set()


def test_the_list_of_people_says_how_they_stand(console: Client) -> None:
    UserFactory.create(email="closed@example.com", is_active=False)
    suspended()
    page = console.get("/admin/accounts/user/").content.decode()
    assert "Suspended" in page and "Closed" in page and "Open" in page
