"""Every answer of the API has the keys and types that its description declares: no more, no fewer.

Serializers build their answers by hand, for speed, so nothing but this keeps them to their declared fields.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chat.services import presence
from gigs.models import Gig
from gigs.tests.factories import begins_in
from payments.tests.fakes import VISA, FakeProvider
from tests.architecture.described import Description
from tests.architecture.walks.account import (
    walk_as_stranger,
    walk_through_second_factors,
    walk_through_the_account,
    walk_through_the_life_of_an_account,
)
from tests.architecture.walks.cast import BOXES, HERE, Cast, picture_file
from tests.architecture.walks.money import (
    walk_through_cards,
    walk_through_money,
    walk_through_payouts,
    walk_through_plans,
)
from tests.architecture.walks.work import (
    walk_through_a_cancelled_hire,
    walk_through_a_hire,
    walk_through_changes,
    walk_through_disputes,
    walk_through_hours,
)

pytestmark = pytest.mark.django_db


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
