"""Webhooks by the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from notifications.models import WebhookEndpoint
from notifications.rules import EVENTS
from notifications.tests.factories import WebhookDeliveryFactory, WebhookEndpointFactory

pytestmark = pytest.mark.django_db
ApiAs = Callable[[User], APIClient]
URL = "https://hooks.example/guildhall"


def test_the_secret_is_shown_when_it_is_made_and_never_again(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())
    made = client.post("/api/webhooks", {"url": URL, "description": "Ledger", "events": ["payment_sent"]})
    assert made.status_code == 201
    body = made.json()
    assert body["secret"].startswith("whsec_")
    kept = {name: value for name, value in body.items() if name != "secret"}
    path = f"/api/webhooks/{body['id']}"
    assert client.get(path).json() == kept
    assert client.get("/api/webhooks").json()["results"] == [kept]
    assert client.patch(path, {"description": "Books"}).json() == kept | {"description": "Books"}
    changed = client.post(f"{path}/secret").json()
    assert changed["secret"] not in {"", body["secret"]}


def test_the_same_key_adds_one(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())
    bodies = [client.post("/api/webhooks", {"url": URL}, headers={"Idempotency-Key": "k"}).json() for _ in range(2)]
    assert bodies[0] == bodies[1]
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "hooks"}, "url"),
        ({"url": "http://hooks.example/"}, "url"),
        ({"url": "https://192.168.0.1/"}, "url"),
        ({"url": URL, "events": ["weather"]}, "events"),
        ({"url": URL, "description": "x" * 121}, "description"),
    ],
)
def test_what_cannot_be_added(api_as: ApiAs, body: dict[str, Any], field: str) -> None:
    answer = api_as(UserFactory.create()).post("/api/webhooks", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_switching_off_and_on(api_as: ApiAs) -> None:
    endpoint = WebhookEndpointFactory.create()
    client, path = api_as(endpoint.user), f"/api/webhooks/{endpoint.pk}"
    off = client.patch(path, {"enabled": False}).json()
    assert (off["enabled"], off["disabled_reason"], off["disabled_at"] is not None) == (
        False, "You switched it off.", True,
    )  # fmt: skip
    refused = client.post(f"{path}/test")
    assert (refused.status_code, refused.json()["error_type"]) == (409, "webhook_is_off")
    assert client.patch(path, {"enabled": True, "events": ["gig_accepted"]}).json()["events"] == ["gig_accepted"]
    assert client.post(f"{path}/test").status_code == 201


def test_deliveries_are_a_stream_newest_first(api_as: ApiAs) -> None:
    endpoint = WebhookEndpointFactory.create()
    rows = [WebhookDeliveryFactory.create(endpoint=endpoint) for _ in range(25)]
    WebhookDeliveryFactory.create()
    client = api_as(endpoint.user)
    first = client.get(f"/api/webhooks/{endpoint.pk}/deliveries").json()
    second = client.get(first["next"]).json()
    assert [row["id"] for row in first["results"] + second["results"]] == [str(row.pk) for row in reversed(rows)]


def test_a_replay(api_as: ApiAs) -> None:
    delivery = WebhookDeliveryFactory.create()
    path = f"/api/webhooks/{delivery.endpoint_id}/deliveries/{delivery.pk}/replay"
    assert api_as(delivery.endpoint.user).post(path).json()["status"] == "pending"


def test_sending_is_limited(api_as: ApiAs, settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 1
    endpoint = WebhookEndpointFactory.create()
    client = api_as(endpoint.user)
    assert [client.post(f"/api/webhooks/{endpoint.pk}/test").status_code for _ in range(21)] == [201] * 20 + [429]


def test_the_list_of_events(api_as: ApiAs) -> None:
    listed = api_as(UserFactory.create()).get("/api/webhooks/events?page_size=100").json()
    assert {event["type"]: event["description"] for event in listed["results"]} == EVENTS


def test_other_peoples_are_not_there(api_as: ApiAs, api: APIClient) -> None:
    delivery = WebhookDeliveryFactory.create(delivered_at=timezone.now())
    path = f"/api/webhooks/{delivery.endpoint_id}"
    calls = [
        ("get", path), ("patch", path), ("delete", path), ("post", f"{path}/secret"), ("post", f"{path}/test"),
        ("get", f"{path}/deliveries"), ("post", f"{path}/deliveries/{delivery.pk}/replay"),
    ]  # fmt: skip
    stranger = api_as(UserFactory.create())
    for method, address in calls:
        assert getattr(stranger, method)(address).status_code == 404, address
        assert getattr(api, method)(address).status_code == 401, address
    assert stranger.get("/api/webhooks").json()["results"] == []
    assert WebhookEndpoint.objects.count() == 1
    assert api_as(delivery.endpoint.user).delete(path).status_code == 204
    assert not WebhookEndpoint.objects.exists()


def test_an_unconfirmed_address_is_403(api_as: ApiAs) -> None:
    answer = api_as(UserFactory.create(unverified=True)).post("/api/webhooks", {"url": URL})
    assert (answer.status_code, answer.json()["error_type"]) == (403, "email_not_verified")
