"""Every answer of the API has the keys and types that its description declares: no more, no fewer.

Serializers build their answers by hand, for speed, so nothing but this keeps them to their declared fields.
"""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import override_settings
from django.utils import timezone
from PIL import Image

from accounts import services
from accounts.models import User
from accounts.signing import sign_address, sign_address_change
from accounts.tests.authenticators import SoftKey, app_code
from accounts.tests.factories import PASSWORD, ClientFactory, FreelancerFactory, SkillFactory, UserFactory
from chat.services import presence
from contracts.models import TimeEntry, Timesheet
from contracts.services import bill_due_weeks
from core.money import Money
from gigs.models import Gig
from gigs.tests.factories import begins_in
from payments.models import ConnectAccount, Hold
from payments.providers import Card
from payments.services import refresh_chargeback, refresh_connect_account
from payments.tests.factories import earn, make_plan
from payments.tests.fakes import DECLINED, VISA, FakeProvider
from tests.architecture.described import Description, Reader

pytestmark = pytest.mark.django_db

HERE = {"lat": 51.0543, "lng": 3.7174}
LABELS = {
    "title": "Labels for a bakery",
    "description": "Three labels and a bag.",
    "category": "print-packaging",
    "budget_type": "fixed",
    "budget_min": "100.00",
    "budget_max": "900.00",
    "currency": "USD",
    "experience_level": "expert",
    "estimated_duration": "3 weeks",
    "skills": ["Figma"],
    "deadline": "2099-01-01",
}
BOXES = {
    "title": "Carry eleven boxes",
    "description": "The stairs turn twice.",
    "duration_hours": 1.5,
    "budget": "45.00",
    "currency": "EUR",
    "location": HERE,
    "address": "Vrijdagmarkt 14",
    "category": "moving-carrying",
    "starts_at": "2099-01-01T10:00:00Z",
}


class Cast:
    """The people of the walk, each with a client of their own."""

    def __init__(self, description: Description) -> None:
        def reader(person: Any) -> Reader:
            return Reader(description).sign_in(person.email, PASSWORD)

        skills = [SkillFactory.create(name="Figma")]
        self.client_person = ClientFactory.create(placed=True)
        self.freelancer_person = FreelancerFactory.create(placed=True)
        profile = self.freelancer_person.freelancer_profile
        profile.skills.set(skills)
        self.client, self.freelancer = reader(self.client_person), reader(self.freelancer_person)
        self.staff = reader(UserFactory.create(staff=True))
        self.stranger = Reader(description)


@pytest.fixture
def description() -> Description:
    return Description()


def test_every_answer_is_as_described(
    description: Description, provider: FakeProvider, run_jobs: Callable[[], list[str]]
) -> None:
    cast = Cast(description)
    walk_as_stranger(cast)
    walk_through_the_account(cast)
    walk_through_the_life_of_an_account(cast, run_jobs)
    walk_through_second_factors(cast)
    picture = cast.client.call("POST", "/api/upload/gig", {"file": picture_file()}, format="multipart")
    file = {"file": SimpleUploadedFile("notes.txt", b"Notes", "text/plain"), "kind": "attachment"}
    cast.note = cast.freelancer.call("POST", "/api/uploads", file, format="multipart")["id"]
    walk_through_a_hire(cast)
    walk_through_a_cancelled_hire(cast)
    walk_through_changes(cast)
    walk_through_hours(cast)
    walk_through_disputes(cast)
    run_jobs()
    walk_through_a_gig(cast, [picture["id"]])
    walk_through_a_chat(cast)
    walk_through_api_keys(cast)
    walk_through_money(cast)
    walk_through_cards(cast, provider)
    walk_through_payouts(cast, provider)
    walk_through_plans(cast)
    walk_through_webhooks(cast)
    for path in ("", "/unread-count"):
        cast.client.get(f"/api/notifications{path}")
    news = cast.client.get("/api/notifications")["results"][0]
    cast.client.call("PATCH", f"/api/notifications/{news['id']}", {"read": True})
    cast.client.call("POST", "/api/notifications/read-all", {})

    unmet = description.objects_answered() - description.met
    assert unmet == {"WebhookReceived"}, "these shapes were compared with nothing"  # payments' own tests sign events


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


