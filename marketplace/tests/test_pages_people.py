"""The directory and profiles, as pages."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import ClientFactory, FreelancerFactory, ProfileEntryFactory, SkillFactory, UserFactory
from gigs.tests.factories import make_gig
from reviews.models import Review

pytestmark = pytest.mark.django_db

PagesAs = Callable[[User], Client]


def review(reviewee: User, rating: int, **fields: Any) -> Review:
    gig = make_gig()
    given = {"side": "freelancer", "comment": "Straight lines.", "published_at": timezone.now()} | fields
    return Review.objects.create(
        gig=gig,
        reviewer=gig.seeker,
        reviewee=reviewee,
        rating=rating,
        reveal_at=timezone.now() + timedelta(days=14),
        **given,
    )


def test_the_directory_is_open_to_everybody(client: Client) -> None:
    user = FreelancerFactory.create(placed=True)
    page = client.get("/people/").content.decode()
    assert user.get_full_name().replace("'", "&#x27;") in page
    assert f"/people/{user.pk}/" in page
    assert "Gent, Belgium" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("q=packaging", 2),
        ("q=submarine", 0),
        ("skills=Sail+making", 1),
        ("skills=Sail+making&skills=Rope+work", 0),
        ("rate_min=50", 1),
        ("experience=expert", 1),
        ("ordering=-rate", 2),
        ("available=true", 2),
        ("category=&rating_min=&language=&rate_min=", 2),
    ],
)
def test_the_directory_is_narrowed(client: Client, query: str, found: int) -> None:
    FreelancerFactory.create(freelancer_profile__skills=[SkillFactory.create(name="Sail making")])
    FreelancerFactory.create(freelancer_profile__hourly_rate_minor=90_00, freelancer_profile__experience_level="expert")
    answer = client.get(f"/people/?{query}")
    assert len(answer.context["rows"]) == found


@pytest.mark.parametrize(
    "query", ["rate_min=x", "ordering=password", "lat=95&lng=1", "rating_min=9", "page=0", "page=x", "page=99"]
)
def test_what_makes_no_sense_is_left_out(client: Client, query: str) -> None:
    FreelancerFactory.create()
    answer = client.get(f"/people/?{query}")
    assert answer.status_code == 200
    assert len(answer.context["rows"]) == 1


def test_each_filter_can_be_taken_away(client: Client) -> None:
    FreelancerFactory.create()
    answer = client.get("/people/?experience=expert&experience=entry&rate_min=20&q=x&ordering=rate")
    used = {chip["label"]: chip["url"] for chip in answer.context["used"]}
    assert set(used) == {"Expert", "Entry", "From 20 USD an hour"}
    assert "experience=entry" in used["Expert"]
    assert "experience=expert" not in used["Expert"]
    assert answer.context["clear_url"] == "/people/?q=x&ordering=rate"
    assert answer.context["filter_count"] == 3


def test_the_directory_asks_as_often_for_many_rows(client: Client, django_assert_max_num_queries: Any) -> None:
    counts = []
    for _ in range(2):
        for _ in range(9):
            FreelancerFactory.create(placed=True, freelancer_profile__skills=[SkillFactory.create()])
        client.get("/people/")
        with django_assert_max_num_queries(4) as queries:
            client.get("/people/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_profile_shows_rate_skills_and_published_reviews(client: Client) -> None:
    user = FreelancerFactory.create(freelancer_profile__skills=[SkillFactory.create(name="Sail making")])
    review(user, 5)
    review(user, 4, comment="Hidden words.", published_at=None)
    answer = client.get(f"/people/{user.pk}/")
    page = answer.content.decode()
    assert "$48.00" in page
    assert "$43.20" in page
    assert "Sail making" in page
    assert "Straight lines." in page
    assert "Hidden words." not in page
    assert answer.context["bars"] == [(5, 1), (4, 0), (3, 0), (2, 0), (1, 0)]
    assert user.email not in page


def test_people_who_do_both_are_shown_from_either_side(client: Client) -> None:
    user = UserFactory.create(client_profile__company_name="Veld & Co", freelancer_profile__headline="Boats")
    assert "Boats" in client.get(f"/people/{user.pk}/").content.decode()
    page = client.get(f"/people/{user.pk}/?side=client").content.decode()
    assert "Veld &amp; Co" in page
    assert "Boats" not in page
    assert client.get(f"/people/{ClientFactory.create().pk}/").context["side"] == "client"


def test_unconfirmed_people_are_seen_by_themselves_only(client: Client, pages_as: PagesAs) -> None:
    user = FreelancerFactory.create(unverified=True)
    closed = FreelancerFactory.create(is_active=False)
    assert client.get(f"/people/{user.pk}/").status_code == 404
    assert client.get(f"/people/{closed.pk}/").status_code == 404
    assert pages_as(FreelancerFactory.create()).get(f"/people/{user.pk}/").status_code == 404
    assert pages_as(user).get(f"/people/{user.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("there", "here", "words"),
    [
        ("Africa/Lagos", "UTC", "1 hour ahead of you"),
        ("UTC", "Asia/Kolkata", "5.5 hours behind you"),
        ("UTC", "UTC", "as with you"),
    ],
)
def test_the_clock_is_compared_with_the_readers(pages_as: PagesAs, there: str, here: str, words: str) -> None:
    user = FreelancerFactory.create(time_zone=there)
    reader = ClientFactory.create(time_zone=here)
    assert words in pages_as(reader).get(f"/people/{user.pk}/").context["clock"]


def test_a_profile_asks_as_often_for_many_reviews(client: Client, django_assert_max_num_queries: Any) -> None:
    user = FreelancerFactory.create()
    counts = []
    for _ in range(2):
        for _ in range(5):
            review(user, 5)
        with django_assert_max_num_queries(8) as queries:
            client.get(f"/people/{user.pk}/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Hours and experience -----------------------------------------------------------------------

HOURS = {"mon": [["09:00", "12:30"]], "tue": [["09:00", "12:30"]], "thu": [["22:00", "24:00"]]}


def person_with_hours() -> User:
    return FreelancerFactory.create(time_zone="Asia/Tokyo", freelancer_profile__weekly_hours=HOURS)  # no summer time


def test_hours_stand_on_both_clocks(pages_as: PagesAs) -> None:
    user = person_with_hours()
    reader = ClientFactory.create(time_zone="Asia/Kolkata")
    answer = pages_as(reader).get(f"/people/{user.pk}/")
    rows = [(str(row["first"]), str(row["last"]), *row["times"]) for row in answer.context["hours"]]
    assert rows == [
        ("Mon", "Tue", "09:00–12:30", "05:30–09:00"),
        ("Thu", "Thu", "22:00–24:00", "18:30–20:30"),
    ]
    assert "your time 05:30–09:00" in answer.content.decode()
    user = FreelancerFactory.create(time_zone="America/Phoenix", freelancer_profile__weekly_hours={"sun": HOURS["thu"]})
    rows = pages_as(reader).get(f"/people/{user.pk}/").context["hours"]
    assert [row["times"][1] for row in rows] == ["10:30–12:30 the day after"]


def test_hours_of_another_day_say_so(pages_as: PagesAs) -> None:
    user = person_with_hours()
    rows = pages_as(ClientFactory.create(time_zone="America/Phoenix")).get(f"/people/{user.pk}/").context["hours"]
    assert [row["times"][1] for row in rows] == ["17:00–20:30 the day before", "06:00–08:00"]


def test_hours_are_said_once_to_strangers_and_on_the_same_clock(client: Client, pages_as: PagesAs) -> None:
    user = person_with_hours()
    for reader in (client, pages_as(ClientFactory.create(time_zone="Asia/Seoul"))):
        assert "your time" not in reader.get(f"/people/{user.pk}/").content.decode()


def test_experience_is_shown_by_kind_and_time(client: Client) -> None:
    user = FreelancerFactory.create()
    ProfileEntryFactory.create(user=user, title="Joiner", started=date(2019, 9, 1))
    ProfileEntryFactory.create(user=user, title="Carpentry", kind="education", ended=date(2020, 1, 1))
    answer = client.get(f"/people/{user.pk}/")
    shown = [(str(group["title"]), [row["title"] for row in group["rows"]]) for group in answer.context["experience"]]
    assert shown == [("Work", ["Joiner"]), ("Education", ["Carpentry"])]
    assert "since Sep 2019" in answer.content.decode()


def test_what_is_missing_is_told_to_the_owner_alone(client: Client, pages_as: PagesAs) -> None:
    user = FreelancerFactory.create()
    mine = pages_as(user).get(f"/people/{user.pk}/").content.decode()
    assert "Only you see this" in mine
    assert "40 % complete" in mine
    for page in (client, pages_as(ClientFactory.create())):
        theirs = page.get(f"/people/{user.pk}/").content.decode()
        assert "nly you see this" not in theirs
        assert "complete" not in theirs
        for part in ("work", "education", "certificate", "hours", "links", "experience"):
            assert f'id="{part}"' not in theirs


def test_a_profile_with_nothing_at_all_is_readable(client: Client) -> None:
    user = UserFactory.create(last_name="")
    for side in ("", "?side=client"):
        assert user.first_name in client.get(f"/people/{user.pk}/{side}").content.decode()


# --- The address --------------------------------------------------------------------------------


def test_the_number_leads_to_the_chosen_address(client: Client) -> None:
    user = UserFactory.create(handle="nora")
    answer = client.get(f"/people/{user.pk}/?side=client")
    assert (answer.status_code, answer["Location"]) == (301, "/people/nora/?side=client")
    assert answer["Cache-Control"] == "no-cache"
    assert client.get("/people/NORA/")["Location"] == "/people/nora/"
    assert client.get("/people/nora/").status_code == 200
    assert 'href="/people/nora/?side=client"' in client.get("/people/nora/").content.decode()


def test_an_address_that_nobody_has_or_may_see_is_not_there(client: Client, pages_as: PagesAs) -> None:
    hidden = UserFactory.create(handle="hidden", unverified=True)
    assert client.get("/people/nobody/").status_code == 404
    assert client.get("/people/hidden/").status_code == 404
    assert client.get(f"/people/{hidden.pk}/").status_code == 404
    assert pages_as(hidden).get("/people/hidden/").status_code == 200


def test_the_directory_leads_to_the_chosen_address(client: Client) -> None:
    FreelancerFactory.create(handle="nora")
    assert 'href="/people/nora/"' in client.get("/people/").content.decode()
