from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import FreelancerProfile, User
from accounts.tests.factories import ClientFactory, FreelancerFactory, SkillFactory, UserFactory
from core.geo import blurred, point

pytestmark = pytest.mark.django_db

ApiAs = Callable[[User], APIClient]
GENT = {"lat": 51.0543, "lng": 3.7174}


def placed(lat: float, lng: float, **fields: Any) -> User:
    place = point(lat, lng)
    return FreelancerFactory.create(location=place, public_location=blurred(place), **fields)


# --- Oneself ------------------------------------------------------------------------------------


def test_me_shows_everything_of_oneself(api_as: ApiAs) -> None:
    user = UserFactory.create(placed=True)
    body = api_as(user).get("/api/auth/me").json()
    assert body == api_as(user).get("/api/users/me").json()
    assert body["email"] == user.email
    assert body["location"] == GENT
    assert {"client", "freelancer"} <= set(body)
    assert "password" not in body


def test_patching_changes_what_is_given(api_as: ApiAs) -> None:
    user = UserFactory.create(first_name="Before")
    body = {
        "last_name": "Veld",
        "time_zone": "Europe/Brussels",
        "freelancer": {
            "headline": "Boats",
            "hourly_rate": "48.50",
            "currency": "eur",
            "skills": ["Django"],
            "languages": ["nl"],
            "category": "web-development",
        },
        "client": {"company_name": "Veld & Co"},
    }
    answer = api_as(user).patch("/api/auth/me", body)
    assert answer.status_code == 200
    me = answer.json()
    assert (me["first_name"], me["last_name"], me["time_zone"]) == ("Before", "Veld", "Europe/Brussels")
    assert me["freelancer"]["hourly_rate"] == "48.50"
    assert me["freelancer"]["currency"] == "EUR"
    assert me["freelancer"]["skills"] == ["Django"]
    assert me["freelancer"]["category"] == "web-development"
    assert me["client"]["company_name"] == "Veld & Co"


def test_languages_come_with_how_well_where_it_is_said(api_as: ApiAs) -> None:
    user = FreelancerFactory.create(freelancer_profile__languages=["nl"])
    client = api_as(user)

    def patch(**freelancer: Any) -> Any:
        return client.patch("/api/auth/me", {"freelancer": freelancer}).json()

    assert client.get("/api/auth/me").json()["freelancer"]["language_levels"] == {}
    assert patch(language_levels={"nl": "native"})["freelancer"]["language_levels"] == {"nl": "native"}
    assert patch(languages=["nl", "en"])["freelancer"]["language_levels"] == {"nl": "native"}
    assert patch(languages=["en"])["freelancer"]["language_levels"] == {}
    assert set(patch(language_levels={"nl": "native"})["fields"]) == {"language_levels"}
    assert patch(language_levels={"en": "perfect"})["error_type"] == "validation_error"
    patch(language_levels={"en": "conversational"})
    for path in (f"/api/freelancers/{user.pk}", "/api/freelancers"):
        answer = client.get(path).json()
        shown = answer["results"][0] if "results" in answer else answer
        assert (shown["languages"], shown["language_levels"]) == (["en"], {"en": "conversational"})


def test_putting_needs_the_whole(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())
    refused = client.put("/api/users/me", {"first_name": "Nora"})
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"last_name", "user_type"})
    whole = {"first_name": "Nora", "last_name": "", "user_type": "both"}
    assert client.put("/api/users/me", whole).status_code == 200
    assert client.patch("/api/users/me", whole).status_code == 405


