"""Telling one person something: under the bell, over open sockets, by e-mail, and to their own programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.text import Truncator

from accounts.models import User
from core import jobs, letters, realtime
from core.statements import insert
from notifications.models import Notification
from notifications.services.webhook_queue import queue_news


@dataclass(frozen=True)
class News:
    """What one person is told. `email`: also by this e-mail, a folder such as "contracts/emails/contract_created", whose
    templates read `context`, `title`, `message` and `url`.
    """

    user: User
    kind: str
    title: str
    message: str = ""
    url: str = ""
    data: Mapping[str, Any] | None = None
    email: str | None = None
    context: Mapping[str, Any] | None = None


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
    """Tell one person something: see News."""
    (notification,) = notify_each(News(user, kind, title, message, url, data, email, context))
    return notification


@transaction.atomic(savepoint=False)
def notify_each(*news: News) -> list[Notification]:
    """Keep the news, push it to open sockets, queue it for the people's webhooks, and queue the e-mails.

    Called inside the transaction that makes the news: both come true or neither.
    """
    notifications = [
        insert(
            Notification(
                user=one.user,
                kind=one.kind,
                title=Truncator(one.title).chars(160),
                message=Truncator(one.message).chars(400),
                url=one.url,
                data=dict(one.data or {}),
            )
        )
        for one in news
    ]
    realtime.publish_each([([realtime.user_group(one.user_id)], _event_of(one)) for one in notifications])
    for notification in notifications:
        queue_news(notification)
    jobs.enqueue_each("notifications.send_email", [_letter_of(one) for one in news if one.email])
    return notifications


def _event_of(notification: Notification) -> dict[str, Any]:
    return {
        "type": "notification",
        "id": notification.pk,
        "kind": notification.kind,
        "title": notification.title,
        "message": notification.message,
        "url": notification.url,
        "data": notification.data,
    }


def _letter_of(news: News) -> dict[str, Any]:
    context = {"title": news.title, "message": news.message, "url": news.url, **(news.context or {})}
    return {"user_id": news.user.pk, "template": news.email, "context": letters.pack(context)}


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
    list(user.webhook_endpoints.order_by("pk").select_for_update())  # as for who removes one
    user.webhook_endpoints.all().delete()