def walk_through_a_hire(cast: Cast) -> None:
    client, freelancer = cast.client, cast.freelancer
    project = client.call("POST", "/api/projects", LABELS)
    path = f"/api/projects/{project['id']}"
    client.call("PATCH", path, {"title": "Labels for two bakeries"})
    client.call("PUT", path, LABELS)
    client.get(path)
    client.get("/api/projects/mine")
    offer = {
        "cover_letter": "I draw labels.",
        "bid_amount": "500.00",
        "estimated_days": 9,
        "milestones": [
            {"title": "Drafts", "amount": "200.00", "due_date": "2099-01-01"},
            {"title": "Rest", "amount": "300.00"},
        ],
    }
    proposal = freelancer.call("POST", "/api/proposals", offer | {"project_id": project["id"]})
    freelancer.call("PATCH", f"/api/proposals/{proposal['id']}", {"estimated_days": 10})
    freelancer.call("PUT", f"/api/proposals/{proposal['id']}", offer)
    client.get("/api/proposals", project_id=project["id"])
    client.call("POST", f"/api/proposals/{proposal['id']}/shortlist")
    accepted = client.call("POST", f"/api/proposals/{proposal['id']}/accept")
    freelancer.get(f"/api/proposals/{proposal['id']}")
    contract = f"/api/contracts/{accepted['contract_id']}"
    first = client.get(f"{contract}/milestones")["results"][0]
    client.call("POST", f"/api/milestones/{first['id']}/fund", {"payment_method": VISA})
    freelancer.call("POST", f"/api/milestones/{first['id']}/submit", {"note": "Here", "attachment_ids": [cast.note]})
    client.call("POST", f"/api/milestones/{first['id']}/request-revision", {"note": "In blue"})
    freelancer.call("POST", f"/api/milestones/{first['id']}/submit", {"note": "In blue"})
    freelancer.get(f"/api/milestones/{first['id']}")
    client.call("POST", f"{contract}/pause", {"reason": "Holiday"})
    client.call("POST", f"{contract}/resume")
    client.call("POST", f"/api/milestones/{first['id']}/approve", {"amount": "50.00"})
    client.call("POST", f"/api/milestones/{first['id']}/approve", {})
    client.call("POST", f"{contract}/milestones", {"title": "A bag", "amount": "80.00"})
    client.call("POST", f"{contract}/complete")
    for path in (contract, f"{contract}/history", "/api/contracts"):
        freelancer.get(path)
    client.call("POST", "/api/reviews", {"contract_id": accepted["contract_id"], "rating": 5, "comment": "Quick"})
    freelancer.call("POST", "/api/reviews", {"contract_id": accepted["contract_id"], "rating": 4})
    client.get("/api/reviews")
    cast.stranger.get(f"/api/reviews/user/{cast.freelancer_person.pk}")


def walk_through_disputes(cast: Cast) -> None:
    client, freelancer = cast.client, cast.freelancer
    offer = {
        "cover_letter": "I draw labels.",
        "bid_amount": "900.00",
        "estimated_days": 9,
        "milestones": [{"title": f"Step {number}", "amount": "180.00"} for number in range(1, 6)],
    }
    project = client.call("POST", "/api/projects", LABELS)
    proposal = freelancer.call("POST", "/api/proposals", offer | {"project_id": project["id"]})
    contract = client.call("POST", "/api/contracts", {"proposal_id": proposal["id"]})
    steps = [step["id"] for step in contract["milestones"]]
    client.call("POST", f"/api/chats/{contract['chat_id']}/messages", {"content": "Where is it?"})

    def dispute(step: int) -> str:
        client.call("POST", f"/api/milestones/{step}/fund", {"payment_method": VISA})
        claim = {"reason": "late", "explanation": "It came too late.", "amount": "80.00", "milestone_id": step}
        return f"/api/disputes/{client.call('POST', '/api/disputes', claim)['id']}"

    withdrawn = dispute(steps[0])
    client.call("POST", f"{withdrawn}/withdraw")
    freelancer.call("POST", f"/api/milestones/{steps[0]}/submit", {"note": "Here", "attachment_ids": [cast.note]})
    agreed = dispute(steps[1])
    freelancer.call("POST", f"{agreed}/accept")
    countered = dispute(steps[2])
    file = {"file": SimpleUploadedFile("letter.txt", b"As agreed", "text/plain"), "kind": "attachment"}
    letter = client.call("POST", "/api/uploads", file, format="multipart")["id"]
    client.call("POST", f"{countered}/evidence", {"text": "The letter.", "attachment_ids": [letter]})
    split = freelancer.call("POST", f"{countered}/offers", {"to_freelancer": "0", "note": "All back"})
    freelancer.get(countered)
    client.call("POST", f"{countered}/mediation")
    client.call("POST", f"{countered}/offers/{split['id']}/accept")
    contested = dispute(steps[3])
    freelancer.call("POST", f"{contested}/contest", {"text": "It came in time."})
    cast.staff.call("POST", f"{contested}/resolve", {"to_freelancer": "100.00", "reasons": "A day late."})
    for path in (withdrawn, agreed, countered, contested, "/api/disputes"):
        client.get(path)
    for path in (withdrawn, agreed, contested):
        freelancer.get(f"{path}/transcript")