def test_what_me_answers_can_be_sent_back(api_as: ApiAs) -> None:
    client = api_as(FreelancerFactory.create(freelancer_profile__skills=[SkillFactory.create()]))
    me = client.get("/api/auth/me").json()
    assert client.put("/api/auth/me", me).json() == me


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"first_name": "x" * 81}, "first_name"),
        ({"user_type": "staff"}, "user_type"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"language": "tlh"}, "language"),
        ({"currency": "XXX"}, "currency"),
        ({"freelancer": {"headline": "x" * 121}}, "freelancer.headline"),
        ({"freelancer": {"bio": "x" * 5001}}, "freelancer.bio"),
        ({"freelancer": {"hourly_rate": "-1"}}, "freelancer.hourly_rate"),
        ({"freelancer": {"hourly_rate": "0"}}, "freelancer.hourly_rate"),
        ({"freelancer": {"hourly_rate": "1.005"}}, "freelancer.hourly_rate"),
        ({"freelancer": {"hourly_rate": "1e30"}}, "freelancer.hourly_rate"),
        ({"freelancer": {"hourly_rate": "NaN"}}, "freelancer.hourly_rate"),
        ({"freelancer": {"hourly_rate": True}}, "freelancer.hourly_rate"),
        ({"freelancer": {"skills": ["x" * 81]}}, "freelancer.skills.0"),
        ({"freelancer": {"skills": "Django"}}, "freelancer.skills"),
        ({"freelancer": {"links": ["javascript:alert(1)"]}}, "freelancer.links.0"),
        ({"freelancer": {"experience_level": "wizard"}}, "freelancer.experience_level"),
        ({"freelancer": "boats"}, "freelancer.non_field_errors"),
        ({"client": {"website": "javascript:alert(1)"}}, "client.website"),
        ({"client": {"about": "x" * 2001}}, "client.about"),
        ({"freelancer": {"skills": ["Telepathy"]}}, "skills"),
        ({"freelancer": {"category": "nowhere"}}, "category"),
    ],
)
def test_bad_values_are_refused_at_their_field(api_as: ApiAs, body: dict[str, Any], field: str) -> None:
    answer = api_as(UserFactory.create()).patch("/api/auth/me", body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_rights_ratings_and_addresses_are_never_assigned(api_as: ApiAs) -> None:
    user = UserFactory.create(unverified=True, email="kept@example.com")
    body = {
        "is_staff": True,
        "is_superuser": True,
        "is_active": False,
        "email": "x@example.com",
        "email_verified": True,
        "id": 1,
        "password": "x",
        "freelancer": {"rating": 5, "rating_average": 5, "jobs_done": 9, "user": 1},
        "client": {"rating_count": 9},
    }
    assert api_as(user).patch("/api/auth/me", body).status_code == 200
    user.refresh_from_db()
    assert (user.email, user.is_active, user.is_staff, user.is_superuser) == ("kept@example.com", True, False, False)
    assert not user.has_verified_email
    assert user.freelancer_profile.jobs_done == 0
    assert user.client_profile.rating_count == 0


def test_setting_the_place(api_as: ApiAs) -> None:
    user = UserFactory.create()
    body = GENT | {"city": "Gent", "country": "be", "travel_radius_km": 12}
    answer = api_as(user).put("/api/users/location", body)
    assert answer.status_code == 200
    assert answer.json()["location"] == GENT
    assert (answer.json()["country"], answer.json()["travel_radius_km"]) == ("BE", 12)
    public = api_as(UserFactory.create()).get(f"/api/users/{user.pk}").json()
    assert public["location"] not in (None, GENT)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lat": 90.01}, "lat"),
        ({"lat": -91}, "lat"),
        ({"lng": 180.5}, "lng"),
        ({"lng": -181}, "lng"),
        ({"lat": "north"}, "lat"),
        ({"lat": None}, "lat"),
        ({"country": "XX"}, "country"),
        ({"country": "Belgium"}, "country"),
        ({"city": "x" * 121}, "city"),
        ({"travel_radius_km": 0}, "travel_radius_km"),
        ({"travel_radius_km": 201}, "travel_radius_km"),
    ],
)
def test_places_off_the_globe_are_refused(api_as: ApiAs, changes: dict[str, Any], field: str) -> None:
    user = UserFactory.create()
    answer = api_as(user).put("/api/users/location", GENT | changes)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    user.refresh_from_db()
    assert user.location is None


@pytest.mark.parametrize("body", ['{"lat": NaN, "lng": 1}', '{"lat": Infinity, "lng": 1}', '{"lat": 1e999, "lng": 1}'])
def test_figures_that_are_no_numbers_are_refused(api_as: ApiAs, body: str) -> None:
    client = api_as(UserFactory.create())
    answer = client.generic("PUT", "/api/users/location", body, content_type="application/json")
    assert answer.status_code == 400


def test_availability(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())
    assert client.put("/api/users/availability", {"is_available": False}).json()["is_available"] is False
    assert client.put("/api/users/availability", {"is_available": "perhaps"}).status_code == 400
    assert client.put("/api/users/availability", {}).status_code == 400


# --- Others -------------------------------------------------------------------------------------


def test_a_public_profile_shows_no_secrets(api: APIClient) -> None:
    user = FreelancerFactory.create(placed=True)
    answer = api.get(f"/api/users/{user.pk}")
    assert answer.status_code == 200
    assert user.email not in answer.content.decode()
    assert answer.json()["freelancer"]["headline"] == user.freelancer_profile.headline
    assert answer.json()["location"] != GENT


@pytest.mark.parametrize("fields", [{"is_active": False}, {"email_verified_at": None}])
def test_unconfirmed_and_closed_people_have_no_public_profile(api: APIClient, fields: dict[str, Any]) -> None:
    user = FreelancerFactory.create(**fields)
    assert api.get(f"/api/users/{user.pk}").status_code == 404
    assert api.get(f"/api/freelancers/{user.pk}").status_code == 404
    assert api.get("/api/users/999999999999").status_code == 404


