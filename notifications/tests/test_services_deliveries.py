"""News on its way to webhooks."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from notifications import services
from notifications.errors import WebhookIsOff
from notifications.models import Notification, WebhookDelivery, WebhookEndpoint
from notifications.rules import FAILURES_BORNE
from notifications.services import webhook_deliveries
from notifications.tests.factories import WebhookDeliveryFactory, WebhookEndpointFactory
from tests.fixtures.receiver import Received, Receiver

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]


def tell(user: Any, **values: Any) -> Notification:
    news: dict[str, Any] = {"kind": "gig_accepted", "title": "Accepted", "message": "Boxes", "url": "/gigs/7/"}
    return services.notify(user, **news | {"data": {"gig_id": 7}} | values)


def endpoint_at(receiver: Receiver, **values: Any) -> WebhookEndpoint:
    endpoint: WebhookEndpoint = WebhookEndpointFactory.create(url=receiver.url, **values)
    return endpoint


def planned() -> list[Any]:
    """When the deliveries that wait are tried next."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'notifications.deliver_webhook' "
            "AND status = 'todo' ORDER BY id"
        )
        return [row[0] for row in cursor.fetchall()]


def is_signed(received: Received, secret: str) -> bool:
    """As a receiver would check it."""
    headers = received.headers
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + received.body
    made = base64.b64encode(hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), said, "sha256")).decode()
    return any(hmac.compare_digest(f"v1,{made}", given) for given in headers["webhook-signature"].split())


def test_news_arrives_signed(receiver: Receiver, run_jobs: RunJobs, settings: Any) -> None:
    endpoint = endpoint_at(receiver)
    news = tell(endpoint.user)
    assert run_jobs() == ["notifications.deliver_webhook"]
    [received] = receiver.received
    delivery = WebhookDelivery.objects.get()
    said = json.loads(received.body)
    assert said == {
        "id": str(delivery.pk),
        "type": "gig_accepted",
        "created_at": said["created_at"],
        "data": {
            "notification_id": news.pk,
            "title": "Accepted",
            "message": "Boxes",
            "url": f"{settings.SITE_URL}/gigs/7/",
            "gig_id": 7,
        },
    }
    assert received.headers["webhook-id"] == str(delivery.pk)
    assert abs(int(received.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert received.headers["content-type"] == "application/json"
    assert is_signed(received, endpoint.secret)
    assert not is_signed(received, WebhookEndpointFactory.create().secret)
    assert (delivery.status, delivery.attempts, delivery.response_status, delivery.next_attempt_at) == (
        "delivered", 1, 204, None,
    )  # fmt: skip


def test_for_a_day_after_a_change_both_secrets_sign(receiver: Receiver, run_jobs: RunJobs) -> None:
    endpoint = endpoint_at(receiver)
    changed = services.rotate_secret(endpoint.user, webhook_id=endpoint.pk)
    tell(endpoint.user)
    run_jobs()
    assert is_signed(receiver.received[0], endpoint.secret)
    assert is_signed(receiver.received[0], changed.secret)
    WebhookEndpoint.objects.update(previous_secret_until=timezone.now())
    tell(endpoint.user)
    run_jobs()
    assert not is_signed(receiver.received[1], endpoint.secret)
    assert is_signed(receiver.received[1], changed.secret)


def test_only_the_persons_own_endpoints_that_want_it_are_sent_it() -> None:
    user = UserFactory.create()
    wanting = [
        WebhookEndpointFactory.create(user=user),
        WebhookEndpointFactory.create(user=user, events=["gig_accepted", "payment_sent"]),
    ]
    WebhookEndpointFactory.create(user=user, events=["payment_sent"])
    WebhookEndpointFactory.create(user=user, disabled_at=timezone.now())
    WebhookEndpointFactory.create()
    tell(user)
    assert {delivery.endpoint for delivery in WebhookDelivery.objects.all()} == set(wanting)


def test_news_that_did_not_happen_is_not_sent(receiver: Receiver, run_jobs: RunJobs) -> None:
    endpoint = endpoint_at(receiver)
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(endpoint.user)
        raise RuntimeError
    assert run_jobs() == []
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
def test_what_is_not_taken_is_tried_again_later(receiver: Receiver, run_jobs: RunJobs, status: int) -> None:
    receiver.status, receiver.answer = status, b"Not today"
    endpoint = endpoint_at(receiver)
    tell(endpoint.user)
    run_jobs()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.response_status) == ("pending", 1, status)
    assert delivery.problem == f"Answered {status}: Not today"
    assert planned() == [delivery.next_attempt_at]
    assert timedelta(seconds=3) < delivery.next_attempt_at - delivery.last_attempt_at < timedelta(seconds=8)
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since is not None) == (1, True)