def walk_through_a_cancelled_hire(cast: Cast) -> None:
    client, freelancer = cast.client, cast.freelancer
    file = {"file": SimpleUploadedFile("brief.txt", b"Brief", "text/plain"), "kind": "attachment"}
    brief = client.call("POST", "/api/uploads", file, format="multipart")["id"]
    project = client.call("POST", "/api/projects", LABELS | {"attachment_ids": [brief]})
    offer = {"project_id": project["id"], "cover_letter": "Me", "bid_amount": "500.00", "estimated_days": 9}
    for decide in ("reject", "withdraw"):
        proposal = freelancer.call("POST", "/api/proposals", offer)
        (client if decide == "reject" else freelancer).call("POST", f"/api/proposals/{proposal['id']}/{decide}", {})
    proposal = freelancer.call("POST", "/api/proposals", offer)
    contract = client.call("POST", "/api/contracts", {"proposal_id": proposal["id"]})
    client.call("POST", f"/api/milestones/{contract['milestones'][0]['id']}/fund", {"payment_method": VISA})
    client.call("DELETE", f"/api/contracts/{contract['id']}")
    other = client.call("POST", "/api/projects", LABELS)
    client.call("POST", f"/api/projects/{other['id']}/close", {})
    draft = client.call("POST", "/api/projects", LABELS | {"status": "draft"})
    client.call("DELETE", f"/api/projects/{draft['id']}")


def walk_through_changes(cast: Cast) -> None:
    """What happens to a contract besides the straight way: changes, parts, money asked back, a bonus, the end."""
    client, freelancer = cast.client, cast.freelancer
    project = client.call("POST", "/api/projects", LABELS)
    steps = [{"title": title, "amount": "250.00"} for title in ("Drafts", "Rest")]
    offer = {"cover_letter": "Me", "bid_amount": "500.00", "estimated_days": 9, "milestones": steps}
    proposal = freelancer.call("POST", "/api/proposals", offer | {"project_id": project["id"]})
    made = client.call("POST", "/api/contracts", {"proposal_id": proposal["id"]})
    contract, (first, second) = f"/api/contracts/{made['id']}", made["milestones"]
    changed = client.call("PATCH", f"/api/milestones/{first['id']}", {"due_date": "2099-01-01"})
    change = f"{contract}/changes/{changed['proposed_change']['id']}"
    freelancer.call("POST", f"{change}/accept")
    for end in ("decline", "withdraw"):
        scope = client.call("PUT", contract, {"terms": f"To {end}"})
        (freelancer if end == "decline" else client).call("POST", f"{contract}/changes/{scope['id']}/{end}", {})
    added = freelancer.call("POST", f"{contract}/milestones", {"title": "A bag", "amount": "80.00"})
    freelancer.call("DELETE", f"/api/milestones/{added['id']}")
    for path in (f"{contract}/changes", f"{contract}/terms", contract, f"{contract}/history"):
        client.get(path)

    for step in (first, second):
        client.call("POST", f"/api/milestones/{step['id']}/fund", {"payment_method": VISA})
    freelancer.call("POST", f"/api/milestones/{first['id']}/submit", {"note": "Here"})
    client.get(contract)
    client.call("POST", f"/api/milestones/{first['id']}/approve", {"amount": "50.00", "remainder": "roll"})
    overdue = timezone.now() - timedelta(days=40)
    Hold.objects.filter(milestone=second["id"]).update(funded_at=overdue)
    requests = f"/api/milestones/{second['id']}/refund-requests"
    for end in ("refuse", "withdraw", "agree"):
        asked = client.call("POST", requests, {"reason": "Nothing came."})
        client.get(f"/api/milestones/{second['id']}")
        client.get(contract)
        who = client if end == "withdraw" else freelancer
        who.call("POST", f"{requests}/{asked['id']}/{end}", {"answer": "Soon."} if end == "refuse" else {})
    client.get(requests)
    client.call("POST", f"{contract}/bonus", {"amount": "10.00", "payment_method": VISA})
    client.get(f"{contract}/bonus")
    third = client.call("POST", "/api/projects", LABELS)
    proposal = freelancer.call("POST", "/api/proposals", offer | {"project_id": third["id"]})
    other = client.call("POST", "/api/contracts", {"proposal_id": proposal["id"]})
    freelancer.call("POST", f"/api/contracts/{other['id']}/end", {"reason": "Ill."})