def test_helpers_nearby_are_available_and_nearest_first(api_as: ApiAs) -> None:
    far, near = placed(51.09, 3.72), placed(51.055, 3.718)
    placed(51.055, 3.718, is_available=False)
    placed(48.85, 2.35)
    answer = api_as(ClientFactory.create()).get("/api/users/nearby", GENT | {"radius_km": 20})
    assert [row["id"] for row in answer.json()["results"]] == [near.pk, far.pk]
    assert answer.json()["results"][1]["distance_km"] == pytest.approx(4, abs=1)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "lat"),
        ({"lat": 91, "lng": 0}, "lat"),
        ({"lat": 1}, "lng"),
        ({"lat": "nan", "lng": 1}, "lat"),
        (GENT | {"radius_km": -1}, "radius_km"),
        (GENT | {"radius_km": 100_000}, "radius_km"),
    ],
)
def test_bad_searches_around_a_place(api_as: ApiAs, query: dict[str, Any], field: str) -> None:
    answer = api_as(UserFactory.create()).get("/api/users/nearby", query)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


# --- The directory ------------------------------------------------------------------------------


def test_the_directory_is_open_and_shows_what_decides(api: APIClient) -> None:
    user = FreelancerFactory.create(placed=True, freelancer_profile__skills=[SkillFactory.create(name="Sail making")])
    body = api.get("/api/freelancers").json()
    assert body["count"] == 1
    row = body["results"][0]
    assert (row["id"], row["hourly_rate"], row["currency"], row["skills"]) == (
        user.pk,
        "48.00",
        "USD",
        ["Sail making"],
    )
    assert "distance_km" not in row
    detail = api.get(f"/api/freelancers/{user.pk}").json()
    assert detail["bio"] == user.freelancer_profile.bio
    assert set(row) < set(detail)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "packaging"}, "AB"),
        ({"q": "Anna"}, "A"),
        ({"skills": "Sail making"}, "A"),
        ({"skills": "Sail making,Rope work"}, ""),
        ({"category": "design"}, "A"),
        ({"category": "brand-identity"}, "A"),
        ({"rate_min": "50"}, "B"),
        ({"rate_max": "50"}, "A"),
        ({"rate_min": "10", "currency": "EUR"}, ""),
        ({"experience": "expert"}, "B"),
        ({"experience": ["expert", "intermediate"]}, "AB"),
        ({"rating_min": "4.5"}, "A"),
        ({"available": "true"}, "A"),
        ({"language": "nl"}, "B"),
        (GENT | {"radius_km": 5}, "A"),
        ({"q": "packaging", "rate_max": "50"}, "A"),
    ],
)
def test_the_directory_is_narrowed(api: APIClient, query: dict[str, Any], found: str) -> None:
    anna = FreelancerFactory.create(
        first_name="Anna",
        placed=True,
        freelancer_profile__rating_average="4.80",
        freelancer_profile__skills=[SkillFactory.create(name="Sail making")],
    )
    api.force_authenticate(anna)
    api.patch("/api/auth/me", {"freelancer": {"category": "brand-identity"}})
    api.force_authenticate(None)
    bert = FreelancerFactory.create(
        first_name="Bert",
        is_available=False,
        freelancer_profile__hourly_rate_minor=90_00,
        freelancer_profile__experience_level="expert",
        freelancer_profile__languages=["nl"],
    )
    names = {anna.pk: "A", bert.pk: "B"}
    rows = api.get("/api/freelancers", query).json()["results"]
    assert "".join(sorted(names[row["id"]] for row in rows)) == found


