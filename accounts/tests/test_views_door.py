"""Pages of the way in."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from accounts import services
from accounts.models import AuthSession, User
from accounts.services.passwords import reset_token
from accounts.signing import sign_address
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

PagesAs = Callable[[User], Client]
REGISTRATION = {
    "user_type": "freelancer",
    "first_name": "Nora",
    "last_name": "Veld",
    "email": "nora@example.com",
    "password": "four words make one",
}


def sign_in(client: Client, user: User, **fields: str) -> object:
    return client.post("/sign-in/", {"email": user.email, "password": PASSWORD, **fields})


@pytest.mark.parametrize(
    "path",
    ["/sign-in/", "/join/", "/join/?as=client", "/forgot-password/", "/reset-password/?token=x", "/verify-email/"],
)
def test_the_door_is_open_to_everybody(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_joining_signs_in_and_asks_for_the_mailbox(client: Client, run_jobs: Callable[[], list[str]]) -> None:
    answer = client.post("/join/", REGISTRATION | {"time_zone": "Europe/Brussels"}, follow=True)
    assert answer.redirect_chain == [("/verify-email/", 302)]
    assert "nora@example.com" in answer.content.decode()
    user = User.objects.get()
    assert (user.time_zone, user.user_type) == ("Europe/Brussels", "freelancer")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert run_jobs() == ["accounts.send_verification"]


def test_an_odd_time_zone_does_not_stop_anybody(client: Client) -> None:
    client.post("/join/", REGISTRATION | {"time_zone": "<script>"})
    assert User.objects.get().time_zone == "UTC"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "taken@example.com"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"email": "x" * 250 + "@example.com"}, "email"),
        ({"password": "short"}, "password"),
        ({"first_name": ""}, "first_name"),
        ({"first_name": "x" * 81}, "first_name"),
        ({"user_type": "staff"}, "user_type"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(client: Client, changes: dict[str, str], field: str) -> None:
    UserFactory.create(email="taken@example.com")
    answer = client.post("/join/", REGISTRATION | changes)
    assert list(answer.context["form"].errors) == [field]
    assert User.objects.count() == 1


def test_signing_in_leads_to_the_page_that_was_asked_for(client: Client) -> None:
    user = UserFactory.create()
    answer = client.get("/settings/profile/")
    assert answer["Location"] == "/sign-in/?next=/settings/profile/"
    assert sign_in(client, user, next="/settings/profile/")["Location"] == "/settings/profile/"
    assert client.get("/settings/profile/").status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(client: Client, target: str) -> None:
    assert sign_in(client, UserFactory.create(), next=target)["Location"] == "/dashboard/"


def test_an_ordinary_sign_in_ends_with_the_browser_and_a_kept_one_after_a_week(client: Client) -> None:
    user = UserFactory.create()
    sign_in(client, user)
    assert client.session.get_expire_at_browser_close()
    other = Client()
    sign_in(other, user, remember="on")
    assert other.session.get_expiry_age() == 7 * 24 * 60 * 60
    assert AuthSession.objects.count() == 2


def test_the_session_gets_a_new_key_at_sign_in(client: Client) -> None:
    session = client.session
    session["before"] = 1
    session.save()
    old = session.session_key
    sign_in(client, UserFactory.create())
    assert client.session.session_key != old


@pytest.mark.parametrize("known", [True, False])
def test_a_refused_sign_in_says_the_same_to_all_and_keeps_the_address(client: Client, known: bool) -> None:
    email = "nora@example.com"
    if known:
        UserFactory.create(email=email)
    answer = client.post("/sign-in/", {"email": email, "password": "wrong"})
    page = answer.content.decode()
    assert answer.context["form"].non_field_errors() == ["That e-mail and password do not go together."]
    assert f'value="{email}"' in page
    assert "wrong" not in page


@pytest.mark.usefixtures("limits")
def test_the_door_closes_for_a_while(client: Client) -> None:
    user = UserFactory.create()
    for _ in range(10):
        client.post("/sign-in/", {"email": user.email, "password": "wrong"})
    assert "too often" in sign_in(client, user).content.decode()
    assert "_auth_user_id" not in client.session


def test_signing_out_needs_a_press_and_ends_the_session(client: Client) -> None:
    sign_in(client, UserFactory.create())
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/"
    assert "_auth_user_id" not in client.session
    assert AuthSession.objects.get().revoked_reason == "signed_out"


def test_a_mailed_link_only_shows_a_button(client: Client) -> None:
    user = UserFactory.create(unverified=True)
    token = sign_address(user, user.email)
    page = client.get("/verify-email/", {"token": token}).content.decode()
    assert token in page and user.email in page
    user.refresh_from_db()
    assert not user.has_verified_email
    assert client.post("/verify-email/", {"token": token})["Location"] == "/sign-in/"
    user.refresh_from_db()
    assert user.has_verified_email


def test_a_bad_link_offers_a_new_one(client: Client) -> None:
    for answer in (client.get("/verify-email/?token=forged"), client.post("/verify-email/", {"token": "forged"})):
        assert "Get a new link" in answer.content.decode()


def test_the_link_is_sent_again(pages_as: PagesAs, run_jobs: Callable[[], list[str]]) -> None:
    user = UserFactory.create(unverified=True)
    assert pages_as(user).post("/verify-email/resend/").status_code == 302
    assert Client().post("/verify-email/resend/", {"email": user.email}).status_code == 302
    assert Client().post("/verify-email/resend/", {"email": "nonsense"}).status_code == 200
    run_jobs()
    assert [letter.to for letter in mail.outbox] == [[user.email], [user.email]]


def test_unconfirmed_people_see_what_to_do_on_every_page(pages_as: PagesAs) -> None:
    waiting, done = UserFactory.create(unverified=True), UserFactory.create()
    assert "/verify-email/resend/" in pages_as(waiting).get("/notifications/").content.decode()
    assert "/verify-email/resend/" not in pages_as(done).get("/notifications/").content.decode()


def test_forgetting_and_choosing_a_password(client: Client, run_jobs: Callable[[], list[str]]) -> None:
    user = UserFactory.create()
    known = client.post("/forgot-password/", {"email": user.email})
    unknown = client.post("/forgot-password/", {"email": "nobody@example.com"})
    assert known["Location"] == unknown["Location"] == "/forgot-password/?sent=yes"
    run_jobs()
    assert len(mail.outbox) == 1
    token = mail.outbox[0].body.split("token=")[1].split()[0]
    answer = client.post("/reset-password/", {"token": token, "new_password": "a better set of words"})
    assert answer["Location"] == "/sign-in/"
    user.refresh_from_db()
    assert user.check_password("a better set of words")


def test_a_weak_or_late_new_password_is_refused_on_the_page(client: Client) -> None:
    token = reset_token(UserFactory.create())
    answer = client.post("/reset-password/", {"token": token, "new_password": "short"})
    assert list(answer.context["form"].errors) == ["new_password"]
    client.post("/reset-password/", {"token": token, "new_password": "a better set of words"})
    late = client.post("/reset-password/", {"token": token, "new_password": "a third set of words"})
    assert list(late.context["form"].errors) == ["token"]


@pytest.mark.parametrize("token", ["", "forged", "1.forged", "used"])
def test_a_reset_link_that_is_over_says_so_before_a_password_is_typed(client: Client, token: str) -> None:
    user = UserFactory.create()
    if token == "used":
        token = reset_token(user)
        assert 'name="new_password"' in client.get("/reset-password/", {"token": token}).content.decode()
        services.reset_password(token=token, new_password="a better set of words")
    page = client.get("/reset-password/", {"token": token}).content.decode()
    assert "Get a new link" in page
    assert 'name="new_password"' not in page


def test_switching_sides_is_remembered(pages_as: PagesAs) -> None:
    client = pages_as(UserFactory.create())
    assert client.post("/switch-view/", {"view": "freelancer"})["Location"] == "/dashboard/"
    assert client.session["view"] == "freelancer"
    client.post("/switch-view/", {"view": "staff"})
    assert client.session["view"] == "freelancer"


def test_the_availability_switch(pages_as: PagesAs) -> None:
    user = UserFactory.create()
    client = pages_as(user)
    answer = client.post("/availability/", {"is_available": "false", "next": "/settings/place/"})
    assert answer["Location"] == "/settings/place/"
    user.refresh_from_db()
    assert user.is_available is False
    client.post("/availability/", {"is_available": "perhaps"})
    client.post("/availability/", {"is_available": "true"})
    user.refresh_from_db()
    assert user.is_available is True