def walk_through_hours(cast: Cast) -> None:
    client, freelancer = cast.client, cast.freelancer
    project = client.call("POST", "/api/projects", LABELS | {"budget_type": "hourly"})
    offer = {"project_id": project["id"], "cover_letter": "Me", "bid_amount": "50.00", "estimated_days": 9}
    proposal = freelancer.call("POST", "/api/proposals", offer)
    accepted = client.call("POST", f"/api/proposals/{proposal['id']}/accept", {"weekly_cap_minutes": 600})
    contract = f"/api/contracts/{accepted['contract_id']}"
    client.call("PUT", f"{contract}/weekly-cap", {"weekly_cap_minutes": 900})
    week = client.get("/api/timesheets", contract_id=accepted["contract_id"])["results"][-1]
    path = f"/api/timesheets/{week['id']}"
    client.call("POST", f"{path}/fund", {"payment_method": VISA})
    timer = freelancer.call("POST", "/api/time-entries", {"contract_id": accepted["contract_id"]})
    entry = f"/api/time-entries/{timer['id']}"
    freelancer.call("PATCH", entry, {"memo": "Drafts"})
    freelancer.get(entry)
    TimeEntry.objects.filter(pk=timer["id"]).update(started_at=F("started_at") - timedelta(minutes=5))
    freelancer.call("POST", f"{entry}/stop")
    mistake = freelancer.call("POST", "/api/time-entries", {"contract_id": accepted["contract_id"]})
    freelancer.call("DELETE", f"/api/time-entries/{mistake['id']}")
    freelancer.get("/api/time-entries")
    freelancer.call("POST", f"{path}/submit")
    client.call("POST", f"{path}/reject", {"entries": [{"id": timer["id"], "reason": "Too long"}]})
    Timesheet.objects.filter(pk=week["id"]).update(review_until=F("review_until") - timedelta(days=14))
    bill_due_weeks()
    freelancer.call("POST", f"{path}/concede")
    client.get(path)
    client.get(f"{contract}/history")


def walk_through_a_gig(cast: Cast, images: list[int]) -> None:
    seeker, helper = cast.client, cast.freelancer
    gig = seeker.call("POST", "/api/gigs", BOXES | {"image_ids": images})
    path = f"/api/gigs/{gig['id']}"
    seeker.call("PATCH", path, {"title": "Carry twelve boxes"})
    seeker.call("PUT", path, BOXES | {"image_ids": images})
    helper.get("/api/gigs", **HERE, radius_km=20)
    helper.get(path)
    helper.call("POST", f"{path}/accept")
    paid = seeker.call("POST", "/api/transactions/escrow", {"gig_id": gig["id"], "payment_method": VISA})
    for status in ("in_progress", "completed"):
        helper.call("PUT", f"{path}/status", {"status": status})
    seeker.call("PUT", f"/api/transactions/{paid['id']}/release")
    seeker.get("/api/gigs/mine")
    second, third = (seeker.call("POST", "/api/gigs", BOXES) for _ in range(2))
    helper.call("POST", f"/api/gigs/{second['id']}/accept")
    held = seeker.call("POST", "/api/transactions/escrow", {"gig_id": second["id"], "payment_method": VISA})
    seeker.call("PUT", f"/api/transactions/{held['id']}/cancel")
    helper.call("POST", f"/api/gigs/{third['id']}/accept")
    missed = f"/api/gigs/{third['id']}"
    seeker.call("POST", "/api/transactions/escrow", {"gig_id": third["id"], "payment_method": VISA})
    begins_in(Gig.objects.get(pk=third["id"]), -1)
    seeker.get(missed)
    seeker.call("POST", f"{missed}/no-show", {"note": "I waited for an hour."})
    helper.call("POST", f"{missed}/no-show/contest", {"answer": "I rang three times."})
    seeker.call("POST", f"{missed}/no-show/withdraw")
    helper.call("DELETE", missed)
    helper.get("/api/account/standing")


