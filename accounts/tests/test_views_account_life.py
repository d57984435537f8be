"""Pages of an account's own life."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import services
from accounts.models import AuthSession, DataExport, IdentityCheck, User
from accounts.signing import sign_address_change
from accounts.tests.factories import PASSWORD, UserFactory, staff_of

pytestmark = pytest.mark.django_db
PagesAs = Callable[[User], Client]


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def browser(user: User) -> Client:
    """Signed in through the door, so that the sign-in is known."""
    client = Client()
    client.post("/sign-in/", {"email": user.email, "password": PASSWORD})
    return client


def grow_old(user: User) -> None:
    AuthSession.objects.filter(user=user).update(confirmed_at=timezone.now() - timedelta(hours=1))


def suspend(user: User) -> User:
    services.suspend(staff_of("moderator"), user_id=user.pk, rule="abuse", evidence="messages", reason="Three threats.")
    return User.objects.get(pk=user.pk)


def test_the_link_in_either_mailbox_says_what_is_left_to_do(user: User) -> None:
    change = services.request_email_change(user, new_email="new@example.com", password=PASSWORD)
    new, old = (sign_address_change(change.pk, side) for side in ("new", "old"))
    stranger = Client()
    page = stranger.get("/change-email/", {"token": new}).content.decode()
    assert "Yes, I agree" in page and user.email in page and "new@example.com" in page
    assert "This did not work" in stranger.get("/change-email/", {"token": "forged"}).content.decode()
    assert user.email in stranger.post("/change-email/", {"token": new}).content.decode()
    assert "Your address has changed" in stranger.post("/change-email/", {"token": old}).content.decode()
    assert "This did not work" in stranger.post("/change-email/", {"token": "forged"}).content.decode()


def test_closing_asks_who_is_there_and_leads_back(user: User, browser: Client) -> None:
    grow_old(user)
    asked = browser.post("/settings/close/")
    assert asked["Location"] == "/confirm/?next=%2Fsettings%2Fclose%2F"
    wrong = browser.post(asked["Location"], {"password": "wrong", "next": "/settings/close/"})
    assert list(wrong.context["form"].errors) == ["password"]
    back = browser.post(asked["Location"], {"password": PASSWORD, "next": "/settings/close/"})
    assert back["Location"] == "/settings/close/"
    assert browser.post("/settings/close/")["Location"] == "/"
    assert browser.get("/dashboard/").status_code == 302
    user.refresh_from_db()
    assert user.deactivated_at


def test_confirming_leads_to_no_other_site(browser: Client) -> None:
    answer = browser.post("/confirm/", {"password": PASSWORD, "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/dashboard/"


def test_signing_in_to_a_closed_account_offers_it_back(user: User, browser: Client) -> None:
    browser.post("/settings/close/")
    given = {"email": user.email, "password": PASSWORD}
    page = Client().post("/sign-in/", given).content.decode()
    assert "Open my account again" in page
    wrong = Client().post("/sign-in/", given | {"password": "wrong"}).content.decode()
    assert "Open my account again" not in wrong
    assert Client().post("/sign-in/", given | {"come_back": "on"})["Location"] == "/dashboard/"
    user.refresh_from_db()
    assert user.is_active


def test_deleting_takes_proof_and_the_typed_address(user: User, browser: Client) -> None:
    grow_old(user)
    assert browser.get("/settings/delete/")["Location"].startswith("/confirm/")
    AuthSession.objects.update(confirmed_at=timezone.now())
    page = browser.get("/settings/delete/").content.decode()
    assert "What stays, and why" in page
    wrong = browser.post("/settings/delete/", {"typed_email": "delete"})
    assert list(wrong.context["form"].errors) == ["typed_email"]
    assert browser.post("/settings/delete/", {"typed_email": user.email})["Location"] == "/"
    user.refresh_from_db()
    assert user.erased_at


def test_suspended_people_see_why_and_appeal(user: User, pages_as: PagesAs) -> None:
    client = pages_as(suspend(user))
    assert "/settings/standing/" in client.get("/notifications/").content.decode()
    page = client.get("/settings/standing/").content.decode()
    for part in ("Abuse, threats or discrimination", "Messages on the site", "Three threats."):
        assert part in page
    assert client.post("/settings/standing/", {"text": "Not me"}).status_code == 302
    assert "Send the appeal" not in client.get("/settings/standing/").content.decode()


def test_suspended_people_read_what_is_theirs(user: User, pages_as: PagesAs) -> None:
    client = pages_as(suspend(user))
    for path in ("/contracts/", "/wallet/", "/settings/export/", "/settings/close/", "/messages/"):
        assert client.get(path).status_code == 200, path


def test_nothing_stands_against_most_people(user: User, pages_as: PagesAs) -> None:
    page = pages_as(user).get("/settings/standing/").content.decode()
    assert "Your account is open" in page
    assert "Send the appeal" not in page


def test_a_copy_is_asked_for_and_downloaded(user: User, browser: Client, run_jobs: Callable[[], list[str]]) -> None:
    assert browser.post("/settings/export/").status_code == 302
    assert "Your copy is being made" in browser.get("/settings/export/").content.decode()
    run_jobs()
    link = DataExport.objects.get(user=user).url
    assert link.split("/")[-1] in browser.get("/settings/export/").content.decode()
    assert browser.get(link).status_code == 200


def test_a_copy_needs_a_fresh_proof(user: User, browser: Client) -> None:
    grow_old(user)
    assert browser.post("/settings/export/")["Location"].startswith("/confirm/")
    assert not DataExport.objects.exists()


def test_a_document_is_sent_without_scripts(user: User, pages_as: PagesAs) -> None:
    content = BytesIO()
    Image.new("RGB", (40, 30), "white").save(content, "PNG")
    client = pages_as(user)
    empty = client.post("/settings/identity/", {"document": "passport"})
    assert empty.context["errors"]
    file = SimpleUploadedFile("passport.png", content.getvalue(), "image/png")
    assert client.post("/settings/identity/", {"document": "passport", "files": [file]}).status_code == 302
    check = IdentityCheck.objects.get(user=user)
    page = client.get("/settings/identity/").content.decode()
    assert "We are looking at your document" in page
    assert check.files.get().name in page


def test_the_profile_shows_that_the_identity_is_verified(user: User) -> None:
    assert "Identity verified" not in Client().get(f"/people/{user.pk}/").content.decode()
    User.objects.filter(pk=user.pk).update(identity_verified_at=timezone.now())
    assert "Identity verified" in Client().get(f"/people/{user.pk}/").content.decode()


def test_staff_works_the_queues_in_the_console(user: User, console_as: PagesAs) -> None:
    appeal = services.appeal(suspend(user), text="Not me, honestly.")
    check = IdentityCheck.objects.create(user=UserFactory.create(), document="passport")
    client = console_as(staff_of("moderator"))
    assert "Not me, honestly." in client.get(f"/admin/accounts/appeal/{appeal.pk}/change/").content.decode()
    given = {"_form_submitted": "True", "answer": "You are right."}
    assert client.post(f"/admin/accounts/appeal/{appeal.pk}/uphold/", given)["HX-Redirect"]
    assert not User.objects.get(pk=user.pk).is_suspended
    page = f"/admin/accounts/identitycheck/{check.pk}/refuse/"
    assert client.post(page, {"_form_submitted": "True", "reason": "Blurred"})["HX-Redirect"]
    check.refresh_from_db()
    assert check.is_approved is False
    given = {"_form_submitted": "True", "rule": "fraud", "evidence": "payments", "reason": "A stolen card."}
    client.post(f"/admin/accounts/user/{user.pk}/suspend/", given)
    assert User.objects.get(pk=user.pk).is_suspended
    client.post(f"/admin/accounts/user/{user.pk}/lift_suspension/", {"_form_submitted": "True", "reason": "A mistake"})
    assert not User.objects.get(pk=user.pk).is_suspended
    assert console_as(staff_of("analyst")).get(f"/admin/accounts/user/{user.pk}/suspend/").status_code == 403
