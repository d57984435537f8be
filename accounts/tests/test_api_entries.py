from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ProfileEntry, User
from accounts.rules import MAX_ENTRIES, EntryKind
from accounts.tests.factories import FreelancerFactory, ProfileEntryFactory, UserFactory

pytestmark = pytest.mark.django_db

ApiAs = Callable[[User], APIClient]
PATH = "/api/users/me/entries"
WORK = {"kind": "work", "title": "Joiner", "organisation": "Claes & Zoon", "started": "2019-09-17"}


def test_an_entry_is_added_read_changed_and_removed(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())
    added = client.post(PATH, WORK)
    assert added.status_code == 201
    entry = added.json()
    assert entry == {
        **WORK,
        "id": entry["id"],
        "started": "2019-09-01",
        "ended": None,
        "description": "",
        "link": "",
    }
    one = f"{PATH}/{entry['id']}"
    assert client.get(one).json() == entry
    assert client.get(PATH).json()["results"] == [entry]
    assert client.patch(one, {"ended": "2024-02-29"}).json()["ended"] == "2024-02-01"
    replaced = client.put(one, {"title": "Foreman", "organisation": "Claes"}).json()
    assert (replaced["title"], replaced["started"], replaced["kind"]) == ("Foreman", None, "work")
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_the_same_key_adds_once(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())
    answers = [client.post(PATH, WORK, headers={"Idempotency-Key": "k"}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert ProfileEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "hobby"}, "kind"),
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"organisation": " "}, "organisation"),
        ({"started": "2019"}, "started"),
        ({"started": "2999-01-01"}, "started"),
        ({"ended": "2019-08-01"}, "ended"),
        ({"description": "x" * 1001}, "description"),
        ({"link": "javascript:alert(1)"}, "link"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(api_as: ApiAs, changes: dict[str, str], field: str) -> None:
    answer = api_as(UserFactory.create()).post(PATH, WORK | changes)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not ProfileEntry.objects.exists()


def test_too_many_of_a_kind_are_refused(api_as: ApiAs) -> None:
    user = UserFactory.create()
    ProfileEntryFactory.create_batch(MAX_ENTRIES[EntryKind.WORK], user=user, kind="work")
    answer = api_as(user).post(PATH, WORK)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["kind"])


def test_the_owner_and_the_time_of_an_entry_are_not_assigned(api_as: ApiAs) -> None:
    user, other = UserFactory.create(), UserFactory.create()
    body = WORK | {"id": 7, "user": other.pk, "user_id": other.pk, "created_at": "2001-01-01T00:00:00Z"}
    added = api_as(user).post(PATH, body).json()
    api_as(user).patch(f"{PATH}/{added['id']}", {"user": other.pk, "kind": "education"})
    entry = ProfileEntry.objects.get()
    assert (entry.user, entry.kind, entry.created_at.year > 2001) == (user, "work", True)
    assert entry.pk != 7


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_somebody_elses_entry_is_not_there(api_as: ApiAs, method: str) -> None:
    entry = ProfileEntryFactory.create()
    body = {"title": "Mine", "organisation": "Mine"}
    assert getattr(api_as(UserFactory.create()), method)(f"{PATH}/{entry.pk}", body).status_code == 404
    entry.refresh_from_db()
    assert entry.title == "Joiner"


def test_strangers_are_asked_who_they_are(api: APIClient) -> None:
    assert api.get(PATH).status_code == 401
    assert api.post(PATH, WORK).status_code == 401


# --- The rest of a profile ----------------------------------------------------------------------


def test_the_public_profile_has_address_hours_and_entries(api: APIClient) -> None:
    hours = {"mon": [["09:00", "12:30"]]}
    user = FreelancerFactory.create(handle="nora", time_zone="Europe/Brussels", freelancer_profile__weekly_hours=hours)
    ProfileEntryFactory.create(user=user)
    person = api.get(f"/api/users/{user.pk}").json()
    assert (person["handle"], person["url"], person["time_zone"]) == ("nora", "/people/nora/", "Europe/Brussels")
    assert person["freelancer"]["weekly_hours"] == hours
    assert [(entry["title"], entry["started"]) for entry in person["entries"]] == [("Joiner", "2019-09-01")]
    offer = api.get(f"/api/freelancers/{user.pk}").json()
    assert (offer["handle"], offer["weekly_hours"], offer["entries"]) == ("nora", hours, person["entries"])


def test_lists_leave_out_hours_and_entries(api: APIClient) -> None:
    FreelancerFactory.create()
    row = api.get("/api/freelancers").json()["results"][0]
    assert {"weekly_hours", "entries", "bio"} & set(row) == set()


def test_hours_and_address_are_changed_through_me(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())
    hours = {"tue": [["14:00", "18:00"], ["09:00", "12:30"]], "wed": []}
    me = client.patch("/api/auth/me", {"handle": "nora-veld", "freelancer": {"weekly_hours": hours}}).json()
    assert me["handle"] == "nora-veld"
    assert me["freelancer"]["weekly_hours"] == {"tue": [["09:00", "12:30"], ["14:00", "18:00"]]}
    assert client.put("/api/auth/me", me).json() == me
    assert client.patch("/api/auth/me", {"handle": None}).json()["handle"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"handle": "admin"}, "handle"),
        ({"handle": "taken"}, "handle"),
        ({"handle": "x"}, "handle"),
        ({"freelancer": {"weekly_hours": {"mon": [["12:00", "09:00"]]}}}, "freelancer.weekly_hours"),
        ({"freelancer": {"weekly_hours": {"someday": []}}}, "freelancer.weekly_hours"),
        ({"freelancer": {"weekly_hours": "always"}}, "freelancer.weekly_hours"),
    ],
)
def test_bad_hours_and_addresses_are_refused(api_as: ApiAs, body: dict[str, Any], field: str) -> None:
    UserFactory.create(handle="taken")
    answer = api_as(UserFactory.create()).patch("/api/auth/me", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_me_says_how_complete_the_profile_is_and_what_counts_most_next(api_as: ApiAs) -> None:
    user = FreelancerFactory.create(placed=True)
    ProfileEntryFactory.create(user=user)
    found = api_as(user).get("/api/users/me").json()["completeness"]
    assert found["percent"] == 55  # headline, bio, rate, entry, place
    assert found["next_step"]["code"] == "skills"
    assert found["next_step"]["url"] == "/settings/profile/#id_skills"
    empty = api_as(UserFactory.create(user_type="client")).get("/api/users/me").json()["completeness"]
    assert (empty["percent"], empty["next_step"]["code"]) == (0, "about")


def test_how_complete_it_is_cannot_be_assigned(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())
    before = client.get("/api/users/me").json()["completeness"]
    assert client.patch("/api/auth/me", {"completeness": {"percent": 100}}).json()["completeness"] == before