def walk_through_a_chat(cast: Cast) -> None:
    client, freelancer = cast.client, cast.freelancer
    file = {"file": picture_file(), "kind": "attachment"}
    attached = client.call("POST", "/api/uploads", file, format="multipart")["id"]
    for prefix in ("/api/chats", "/api/chat/rooms"):
        chat = client.call("POST", prefix, {"participant_id": cast.freelancer_person.pk, "subject": "Labels"})
        path = f"{prefix}/{chat['id']}"
        first = client.call("POST", f"{path}/messages", {"content": "Hello", "attachment_ids": [attached]})
        attached = client.call(
            "POST", "/api/uploads", {"file": picture_file(), "kind": "attachment"}, format="multipart"
        )["id"]
        freelancer.call("POST", f"{path}/messages", {"content": "Hello yourself", "reply_to": first["id"]})
        freelancer.call("PUT", f"/api/messages/{first['id']}/reactions/👍")
        for reading in (prefix, path, f"{path}/messages", f"{prefix}/stats"):
            client.get(reading)
        client.get("/api/messages/unread")
        client.call("PUT", f"{path}/read", {})
        client.call("PATCH", path, {"subject": "Labels and a bag"})
        client.call("PUT", path, {"subject": "Labels"})
        client.call("PATCH", f"{path}/archive", {"archived": True})
    message = client.call("POST", "/api/messages", {"receiver_id": cast.freelancer_person.pk, "content": "Labels?"})
    client.call("PATCH", f"/api/messages/{message['id']}", {"content": "Labels, then"})
    client.get(f"/api/messages/{message['id']}")
    client.get("/api/messages/search", q="labels")
    freelancer.call("DELETE", f"/api/messages/{first['id']}/reactions/👍")
    client.call("DELETE", f"/api/messages/{message['id']}")
    client.call("POST", "/api/ws/ticket")
    presence.arrive(cast.freelancer_person.pk, "a-socket-of-theirs")
    for path in ("status", "online-users", f"user/{cast.freelancer_person.pk}/online"):
        client.get(f"/api/ws/{path}")


def walk_through_api_keys(cast: Cast) -> None:
    me, soon = cast.client, (timezone.now() + timedelta(days=30)).isoformat()
    made = me.call("POST", "/api/api-keys", {"name": "Shop", "scopes": ["gigs:read"], "expires_at": soon})
    me.call("POST", "/api/api-keys", {"name": "Shop", "scopes": ["gigs:write", "gigs:read"]})
    me.get("/api/api-keys")
    me.get(f"/api/api-keys/{made['id']}/usage")
    me.call("DELETE", f"/api/api-keys/{made['id']}")


def walk_through_money(cast: Cast) -> None:
    client = cast.client
    client.get("/api/payments/config")
    customer = client.call("POST", "/api/stripe/customers", {})
    client.get(f"/api/stripe/customers/{customer['id']}")
    credit = {"amount": 50_00, "currency": "usd"}
    intent = client.call("POST", "/api/stripe/payment-intents", credit | {"metadata": {"order": "7"}})
    client.get(f"/api/stripe/payment-intents/{intent['id']}")
    client.call("POST", f"/api/stripe/payment-intents/{intent['id']}/confirm", {"payment_method": VISA})
    refund = client.call("POST", "/api/stripe/refunds", {"payment_intent": intent["id"], "amount": 20_00})
    client.get(f"/api/stripe/refunds/{refund['id']}")
    manual = client.call("POST", "/api/stripe/payment-intents", credit | {"capture_method": "manual"})
    client.call("POST", f"/api/stripe/payment-intents/{manual['id']}/confirm", {"payment_method": VISA})
    client.call("POST", f"/api/stripe/payment-intents/{manual['id']}/capture", {})
    declined = client.call("POST", "/api/payments", credit | {"payment_method": DECLINED})
    assert client.get(f"/api/payments/{declined['id']}")["problem"]
    given_up = client.call("POST", "/api/stripe/payment-intents", credit)
    client.call("POST", f"/api/stripe/payment-intents/{given_up['id']}/cancel")
    at_paypal = client.call("POST", "/api/payments", credit | {"provider": "paypal"})
    assert client.get(f"/api/payments/{at_paypal['id']}")["provider"] == "paypal"
    payment = client.call("POST", "/api/payments", credit | {"payment_method": VISA})
    client.get(f"/api/payments/{payment['id']}")
    for path in ("/api/payments", "/api/wallet", "/api/wallet/entries", "/api/transactions/history"):
        client.get(path)
        cast.freelancer.get(path)
    client.call("POST", "/api/transactions/fee", credit)
    client.get("/api/payments/documents")
    cast.freelancer.get("/api/payments/documents")


