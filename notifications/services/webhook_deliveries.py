"""News on its way to webhooks: sent by jobs, again and again for three days."""

import random
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from core import outgoing
from core.errors import require
from core.queries import get_or_refuse
from notifications import policies
from notifications.errors import WebhookIsOff
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.rules import (
    DELIVERIES_KEPT,
    DELIVERY_LIFE,
    FAILURES_BORNE,
    GONE,
    QUIET_TIME,
    STUMBLES,
    TEST_EVENT,
    signature,
    wait_after,
)
from notifications.services.telling import notify
from notifications.services.webhook_queue import plan, queue_event

logger = structlog.get_logger(__name__)

RESUMED_AFTER = QUIET_TIME * 10  # a delivery whose job has not come by then has lost it
SWEEP = 500
CLOCKS_DIFFER = timedelta(seconds=5)  # the database starts the job, this process judges whether it is time


@transaction.atomic
def send_test_event(actor: User, *, webhook_id: int) -> WebhookDelivery:
    """Something harmless, to see whether it arrives. Conflict `webhook_is_off`."""
    endpoint = get_or_refuse(WebhookEndpoint.objects.visible_to(actor).select_for_update(no_key=True), pk=webhook_id)
    require(policies.why_not_send_on(actor))
    if not endpoint.is_on:
        raise WebhookIsOff
    return queue_event(endpoint, TEST_EVENT, {"message": "It works."}, at=timezone.now())


@transaction.atomic
def replay(actor: User, *, webhook_id: int, delivery_id: Any) -> WebhookDelivery:
    """Send it once more under the same id, arrived or given up. One that is on its way anyway is left alone.

    Conflict `webhook_is_off`.
    """
    rows = WebhookDelivery.objects.visible_to(actor).select_related("endpoint").select_for_update(of=("self",))
    delivery = get_or_refuse(rows, pk=delivery_id, endpoint=webhook_id)
    require(policies.why_not_send_on(actor))
    if not delivery.endpoint.is_on:
        raise WebhookIsOff
    if delivery.status != "pending":
        delivery.delivered_at = delivery.given_up_at = None
        delivery.next_attempt_at = timezone.now()
        delivery.save(update_fields=["delivered_at", "given_up_at", "next_attempt_at"])
        audit.record(actor, "webhook.replayed", delivery)
        plan(delivery)
    return delivery


def deliver(delivery_id: str) -> None:
    """One try. No row is locked while the receiver is waited for; a job that runs twice sends at most once a time."""
    delivery = _claim(delivery_id)
    if delivery is None:
        return
    endpoint = delivery.endpoint
    body = orjson.dumps(delivery.payload)
    try:
        answer = outgoing.post(endpoint.url, body=body, headers=_headers(endpoint, str(delivery.pk), body))
    except (outgoing.Refused, outgoing.Unreachable) as error:
        _settle(delivery, status=None, problem=str(error))
    else:
        problem = "" if answer.is_good else f"Answered {answer.status}" + (answer.snippet and f": {answer.snippet}")
        _settle(delivery, status=answer.status, problem=problem)


def resume_deliveries() -> None:
    """Queue those anew whose job was lost."""
    for delivery in WebhookDelivery.objects.overdue(timezone.now() - RESUMED_AFTER)[:SWEEP]:
        plan(delivery)


def forget_old_deliveries() -> None:
    WebhookDelivery.objects.filter(created_at__lt=timezone.now() - DELIVERIES_KEPT).delete()