def test_a_later_try_arrives_under_the_same_id_and_clears_the_record(receiver: Receiver, run_jobs: RunJobs) -> None:
    receiver.status = 500
    endpoint = endpoint_at(receiver)
    tell(endpoint.user)
    run_jobs()
    receiver.status = 200
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        services.deliver(str(WebhookDelivery.objects.get().pk))
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    endpoint.refresh_from_db()
    assert (WebhookDelivery.objects.get().status, endpoint.failures, endpoint.failing_since) == ("delivered", 0, None)


def test_a_job_that_runs_twice_sends_once(receiver: Receiver) -> None:
    tell(endpoint_at(receiver).user)
    delivery = WebhookDelivery.objects.get()
    for _ in range(2):
        services.deliver(str(delivery.pk))
    assert len(receiver.received) == 1


def test_a_delivery_that_is_being_tried_is_left_alone(receiver: Receiver) -> None:
    tell(endpoint_at(receiver).user)
    delivery = WebhookDelivery.objects.get()
    assert webhook_deliveries._claim(str(delivery.pk)) is not None
    services.deliver(str(delivery.pk))
    assert receiver.received == []


def test_one_whose_worker_died_is_taken_up_again(receiver: Receiver, run_jobs: RunJobs) -> None:
    tell(endpoint_at(receiver).user)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    webhook_deliveries._claim(str(WebhookDelivery.objects.get().pk))
    services.resume_deliveries()
    assert planned() == []
    WebhookDelivery.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=11))
    services.resume_deliveries()
    run_jobs()
    assert WebhookDelivery.objects.get().status == "delivered"


def test_after_three_days_it_is_given_up(receiver: Receiver, run_jobs: RunJobs) -> None:
    receiver.status = 500
    tell(endpoint_at(receiver).user)
    WebhookDelivery.objects.update(created_at=timezone.now() - timedelta(days=3))
    run_jobs()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.next_attempt_at, planned()) == ("given_up", None, [])


def test_one_that_keeps_failing_is_asked_once_a_minute(receiver: Receiver) -> None:
    endpoint = endpoint_at(receiver, failures=3, failing_since=timezone.now(), last_attempt_at=timezone.now())
    tell(endpoint.user)
    delivery = WebhookDelivery.objects.get()
    services.deliver(str(delivery.pk))
    delivery.refresh_from_db()
    assert (receiver.received, delivery.attempts) == ([], 0)
    assert delivery.next_attempt_at > timezone.now() + timedelta(seconds=50)
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        services.deliver(str(delivery.pk))
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("failures", "since", "is_on"),
    [
        (FAILURES_BORNE - 1, timedelta(days=3), False),
        (FAILURES_BORNE - 2, timedelta(days=3), True),
        (FAILURES_BORNE * 5, timedelta(days=2, hours=23), True),
    ],
)
def test_an_endpoint_where_nothing_arrives_is_switched_off(
    receiver: Receiver, run_jobs: RunJobs, failures: int, since: timedelta, is_on: bool
) -> None:
    receiver.status = 500
    endpoint = endpoint_at(receiver, failures=failures, failing_since=timezone.now() - since)
    tell(endpoint.user)
    run_jobs()
    endpoint.refresh_from_db()
    assert endpoint.is_on is is_on
    assert len(mail.outbox) == (0 if is_on else 1)
    if not is_on:
        assert (mail.outbox[0].to, endpoint.url in mail.outbox[0].body) == ([endpoint.user.email], True)
        assert endpoint.disabled_reason == "Nothing arrived for three days."
        assert Notification.objects.filter(kind="webhook_disabled", user=endpoint.user).exists()