def walk_through_cards(cast: Cast, provider: FakeProvider) -> None:
    provider.saved = [Card("pm_1", "Visa ending 4242", "04/31")]
    [card] = cast.client.get("/api/stripe/payment-methods")["results"]
    cast.client.call("DELETE", f"/api/stripe/payment-methods/{card['id']}")


def walk_through_plans(cast: Cast) -> None:
    make_plan()
    person = cast.freelancer
    person.get("/api/payments/plans")
    User.objects.filter(pk=cast.freelancer_person.pk).update(country="BE")
    with override_settings(TAX_RATE_BPS={"BE": 2100}):
        made = person.call("POST", "/api/stripe/subscriptions", {"plan": "pro", "payment_method": VISA})
    person.get("/api/payments/documents", kind="invoice")
    path = f"/api/stripe/subscriptions/{made['id']}"
    person.get("/api/stripe/subscriptions")
    person.get(path)
    person.call("DELETE", path)
    person.call("POST", f"{path}/resume")


def walk_through_payouts(cast: Cast, provider: FakeProvider) -> None:
    person, freelancer = cast.freelancer_person, cast.freelancer
    User.objects.filter(pk=person.pk).update(date_joined=timezone.now() - timedelta(days=30))
    freelancer.call("POST", "/api/wallet/payout-account", {"country": "US"})
    freelancer.call("POST", "/api/wallet/payout-account/link")
    account = ConnectAccount.objects.get(user=person)
    provider.onboard(str(account.account_id))
    refresh_connect_account(account.pk)
    freelancer.get("/api/wallet/payout-account")
    hold = earn(person, Money(200_00, "USD"), provider, payer=cast.client_person)
    payout = freelancer.call("POST", "/api/wallet/payouts", {"amount": 50_00, "currency": "usd"})
    freelancer.get("/api/wallet/payouts")
    freelancer.get(f"/api/wallet/payouts/{payout['id']}")
    freelancer.call("POST", f"/api/wallet/payouts/{payout['id']}/cancel")
    refresh_chargeback(provider.dispute(str(hold.payments.get().intent_id)).id)
    cast.client.get("/api/wallet")
    cast.client.call("POST", "/api/wallet/debt", {"currency": "usd", "payment_method": VISA})


def walk_through_webhooks(cast: Cast) -> None:
    client = cast.client
    client.get("/api/webhooks/events")
    hook = client.call("POST", "/api/webhooks", {"url": "https://hooks.example/", "events": ["gig_accepted"]})
    path = f"/api/webhooks/{hook['id']}"
    delivery = client.call("POST", f"{path}/test")
    client.call("POST", f"{path}/deliveries/{delivery['id']}/replay")
    for reading in ("/api/webhooks", path, f"{path}/deliveries"):
        client.get(reading)
    client.call("POST", f"{path}/secret")
    client.call("PATCH", path, {"enabled": False})
    client.call("DELETE", path)


def picture_file() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (40, 30), "white").save(content, "PNG")
    return SimpleUploadedFile("picture.png", content.getvalue(), "image/png")


def test_a_key_too_many_or_too_few_is_noticed(description: Description) -> None:
    schema = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, "at": {"type": "string", "format": "date-time", "nullable": True}},
    }
    assert list(description.differences({"id": 1, "at": None}, schema)) == []
    assert list(description.differences({"id": 1, "more": 2}, schema)) == ["$.more is not described"]
    assert list(description.differences({"at": "2026-01-01T00:00:00Z"}, schema)) == ["$.id is missing"]
    assert list(description.differences({"id": "1"}, schema)) == ["$.id is not integer: '1'"]
    assert list(description.differences({"id": 1, "at": "soon"}, schema)) == ["$.at is not date-time: 'soon'"]
