"""Telling one person something: under the bell, over open sockets, by e-mail, and to their own programs."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.text import Truncator

from accounts.models import User
from core import jobs, letters, realtime
from notifications.models import Notification
from notifications.services.webhook_queue import queue_news


@transaction.atomic(savepoint=False)
def notify(
    user: User,
    *,
    kind: str,
    title: str,
    message: str = "",
    url: str = "",
    data: Mapping[str, Any] | None = None,
    email: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> Notification:
    """Keep the news, push it to open sockets, queue it for the person's webhooks, and queue the e-mail `email` (a folder
    such as "contracts/emails/contract_created"), whose templates read `context`, `title`, `message` and `url`.

    Called inside the transaction that makes the news: both come true or neither.
    """
    notification = Notification.objects.create(
        user=user,
        kind=kind,
        title=Truncator(title).chars(160),
        message=Truncator(message).chars(400),
        url=url,
        data=dict(data or {}),
    )
    realtime.publish(
        realtime.user_group(user.pk),
        {
            "type": "notification",
            "id": notification.pk,
            "kind": kind,
            "title": notification.title,
            "message": notification.message,
            "url": url,
            "data": notification.data,
        },
    )
    queue_news(notification)
    if email:
        queue_email(user, template=email, context={"title": title, "message": message, "url": url, **(context or {})})
    return notification


def queue_email(user: User, *, template: str, context: Mapping[str, Any] | None = None) -> None:
    """Send the e-mail once the transaction has committed. `context` may hold text, numbers, Money and times."""
    jobs.enqueue("notifications.send_email", user_id=user.pk, template=template, context=letters.pack(context or {}))


def send_email(user: User, *, template: str, context: Mapping[str, Any]) -> None:
    """Send it now, from a job. Nobody writes to a closed account."""
    if user.is_active:
        letters.compose(template, to=user, context=letters.unpack(context)).send()


def erase_of(user: User) -> None:
    """The person deletes their account: news of theirs, and where else it went."""
    user.notifications.all().delete()
    user.webhook_endpoints.all().delete()
