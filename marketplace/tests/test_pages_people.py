"""The directory and profiles, as pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import ClientFactory, FreelancerFactory, SkillFactory, UserFactory
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
