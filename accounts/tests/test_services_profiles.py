from typing import Any

import pytest

from accounts import services
from accounts.models import FreelancerProfile, Skill, User
from accounts.tests.factories import FreelancerFactory, UserFactory
from core.errors import Invalid
from core.money import Money

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create()


def test_only_what_is_given_changes(user: User) -> None:
    services.update_person(user, person={"first_name": " Nora "}, client={"company_name": "Veld & Co"})
    user = services.update_person(user, freelancer={"headline": "Boats", "hourly_rate": Money(1_250, "KWD")})
    assert user.first_name == "Nora"
    assert user.client_profile.company_name == "Veld & Co"
    assert user.freelancer_profile.headline == "Boats"
    assert user.freelancer_profile.hourly_rate == Money(1_250, "KWD")


def test_unknown_names_are_not_assigned(user: User) -> None:
    services.update_person(
        user,
        person={"is_staff": True, "is_superuser": True, "email": "x@example.com", "email_verified_at": None},
        freelancer={"rating_average": 5, "jobs_done": 99},
        client={"rating_count": 99},
    )
    user.refresh_from_db()
    assert not user.is_staff
    assert not user.is_superuser
    assert user.email != "x@example.com"
    assert user.has_verified_email
    assert user.freelancer_profile.jobs_done == 0
    assert user.client_profile.rating_count == 0


def test_skills_are_known_by_name_or_slug_in_any_case_and_kept_for_search(user: User) -> None:
    services.update_person(user, freelancer={"skills": ["django", "POSTGRESQL", "Django"]})
    profile = FreelancerProfile.objects.get(user=user)
    assert profile.skill_names == ["Django", "PostgreSQL"]
    assert set(profile.skills.values_list("name", flat=True)) == {"Django", "PostgreSQL"}
    assert FreelancerProfile.objects.matching("postgresql").get() == profile


@pytest.mark.parametrize(
    ("freelancer", "field"),
    [
        ({"skills": ["Django", "Telepathy"]}, "skills"),
        ({"skills": "all"}, "skills"),
        ({"category": "no-such-thing"}, "category"),
        ({"languages": ["xx"]}, "languages"),
        ({"language_levels": {"nl": "native"}}, "language_levels"),
        ({"languages": ["nl"], "language_levels": {"nl": "perfect"}}, "language_levels"),
        ({"languages": list("abcdefghijk")}, "languages"),
        ({"links": [f"https://example.com/{n}" for n in range(6)]}, "links"),
    ],
)
def test_what_is_unknown_or_too_much_is_refused_and_nothing_is_kept(
    user: User, freelancer: dict[str, Any], field: str
) -> None:
    if freelancer.get("skills") == "all":
        freelancer = {"skills": list(Skill.objects.values_list("name", flat=True)[:16])}
    with pytest.raises(Invalid) as refusal:
        services.update_person(user, person={"first_name": "Kept"}, freelancer={"headline": "Kept", **freelancer})
    assert list(refusal.value.fields) == [field]
    user.refresh_from_db()
    assert user.first_name != "Kept"
    assert user.freelancer_profile.headline == ""


def test_a_place_is_exact_for_oneself_and_blurred_for_others(user: User) -> None:
    services.set_place(user, lat=51.0543, lng=3.7174, city="Gent", country="BE")
    user.refresh_from_db()
    assert (user.location.y, user.location.x) == (51.0543, 3.7174)
    assert user.public_location != user.location
    assert user.location.distance(user.public_location) < 0.01
    services.set_place(user, lat=51.0543, lng=3.7174, travel_radius_km=40)
    user.refresh_from_db()
    assert (user.city, user.travel_radius_km) == ("Gent", 40)
    services.clear_place(user)
    user.refresh_from_db()
    assert user.location is None
    assert user.public_location is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("packaging", True),
        ("labels", True),
        ("wiśniewski", True),
        ("mateusz wiś", True),
        ("submarine", False),
        ("%", False),
        ('"', False),
    ],
)
def test_people_are_found_by_headline_text_and_name(text: str, found: bool) -> None:
    FreelancerFactory.create(first_name="Mateusz", last_name="Wiśniewski")
    assert FreelancerProfile.objects.matching(text).exists() is found


@pytest.mark.parametrize(("text", "first"), [("java", "Java"), ("postgre", "PostgreSQL"), ("amazon web", "AWS")])
def test_skills_are_found_by_start_likeness_and_other_names(text: str, first: str) -> None:
    assert Skill.objects.search(text)[0].name == first


@pytest.mark.parametrize(
    ("changes", "listed"),
    [
        ({}, True),
        ({"is_active": False}, False),
        ({"email_verified_at": None}, False),
        ({"user_type": "client"}, False),
        ({"user_type": "both"}, True),
        ({"freelancer_profile__headline": ""}, False),
    ],
)
def test_the_directory_lists_confirmed_people_who_say_what_they_do(changes: dict[str, Any], listed: bool) -> None:
    FreelancerFactory.create(**changes)
    assert FreelancerProfile.objects.listed().exists() is listed
