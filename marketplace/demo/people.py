"""The people of the town: how they joined."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import ClientProfile, FreelancerProfile, User
from accounts.services import add_entry, change_handle, set_place, update_person, uploads
from core.money import Money
from marketplace.demo import content
from marketplace.demo.content import Item
from marketplace.demo.stage import Act

PASSWORD = "guildhall-demo"  # noqa: S105 - of people who never exist in production


def joining(now: datetime) -> Iterator[Act]:
    past = content.experience()
    for person in content.people():
        person["experience"] = past.get(person["email"], {})
        at = now - timedelta(days=person["joined_days_ago"])
        yield Act(at, f"{person['email']} joins", lambda person=person, at=at: _join(person, at))  # type: ignore[misc]


@cache
def demo_person(email: str) -> User:
    return User.objects.with_profiles().get(email=email)  # type: ignore[no-any-return]


def picture(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes(), "image/webp")


@cache
def password_hash() -> str:
    """Hashed once: it costs a tenth of a second by design."""
    return make_password(PASSWORD)


def _join(person: Item, at: datetime) -> None:
    """Registered, verified and with a complete profile at once, without the letters of a registration."""
    group = person.get("staff_group")
    user = User.objects.create(
        email=person["email"],
        first_name=person["first_name"],
        last_name=person["last_name"],
        user_type=person["user_type"],
        password=password_hash(),
        email_verified_at=at,
        city=person["city"],
        country=person["country"],
        time_zone=person["time_zone"],
        currency=person["currency"],
        is_available=person.get("available", True),
        is_staff=bool(group),
        date_joined=at,
    )
    ClientProfile.objects.create(user=user)
    FreelancerProfile.objects.create(user=user)
    user = update_person(user, client=_client_side(person), freelancer=_freelancer_side(person))
    if place := person.get("location"):
        set_place(user, **place, travel_radius_km=person.get("travel_radius_km"))
    if person["avatar"]:
        uploads.set_avatar(user, file=picture(content.FACES / person["avatar"]))
    _add_experience(user, person["experience"])
    if group:
        user.groups.add(Group.objects.get(name=group))
        TOTPDevice.objects.create(user=user, name="Demo", confirmed=True)


def _add_experience(user: User, past: Item) -> None:
    if handle := past.get("handle"):
        change_handle(user, handle=handle)
    for entry in past.get("entries", []):
        months = {name: date.fromisoformat(f"{entry[name]}-01") for name in ("started", "ended") if name in entry}
        add_entry(user, values=entry | months)


def _client_side(person: Item) -> Item:
    if company := person.get("company"):
        return {"company_name": company["name"], "about": company["about"], "website": company["website"]}
    return {"about": person["bio"]} if person["user_type"] == "client" else {}


def _freelancer_side(person: Item) -> Item:
    side = {
        "headline": person["headline"],
        "bio": person["bio"],
        "languages": [language["code"] for language in person["languages"]],
        "language_levels": {language["code"]: language["level"] for language in person["languages"]},
        "links": [link["url"] for link in person.get("links", [])],
        "skills": person.get("skills", []),
        "weekly_hours": person["experience"].get("weekly_hours", {}),
    }
    if "hourly_rate" not in person:
        return side
    return side | {
        "hourly_rate": Money.parse(person["hourly_rate"], person["currency"]),
        "experience_level": person["experience_level"],
        "category": person["category"],
    }