def _headers(endpoint: WebhookEndpoint, message_id: str, body: bytes) -> dict[str, str]:
    now = timezone.now()
    secrets = [endpoint.secret]
    if endpoint.previous_secret_until and endpoint.previous_secret_until > now:
        secrets.append(endpoint.previous_secret)
    timestamp = int(now.timestamp())
    signatures = [signature(secret, message_id=message_id, timestamp=timestamp, body=body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


@transaction.atomic
def _claim(delivery_id: str) -> WebhookDelivery | None:
    """The delivery, marked as being tried. None: it has ended, another job has it, or it has to wait a little longer.

    The endpoint is locked first, as by who removes it with all its deliveries.
    """
    now = timezone.now()
    endpoints = WebhookEndpoint.objects.select_related("user").select_for_update(of=("self",), no_key=True)
    endpoint = endpoints.filter(deliveries__pk=delivery_id).first()
    due = WebhookDelivery.objects.pending().filter(next_attempt_at__lte=now + CLOCKS_DIFFER)
    delivery = due.filter(pk=delivery_id).select_for_update(no_key=True).first()
    if endpoint is None or delivery is None:
        return None
    delivery.endpoint = endpoint
    if not (endpoint.is_on and endpoint.user.is_active):
        _give_up(delivery, "The webhook is switched off.")
        return None
    if endpoint.failures >= STUMBLES and endpoint.last_attempt_at and endpoint.last_attempt_at > now - QUIET_TIME:
        # One that is down must not keep the workers from everybody else's news.
        delivery.next_attempt_at = now + QUIET_TIME * (1 + random.random())  # noqa: S311 - spreads, protects nothing
        delivery.save(update_fields=["next_attempt_at"])
        plan(delivery)
        return None
    delivery.attempts += 1
    delivery.last_attempt_at = now
    delivery.next_attempt_at = now + RESUMED_AFTER  # a worker that dies now leaves it to the sweep
    delivery.save(update_fields=["attempts", "last_attempt_at", "next_attempt_at"])
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(last_attempt_at=now)
    return delivery


@transaction.atomic
def _settle(delivery: WebhookDelivery, *, status: int | None, problem: str) -> None:
    """Write down how the try went. The person may have changed or removed the webhook meanwhile."""
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=delivery.endpoint_id).first()
    if endpoint is None:
        return
    now = timezone.now()
    delivery.response_status, delivery.problem = status, problem[:300]
    delivery.save(update_fields=["response_status", "problem"])
    if not problem:
        WebhookDelivery.objects.pending().filter(pk=delivery.pk).update(delivered_at=now, next_attempt_at=None)
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failures=0, failing_since=None)
        return
    endpoint.failures = F("failures") + 1
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.save(update_fields=["failures", "failing_since"])
    endpoint.refresh_from_db(fields=["failures"])
    _try_again(delivery, now)
    if endpoint.is_on and status == GONE:
        _switch_off(endpoint, now, "Its address answered that it is gone.")
    elif endpoint.is_on and endpoint.failures >= FAILURES_BORNE and endpoint.failing_since <= now - DELIVERY_LIFE:
        _switch_off(endpoint, now, "Nothing arrived for three days.")


def _try_again(delivery: WebhookDelivery, now: datetime) -> None:
    moment = now + wait_after(delivery.attempts, random.random())  # noqa: S311 - spreads, protects nothing
    if moment > delivery.created_at + DELIVERY_LIFE:
        _give_up(delivery, delivery.problem)
        return
    if WebhookDelivery.objects.pending().filter(pk=delivery.pk).update(next_attempt_at=moment):
        delivery.next_attempt_at = moment
        plan(delivery)


def _give_up(delivery: WebhookDelivery, why: str) -> None:
    WebhookDelivery.objects.pending().filter(pk=delivery.pk).update(
        given_up_at=timezone.now(), next_attempt_at=None, problem=why
    )


def _switch_off(endpoint: WebhookEndpoint, now: datetime, why: str) -> None:
    endpoint.disabled_at, endpoint.disabled_reason = now, why
    endpoint.save(update_fields=["disabled_at", "disabled_reason"])
    audit.record(None, "webhook.switched_off", endpoint, reason=why)
    logger.info("webhook_switched_off", webhook_id=endpoint.pk)
    notify(
        endpoint.user,
        kind="webhook_disabled",
        title="A webhook was switched off",
        message=f"{endpoint.url}: {why}",
        url=reverse("webhooks:detail", args=[endpoint.pk]),
        data={"webhook_id": endpoint.pk},
        email="notifications/emails/webhook_disabled",
        context={"address": endpoint.url, "reason": why},
    )
