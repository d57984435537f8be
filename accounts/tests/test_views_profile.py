"""Settings of the profile beside its main form: experience, hours, address."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import ProfileEntry, User
from accounts.rules import MAX_ENTRIES, EntryKind
from accounts.tests.factories import ClientFactory, FreelancerFactory, ProfileEntryFactory, UserFactory

pytestmark = pytest.mark.django_db

PagesAs = Callable[[User], Client]
WORK = {
    "title": "Joiner",
    "organisation": "Claes & Zoon",
    "started": "2019-09",
    "ended": "",
    "description": "",
    "link": "",
}


def hours_of(user: User) -> Any:
    return User.objects.with_profiles().get(pk=user.pk).freelancer_profile.weekly_hours


@pytest.mark.parametrize("path", ["experience/", "experience/add/work/", "hours/", "address/", "address/check/"])
def test_they_need_a_person(client: Client, pages_as: PagesAs, path: str) -> None:
    assert client.get(f"/settings/profile/{path}")["Location"].startswith("/sign-in/")
    assert pages_as(UserFactory.create()).get(f"/settings/profile/{path}").status_code == 200


# --- Experience ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EntryKind.values)
def test_an_entry_of_each_kind_is_added(pages_as: PagesAs, kind: str) -> None:
    user = UserFactory.create()
    client = pages_as(user)
    assert client.post(f"/settings/profile/experience/add/{kind}/", WORK)["Location"] == "/settings/profile/experience/"
    entry = ProfileEntry.objects.get()
    assert (entry.user, entry.kind, entry.started) == (user, kind, date(2019, 9, 1))
    assert "Claes &amp; Zoon" in client.get("/settings/profile/experience/").content.decode()


def test_an_entry_is_changed_and_taken_away(pages_as: PagesAs) -> None:
    user = UserFactory.create()
    entry, client = ProfileEntryFactory.create(user=user), pages_as(user)
    path = f"/settings/profile/experience/{entry.pk}/"
    assert 'value="2019-09"' in client.get(path).content.decode()
    client.post(path, WORK | {"title": "Foreman", "ended": "2024-01"})
    entry.refresh_from_db()
    assert (entry.title, entry.ended) == ("Foreman", date(2024, 1, 1))
    client.post(path, {"remove": "yes"})
    assert not ProfileEntry.objects.exists()


@pytest.mark.parametrize(
    ("text", "month"),
    [("2019-09", 9), ("2019-9", 9), ("9/2019", 9), ("09.2019", 9), ("2019", 1), ("2019-09-17", 9)],
)
def test_a_month_may_be_typed_in_many_ways(pages_as: PagesAs, text: str, month: int) -> None:
    pages_as(UserFactory.create()).post("/settings/profile/experience/add/work/", WORK | {"started": text})
    assert ProfileEntry.objects.get().started == date(2019, month, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"organisation": "x" * 121}, "organisation"),
        ({"started": "last year"}, "started"),
        ({"started": "2019-13"}, "started"),
        ({"started": "0000-01"}, "started"),
        ({"started": "2999-01"}, "started"),
        ({"ended": "2018-01"}, "ended"),
        ({"link": "javascript:alert(1)"}, "link"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(pages_as: PagesAs, changes: dict[str, str], field: str) -> None:
    answer = pages_as(UserFactory.create()).post("/settings/profile/experience/add/work/", WORK | changes)
    assert list(answer.context["form"].errors) == [field]
    assert not ProfileEntry.objects.exists()


def test_a_full_kind_offers_no_more(pages_as: PagesAs) -> None:
    user = UserFactory.create()
    ProfileEntryFactory.create_batch(MAX_ENTRIES[EntryKind.WORK], user=user)
    client = pages_as(user)
    page = client.get("/settings/profile/experience/").content.decode()
    assert "add/work/" not in page
    assert "add/education/" in page
    assert client.post("/settings/profile/experience/add/work/", WORK).context["form"].non_field_errors()


def test_somebody_elses_entry_and_unknown_kinds_are_not_there(pages_as: PagesAs) -> None:
    entry, client = ProfileEntryFactory.create(), pages_as(UserFactory.create())
    assert client.get(f"/settings/profile/experience/{entry.pk}/").status_code == 404
    assert client.post(f"/settings/profile/experience/{entry.pk}/", {"remove": "yes"}).status_code == 404
    assert client.get("/settings/profile/experience/add/hobby/").status_code == 404
    assert ProfileEntry.objects.filter(pk=entry.pk).exists()


# --- Hours --------------------------------------------------------------------------------------


def test_hours_are_saved_and_shown_as_they_were_written(pages_as: PagesAs) -> None:
    user = FreelancerFactory.create()
    client = pages_as(user)
    client.post("/settings/profile/hours/", {"mon": "14-18, 9-12:30", "sat": "20-0"})
    assert hours_of(user) == {"mon": [["09:00", "12:30"], ["14:00", "18:00"]], "sat": [["20:00", "24:00"]]}
    assert "09:00–12:30, 14:00–18:00" in client.get("/settings/profile/hours/").content.decode()
    client.post("/settings/profile/hours/", {"mon": ""})
    assert hours_of(user) == {}


@pytest.mark.parametrize("text", ["nine", "12-9", "9-12, 11-13", "1-2, 3-4, 5-6, 7-8, 9-10"])
def test_hours_that_make_no_sense_stand_beside_their_day(pages_as: PagesAs, text: str) -> None:
    user = FreelancerFactory.create(freelancer_profile__weekly_hours={"sun": [["09:00", "10:00"]]})
    answer = pages_as(user).post("/settings/profile/hours/", {"mon": "9-12", "tue": text})
    assert list(answer.context["form"].errors) == ["tue"]
    assert "Tuesday" not in answer.context["form"].errors["tue"][0]
    assert hours_of(user) == {"sun": [["09:00", "10:00"]]}


def test_mondays_hours_fill_the_workdays_before_they_are_saved(pages_as: PagesAs) -> None:
    user = FreelancerFactory.create()
    client = pages_as(user)
    answer = client.post("/settings/profile/hours/", {"mon": "9-17", "wed": "10-11", "sun": "8-9", "copy": "yes"})
    shown = {field.name: field.value() for field in answer.context["form"]}
    assert {shown[day] for day in ("mon", "tue", "wed", "thu", "fri")} == {"09:00–17:00"}
    assert (shown["sat"] or "", shown["sun"]) == ("", "08:00–09:00")
    assert hours_of(user) == {}
    client.post("/settings/profile/hours/", {day: value or "" for day, value in shown.items()})
    assert len(hours_of(user)) == 6


# --- The address --------------------------------------------------------------------------------


def test_an_address_is_chosen_and_given_up(pages_as: PagesAs) -> None:
    user = UserFactory.create()
    client = pages_as(user)
    client.post("/settings/profile/address/", {"handle": "Nora-Veld"})
    user.refresh_from_db()
    assert user.handle == "nora-veld"
    assert "/people/nora-veld/" in client.get("/settings/profile/address/").content.decode()
    client.post("/settings/profile/address/", {"handle": ""})
    user.refresh_from_db()
    assert user.handle is None


@pytest.mark.parametrize("handle", ["taken", "admin", "x"])
def test_an_address_that_cannot_be_had_stands_beside_its_field(pages_as: PagesAs, handle: str) -> None:
    UserFactory.create(handle="taken")
    answer = pages_as(UserFactory.create()).post("/settings/profile/address/", {"handle": handle})
    assert list(answer.context["form"].errors) == ["handle"]


@pytest.mark.parametrize(
    ("handle", "words"),
    [
        ("nora-veld", "is free"),
        ("taken", "Somebody else"),
        ("staff", "kept for the site"),
        ("a", "3 to 40"),
        ("mine", ""),
    ],
)
def test_it_is_told_while_typing_whether_an_address_is_free(pages_as: PagesAs, handle: str, words: str) -> None:
    UserFactory.create(handle="taken")
    client = pages_as(UserFactory.create(handle="mine"))
    page = client.get("/settings/profile/address/check/", {"handle": handle}).content.decode()
    assert words in page
    assert bool(page.strip()) == bool(words)


# --- Completeness -------------------------------------------------------------------------------


def test_each_side_shows_how_complete_it_is_with_a_link_to_the_field(pages_as: PagesAs) -> None:
    user = UserFactory.create(freelancer_profile__headline="Boats")
    page = pages_as(user).get("/settings/profile/").content.decode()
    assert "At work: 15 % complete" in page
    assert "As a client: 0 % complete" in page
    assert 'href="/settings/profile/#id_skills"' in page
    assert 'href="/settings/profile/#id_about"' in page


def test_who_only_hires_is_asked_for_neither_experience_nor_hours(pages_as: PagesAs) -> None:
    page = pages_as(ClientFactory.create()).get("/settings/profile/").content.decode()
    assert "/settings/profile/hours/" not in page
    assert "/settings/profile/address/" in page


def test_the_dashboard_leads_to_the_next_step(pages_as: PagesAs) -> None:
    page = pages_as(FreelancerFactory.create()).get("/dashboard/").content.decode()
    assert "40 % complete" in page
    assert "/settings/profile/#id_skills" in page
