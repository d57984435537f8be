"""News put on its way to webhooks, in the transaction that makes it."""

from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from core import jobs
from core.formats import iso
from core.statements import Selection
from notifications.models import Notification, WebhookDelivery, WebhookEndpoint

# Stand where a statement's parameters go.
ANY_USER, ANY_KIND = -1_000_001, "kind?"


def queue_news(notification: Notification) -> None:
    """For every endpoint that takes this kind of news. The caller holds the transaction that makes it."""
    for endpoint in _wanting().run(user=notification.user_id, kind=notification.kind):
        queue_event(endpoint, notification.kind, _news_of(notification), at=notification.created_at)


@cache
def _wanting() -> Selection[WebhookEndpoint]:
    """Locked as foreign keys lock, which Django has no word for: who removes one waits, and takes its deliveries along."""
    rows = WebhookEndpoint.objects.wanting(User(pk=ANY_USER), ANY_KIND).only("id").order_by("pk")
    found = Selection(rows, user=ANY_USER, kind=ANY_KIND)
    found.sql += " FOR KEY SHARE"
    return found


def queue_event(endpoint: WebhookEndpoint, event: str, data: dict[str, Any], *, at: datetime) -> WebhookDelivery:
    delivery = WebhookDelivery(endpoint=endpoint, event=event, created_at=at, next_attempt_at=at)
    delivery.payload = {"id": str(delivery.pk), "type": event, "created_at": iso(at), "data": data}
    delivery.save(force_insert=True)
    plan(delivery)
    return delivery


def plan(delivery: WebhookDelivery) -> None:
    assert delivery.next_attempt_at
    later = delivery.next_attempt_at if delivery.next_attempt_at > timezone.now() else None
    jobs.enqueue("notifications.deliver_webhook", at=later, delivery_id=str(delivery.pk))


def _news_of(notification: Notification) -> dict[str, Any]:
    """What the person themselves reads under the bell."""
    return notification.data | {
        "notification_id": notification.pk,
        "title": notification.title,
        "message": notification.message,
        "url": settings.SITE_URL.rstrip("/") + notification.url if notification.url else "",
    }