@pytest.mark.parametrize(
    ("ordering", "expected"), [("", "BA"), ("rate", "AB"), ("-rate", "BA"), ("-created_at", "BA"), ("created_at", "AB")]
)
def test_the_directory_is_sorted(api: APIClient, ordering: str, expected: str) -> None:
    first = FreelancerFactory.create(freelancer_profile__rating_average="3.00")
    second = FreelancerFactory.create(
        freelancer_profile__rating_average="4.00", freelancer_profile__hourly_rate_minor=90_00
    )
    names = {first.pk: "A", second.pk: "B"}
    rows = api.get("/api/freelancers", {"ordering": ordering}).json()["results"]
    assert "".join(names[row["id"]] for row in rows) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"rate_min": "-1"}, "rate_min"),
        ({"rate_min": "x"}, "rate_min"),
        ({"rate_max": "1.001"}, "rate_max"),
        ({"rate_max": "NaN"}, "rate_max"),
        ({"currency": "XXX"}, "currency"),
        ({"experience": "wizard"}, "experience"),
        ({"rating_min": "6"}, "rating_min"),
        ({"ordering": "password"}, "ordering"),
        ({"q": "x" * 201}, "q"),
        ({"q": "a\0b"}, "q"),
        ({"lat": "95", "lng": "1"}, "lat"),
        ({"lng": "1"}, "lat"),
    ],
)
def test_bad_filters_are_refused_at_their_name(api: APIClient, query: dict[str, Any], field: str) -> None:
    answer = api.get("/api/freelancers", query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_filter_options_count_what_the_filters_find(api: APIClient) -> None:
    FreelancerFactory.create(freelancer_profile__languages=["nl", "en"], freelancer_profile__rating_average="4.60")
    FreelancerFactory.create(is_available=False, freelancer_profile__languages=["en"])
    FreelancerFactory.create(unverified=True)
    FreelancerProfile.objects.filter(languages=["en"]).update(experience_level="expert")
    options = api.get("/api/freelancers/filters").json()
    assert (options["count"], options["available"]) == (2, 1)
    assert {option["value"]: option["count"] for option in options["languages"]} == {"en": 2, "nl": 1}
    assert {option["value"]: option["count"] for option in options["experience"]} == {
        "entry": 0,
        "intermediate": 1,
        "expert": 1,
    }
    assert {option["value"]: option["count"] for option in options["ratings"]} == {"3": 1, "4": 1, "4.5": 1}
    assert options["rates"] == [{"currency": "USD", "min": "48.00", "max": "48.00", "count": 2}]


def test_filter_options_are_counted_once_a_minute(api: APIClient, django_assert_num_queries: Any) -> None:
    api.get("/api/freelancers/filters")
    FreelancerFactory.create()
    with django_assert_num_queries(0):
        assert api.get("/api/freelancers/filters").json()["count"] == 0


@pytest.mark.parametrize("path", ["/api/freelancers", "/api/users/nearby?lat=51.0543&lng=3.7174", "/api/users"])
def test_lists_ask_as_often_for_many_rows_as_for_few(
    api_as: ApiAs, path: str, django_assert_max_num_queries: Any
) -> None:
    client = api_as(UserFactory.create(staff=True))
    for _ in range(5):
        FreelancerFactory.create(placed=True)
    client.get(path)  # a process's first search by place also asks what a degree is
    with django_assert_max_num_queries(2):
        client.get(path)
    for _ in range(20):
        FreelancerFactory.create(placed=True, freelancer_profile__skills=[SkillFactory.create()])
    separator = "&" if "?" in path else "?"
    with django_assert_max_num_queries(2):
        assert len(client.get(f"{path}{separator}page_size=25").json()["results"]) == 25


# --- Staff --------------------------------------------------------------------------------------


def test_staff_lists_searches_and_enters_people(api_as: ApiAs) -> None:
    staff = UserFactory.create(staff=True, email="staff@example.com")
    UserFactory.create(first_name="Nora", last_name="Veld")
    client = api_as(staff)
    assert client.get("/api/users").json()["count"] == 2
    assert client.get("/api/users", {"search": "ora v"}).json()["count"] == 1
    assert client.get("/api/users", {"search": "staff@"}).json()["count"] == 1
    body = {"email": "x@example.com", "password": "four words make one", "first_name": "X", "last_name": ""}
    answer = client.post("/api/users", body | {"user_type": "both", "is_staff": True})
    assert answer.status_code == 201
    assert not User.objects.get(email="x@example.com").is_staff


def test_others_do_not_see_accounts(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())
    assert client.get("/api/users").status_code == 403
    assert client.post("/api/users", {}).status_code == 403


# --- Skills and categories ----------------------------------------------------------------------


def test_skills_are_searched_and_paged(api: APIClient) -> None:
    body = api.get("/api/skills").json()
    assert body["count"] > 400
    assert len(body["results"]) == 20
    found = api.get("/api/skills", {"search": "djan"}).json()["results"]
    assert found[0] == {"id": found[0]["id"], "name": "Django", "slug": "django", "category": "web-development"}
    assert api.get("/api/skills", {"search": "x" * 81}).status_code == 400
    assert api.get("/api/skills", {"category": "web-development"}).json()["count"] > 5


def test_categories_are_a_tree(api: APIClient, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        body = api.get("/api/categories").json()
    assert body["next"] is None
    assert body["count"] == len(body["results"]) > 10
    design = next(row for row in body["results"] if row["slug"] == "design")
    assert design["kind"] == "remote"
    assert "brand-identity" in [child["slug"] for child in design["children"]]
    assert any(row["kind"] == "local" for row in body["results"])
