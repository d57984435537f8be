"""Pages of a person's own settings."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AuthSession, FreelancerProfile, User
from accounts.tests.factories import PASSWORD, AuthSessionFactory, ClientFactory, FreelancerFactory, UserFactory
from accounts.tests.test_api_uploads import picture
from core.money import Money

pytestmark = pytest.mark.django_db

PagesAs = Callable[[User], Client]
PROFILE = {
    "first_name": "Nora",
    "last_name": "Veld",
    "user_type": "both",
    "headline": "Boats",
    "bio": "I mend them.",
    "category": "web-development",
    "hourly_rate": "48.50",
    "currency": "EUR",
    "experience_level": "expert",
    "skills": "Django, postgresql",
    "languages": "Dutch, english",
    "links": "https://example.com/a\nexample.com/b",
    "company_name": "Veld & Co",
    "about": "",
    "website": "https://veld.example",
}


@pytest.mark.parametrize("path", ["profile", "place", "account"])
def test_settings_need_a_person(client: Client, pages_as: PagesAs, path: str) -> None:
    assert client.get(f"/settings/{path}/")["Location"].startswith("/sign-in/")
    assert pages_as(UserFactory.create(placed=True)).get(f"/settings/{path}/").status_code == 200


def test_the_profile_of_both_sides_is_saved(pages_as: PagesAs) -> None:
    user = UserFactory.create()
    client = pages_as(user)
    assert client.post("/settings/profile/", PROFILE).status_code == 302
    user = User.objects.with_profiles().get(pk=user.pk)
    offer = user.freelancer_profile
    assert (user.first_name, offer.headline, user.client_profile.company_name) == ("Nora", "Boats", "Veld & Co")
    assert offer.hourly_rate == Money(48_50, "EUR")
    assert offer.skill_names == ["Django", "PostgreSQL"]
    assert offer.languages == ["nl", "en"]
    assert offer.links == ["https://example.com/a", "https://example.com/b"]
    page = client.get("/settings/profile/").content.decode()
    assert 'value="Dutch, English"' in page
    assert 'value="Django, PostgreSQL"' in page


def test_languages_that_were_named_ask_how_well_and_forget_it_with_the_language(pages_as: PagesAs) -> None:
    user = UserFactory.create()
    client = pages_as(user)
    assert client.get("/settings/profile/").context["form"].levels == []
    client.post("/settings/profile/", PROFILE)
    assert [field.label for field in client.get("/settings/profile/").context["form"].levels] == ["Dutch", "English"]
    client.post("/settings/profile/", PROFILE | {"level_nl": "native", "level_en": ""})
    offer = FreelancerProfile.objects.get(user=user)
    assert (offer.languages, offer.language_levels) == (["nl", "en"], {"nl": "native"})
    assert offer.spoken == [("Dutch", "Native"), ("English", "")]
    assert 'value="native" selected' in client.get("/settings/profile/").content.decode()
    refused = client.post("/settings/profile/", PROFILE | {"level_nl": "perfect"})
    assert "level_nl" in refused.context["form"].errors
    client.post("/settings/profile/", PROFILE | {"languages": "English", "level_nl": "native", "level_en": "basic"})
    offer.refresh_from_db()
    assert (offer.languages, offer.language_levels) == (["en"], {"en": "basic"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"headline": "x" * 121}, "headline"),
        ({"bio": "x" * 5001}, "bio"),
        ({"hourly_rate": "-1"}, "hourly_rate"),
        ({"hourly_rate": "1.001"}, "hourly_rate"),
        ({"hourly_rate": "NaN"}, "hourly_rate"),
        ({"currency": "XXX"}, "currency"),
        ({"skills": "Telepathy"}, "skills"),
        ({"languages": "Klingonese"}, "languages"),
        ({"links": "javascript:alert(1)"}, "links"),
        ({"category": "nowhere"}, "category"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"user_type": "staff"}, "user_type"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(pages_as: PagesAs, changes: dict[str, str], field: str) -> None:
    user = UserFactory.create()
    answer = pages_as(user).post("/settings/profile/", PROFILE | changes)
    assert list(answer.context["form"].errors) == [field]
    user.refresh_from_db()
    assert user.freelancer_profile.headline == ""


@pytest.mark.parametrize(
    ("factory", "shown", "hidden"),
    [(ClientFactory, "company_name", "headline"), (FreelancerFactory, "headline", "company_name")],
)
def test_only_the_sides_that_a_person_uses_are_asked(pages_as: PagesAs, factory: Any, shown: str, hidden: str) -> None:
    user = factory.create()
    form = pages_as(user).get("/settings/profile/").context["form"]
    assert shown in form.fields
    assert hidden not in form.fields


def test_saving_one_side_leaves_the_other_alone(pages_as: PagesAs) -> None:
    user = FreelancerFactory.create(client_profile__company_name="Kept")
    pages_as(user).post("/settings/profile/", PROFILE | {"user_type": "both", "company_name": "Lost"})
    user = User.objects.with_profiles().get(pk=user.pk)
    assert (user.user_type, user.client_profile.company_name) == ("both", "Kept")


def test_the_picture_is_set_and_taken_away(pages_as: PagesAs) -> None:
    user = UserFactory.create()
    client = pages_as(user)
    client.post("/settings/photo/", {"picture": SimpleUploadedFile("me.png", picture())})
    user.refresh_from_db()
    assert user.avatar_url.endswith(".webp")
    bad = client.post("/settings/photo/", {"picture": SimpleUploadedFile("me.svg", b"<svg/>")}, follow=True)
    assert "not a picture we can read" in bad.content.decode()
    assert "Choose a picture first." in client.post("/settings/photo/", {}, follow=True).content.decode()
    client.post("/settings/photo/", {"remove": "yes"})
    user.refresh_from_db()
    assert user.avatar_url == ""


def test_the_place_is_saved_and_removed(pages_as: PagesAs) -> None:
    user = UserFactory.create()
    client = pages_as(user)
    place = {"lat": "51.0543", "lng": "3.7174", "city": "Gent", "country": "BE", "travel_radius_km": "12"}
    assert client.post("/settings/place/", place).status_code == 302
    user.refresh_from_db()
    assert (user.city, user.travel_radius_km, user.location.y) == ("Gent", 12, 51.0543)
    client.post("/settings/place/", {"remove": "yes"})
    user.refresh_from_db()
    assert user.location is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lat": "91"}, "lat"),
        ({"lng": "-181"}, "lng"),
        ({"lat": "nan"}, "lat"),
        ({"country": "XX"}, "country"),
        ({"travel_radius_km": "0"}, "travel_radius_km"),
        ({"city": "x" * 121}, "city"),
    ],
)
def test_a_place_off_the_globe_is_refused(pages_as: PagesAs, changes: dict[str, str], field: str) -> None:
    place = {"lat": "51.0543", "lng": "3.7174", "city": "Gent", "country": "BE", "travel_radius_km": "12"}
    answer = pages_as(UserFactory.create()).post("/settings/place/", place | changes)
    assert list(answer.context["form"].errors) == [field]


def test_language_clock_and_currency(pages_as: PagesAs) -> None:
    user = UserFactory.create()
    client = pages_as(user)
    sent = {"form": "preferences", "language": "nl", "time_zone": "Europe/Brussels", "currency": "EUR"}
    assert client.post("/settings/account/", sent).status_code == 302
    user.refresh_from_db()
    assert (user.language, user.time_zone, user.currency) == ("nl", "Europe/Brussels", "EUR")
    bad = client.post("/settings/account/", sent | {"time_zone": "Mars/Olympus"})
    assert list(bad.context["forms"]["preferences"].errors) == ["time_zone"]


def test_changing_the_address_sends_links_to_both(pages_as: PagesAs, run_jobs: Callable[[], list[str]]) -> None:
    user = UserFactory.create()
    sent = {"form": "email", "email-new_email": "new@example.com", "email-password": PASSWORD}
    client = pages_as(user)
    bad = client.post("/settings/account/", sent | {"email-password": "wrong"})
    assert list(bad.context["forms"]["email"].errors) == ["password"]
    assert client.post("/settings/account/", sent).status_code == 302
    run_jobs()
    assert {letter.to[0] for letter in mail.outbox} == {user.email, "new@example.com"}
    assert "new@example.com" in client.get("/settings/account/").content.decode()


def test_changing_the_password_keeps_this_browser_and_ends_the_others() -> None:
    user = UserFactory.create()
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/sign-in/", {"email": user.email, "password": PASSWORD})
    api = AuthSessionFactory.create(user=user)
    sent = {"form": "password", "password-old_password": PASSWORD, "password-new_password": "a better set of words"}
    bad = here.post("/settings/account/", sent | {"password-old_password": "wrong"})
    assert list(bad.context["forms"]["password"].errors) == ["old_password"]
    assert here.post("/settings/account/", sent)["Location"] == "/settings/account/"
    page = here.get("/settings/security/")
    assert page.status_code == 200
    assert "This device" in page.content.decode()
    assert there.get("/settings/account/").status_code == 302
    api.refresh_from_db()
    assert api.revoked_reason == "password_changed"


def test_ending_a_sign_in_elsewhere_signs_it_out(django_capture_on_commit_callbacks: Any) -> None:
    user = UserFactory.create()
    here, there, third = Client(), Client(), Client()
    for client in (here, there, third):
        client.post("/sign-in/", {"email": user.email, "password": PASSWORD})
    session = AuthSession.objects.get(session_key=there.session.session_key)
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/settings/sessions/", {"session": str(session.pk)})
    assert there.get("/notifications/").status_code == 302
    assert third.get("/notifications/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/settings/sessions/", {"others": "yes"})
    assert third.get("/notifications/").status_code == 302
    assert here.get("/notifications/").status_code == 200


@pytest.mark.parametrize("session", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_somebody_elses_sign_in_is_not_there(pages_as: PagesAs, session: str) -> None:
    assert pages_as(UserFactory.create()).post("/settings/sessions/", {"session": session}).status_code == 404