def test_gone_switches_off_at_once_and_what_waits_is_given_up(receiver: Receiver, run_jobs: RunJobs) -> None:
    receiver.status = 410
    endpoint = endpoint_at(receiver)
    tell(endpoint.user)
    tell(endpoint.user, title="Another")
    run_jobs()
    endpoint.refresh_from_db()
    assert endpoint.disabled_reason == "Its address answered that it is gone."
    assert len(receiver.received) == 1
    assert "given_up" in {delivery.status for delivery in WebhookDelivery.objects.all()}


def test_nothing_is_sent_for_a_closed_account(receiver: Receiver, run_jobs: RunJobs) -> None:
    endpoint = endpoint_at(receiver)
    tell(endpoint.user)
    type(endpoint.user).objects.update(is_active=False)
    run_jobs()
    assert receiver.received == []
    assert WebhookDelivery.objects.get().status == "given_up"


def test_an_endpoint_removed_while_it_is_asked(receiver: Receiver) -> None:
    endpoint = endpoint_at(receiver)
    tell(endpoint.user)
    delivery = webhook_deliveries._claim(str(WebhookDelivery.objects.get().pk))
    assert delivery
    services.remove_webhook(endpoint.user, webhook_id=endpoint.pk)
    webhook_deliveries._settle(delivery, status=200, problem="")
    assert not WebhookDelivery.objects.exists()


def test_addresses_that_lead_inside_are_not_asked(run_jobs: RunJobs) -> None:
    endpoint = WebhookEndpointFactory.create(url="https://127.0.0.1:8443/")
    tell(endpoint.user)
    run_jobs()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.problem) == ("pending", "The address leads into a private network.")


def test_a_test_event(receiver: Receiver, run_jobs: RunJobs) -> None:
    endpoint = endpoint_at(receiver, events=["gig_accepted"])
    services.send_test_event(endpoint.user, webhook_id=endpoint.pk)
    run_jobs()
    assert json.loads(receiver.received[0].body)["type"] == "test"
    services.switch_webhook(endpoint.user, webhook_id=endpoint.pk, on=False)
    with pytest.raises(WebhookIsOff):
        services.send_test_event(endpoint.user, webhook_id=endpoint.pk)


@pytest.mark.parametrize("ended", ["delivered_at", "given_up_at"])
def test_a_replay_sends_the_same_once_more(receiver: Receiver, run_jobs: RunJobs, ended: str) -> None:
    endpoint = endpoint_at(receiver)
    times = {"delivered_at": None, "given_up_at": None} | {ended: timezone.now()}
    delivery = WebhookDeliveryFactory.create(endpoint=endpoint, created_at=timezone.now() - timedelta(days=9), **times)
    again = services.replay(endpoint.user, webhook_id=endpoint.pk, delivery_id=delivery.pk)
    assert again.status == "pending"
    services.replay(endpoint.user, webhook_id=endpoint.pk, delivery_id=delivery.pk)
    run_jobs()
    [received] = receiver.received
    assert received.headers["webhook-id"] == str(delivery.pk)
    assert json.loads(received.body) == delivery.payload
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("delivered", 2)


def test_old_deliveries_are_forgotten() -> None:
    old = WebhookDeliveryFactory.create(created_at=timezone.now() - timedelta(days=31))
    kept = WebhookDeliveryFactory.create(created_at=timezone.now() - timedelta(days=29), endpoint=old.endpoint)
    services.forget_old_deliveries()
    assert list(WebhookDelivery.objects.all()) == [kept]
