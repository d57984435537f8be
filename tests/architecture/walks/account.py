"""Strangers, and a person's own account."""

from collections.abc import Callable

from accounts import services
from accounts.models import User
from accounts.signing import sign_address, sign_address_change
from accounts.tests.authenticators import SoftKey, app_code
from accounts.tests.factories import PASSWORD, UserFactory
from tests.architecture.described import Reader
from tests.architecture.walks.cast import HERE, Cast, picture_file


def walk_as_stranger(cast: Cast) -> None:
    for path in (
        "", "/health/live", "/health/ready", "/health/metrics", "/skills", "/categories", "/freelancers", "/freelancers/filters",
        "/projects", "/projects/filters", "/gigs",
    ):  # fmt: skip
        cast.stranger.get(f"/api{path}")
    cast.stranger.get(f"/api/freelancers/{cast.freelancer_person.pk}")
    cast.stranger.get(f"/api/users/{cast.freelancer_person.pk}")
    body = {"email": "new@example.com", "password": PASSWORD, "first_name": "New", "last_name": "Fox"}
    cast.stranger.call("POST", "/api/auth/register", body | {"user_type": "both"})
    for path in ("resend-verification", "forgot-password"):
        cast.stranger.call("POST", f"/api/auth/{path}", {"email": "new@example.com"})
    newcomer = User.objects.get(email="new@example.com")
    cast.stranger.call("POST", "/api/auth/verify-email", {"token": sign_address(newcomer, newcomer.email)})
    tokens = cast.stranger.call("POST", "/api/auth/login", {"email": "new@example.com", "password": PASSWORD})
    pair = cast.stranger.call("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    cast.stranger.call("POST", "/api/auth/logout", {"refresh_token": pair["refresh_token"]})


def walk_through_the_account(cast: Cast) -> None:
    me = cast.freelancer
    me.get("/api/auth/me")
    me.get("/api/users/me")
    me.call(
        "PATCH", "/api/auth/me", {"first_name": "Femi", "freelancer": {"hourly_rate": "50.00", "skills": ["Figma"]}}
    )
    me.call("PUT", "/api/users/location", {**HERE, "city": "Gent", "country": "BE", "travel_radius_km": 10})
    me.call("PUT", "/api/users/availability", {"is_available": True})
    me.get("/api/users/nearby", **HERE, radius_km=20)
    me.get("/api/auth/sessions")
    me.get("/api/account/security-events")
    me.call("POST", "/api/upload/profile", {"file": picture_file()}, format="multipart")
    me.call("POST", "/api/auth/change-password", {"old_password": PASSWORD, "new_password": "another-long-phrase"})
    me.get("/api/freelancers/filters")
    walk_through_the_profile(cast)
    cast.staff.get("/api/users")
    person = {"email": "added@example.com", "password": PASSWORD, "first_name": "Ada", "user_type": "client"}
    cast.staff.call("POST", "/api/users", person | {"last_name": "Fox"})
    announcement = {
        "user_id": cast.client_person.pk,
        "title": "Maintenance",
        "message": "Tonight",
        "data": {"at": "22:00"},
    }
    cast.staff.call("POST", "/api/ws/send-notification", announcement)


def walk_through_the_profile(cast: Cast) -> None:
    me = cast.freelancer
    hours = {"mon": [["09:00", "12:30"], ["14:00", "18:00"]], "sat": [["10:00", "24:00"]]}
    me.call("PATCH", "/api/auth/me", {"handle": "femi-fox", "freelancer": {"weekly_hours": hours}})
    entry = {"kind": "work", "title": "Joiner", "organisation": "Claes & Zoon", "started": "2019-09-01"}
    added = me.call("POST", "/api/users/me/entries", entry)
    path = f"/api/users/me/entries/{added['id']}"
    me.call("PATCH", path, {"ended": "2024-01-31"})
    me.call("PUT", path, {"title": "Joiner", "organisation": "Claes", "link": "https://claes.example"})
    me.get(path)
    me.get("/api/users/me/entries")
    me.get(f"/api/users/{cast.freelancer_person.pk}")
    me.get(f"/api/freelancers/{cast.freelancer_person.pk}")
    gone = me.call("POST", "/api/users/me/entries", entry | {"kind": "certificate"})
    me.call("DELETE", f"/api/users/me/entries/{gone['id']}")


def walk_through_the_life_of_an_account(cast: Cast, run_jobs: Callable[[], list[str]]) -> None:
    person, staff = UserFactory.create(), [UserFactory.create(staff=True) for _ in range(2)]
    me = Reader(cast.client.description).sign_in(person.email, PASSWORD)
    me.get("/api/account/standing")
    picture = me.call("POST", "/api/uploads", {"file": picture_file(), "kind": "identity"}, format="multipart")
    check = me.call("POST", "/api/account/identity", {"document": "passport", "file_ids": [picture["id"]]})
    services.decide_identity(staff[0], check_id=check["id"], approve=True)
    me.get("/api/account/identity")
    me.call("POST", "/api/account/exports", {})
    run_jobs()
    assert me.get("/api/account/exports")["results"][0]["url"]
    me.call("POST", "/api/auth/change-email", {"new_email": "another@example.com", "password": PASSWORD})
    token = sign_address_change(person.email_changes.get().pk, "old")
    me.call("POST", "/api/auth/confirm-email-change", {"token": token})
    services.suspend(staff[0], user_id=person.pk, rule="abuse", evidence="messages", reason="Threats")
    me.client.credentials()
    me.sign_in(person.email, PASSWORD)
    me.call("POST", "/api/account/appeal", {"text": "Not me"})
    appeal = person.suspensions.get().appeal
    services.decide_appeal(staff[1], appeal_id=appeal.pk, uphold=False, answer="It stays")
    assert me.get("/api/account/standing")["suspension"]["appeal"]["upheld"] is False
    me.call("POST", "/api/account/deactivate")
    me.client.credentials()
    tokens = me.call("POST", "/api/auth/login", {"email": person.email, "password": PASSWORD, "reactivate": True})
    me.client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    me.call("POST", "/api/account/erase", {"email": person.email})


def walk_through_second_factors(cast: Cast) -> None:
    """Of somebody else, whose sessions end by it."""
    person = UserFactory.create()
    me = Reader(cast.stranger.description).sign_in(person.email, PASSWORD)
    me.call("POST", "/api/auth/confirm", {"password": PASSWORD})
    me.call("POST", "/api/auth/2fa/enable")
    me.call("POST", "/api/auth/2fa/confirm", {"code": app_code(person)})
    me.get("/api/auth/2fa/status")
    [code, *_rest] = me.call("POST", "/api/auth/2fa/backup-codes", {})["backup_codes"]
    first = cast.stranger.call("POST", "/api/auth/login", {"email": person.email, "password": PASSWORD})
    step = {"two_factor_token": first["two_factor_token"], "code": code}
    cast.stranger.call("POST", "/api/auth/2fa/verify", step)
    key = SoftKey()
    question = me.call("POST", "/api/auth/passkeys/options")["public_key"]
    passkey = me.call("POST", "/api/auth/passkeys", {"name": "Desk key", "credential": key.create(question)})
    me.get("/api/auth/passkeys")
    me.call("PATCH", f"/api/auth/passkeys/{passkey['id']}", {"name": "Drawer key"})
    question = cast.stranger.call("POST", "/api/auth/passkey/options")["public_key"]
    cast.stranger.call("POST", "/api/auth/passkey/verify", {"credential": key.get(question)})
    me.call("DELETE", f"/api/auth/passkeys/{passkey['id']}")
    me.call("POST", "/api/auth/2fa/disable", {"end_other_sessions": True})
    me.call("DELETE", "/api/auth/sessions")
