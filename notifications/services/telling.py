"""Telling one person something: under the bell, over open sockets, by e-mail, and to their own programs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.text import Truncator

from accounts.models import User
from core import jobs, letters, realtime
from notifications.models import Notification
from notifications.services.webhook_queue import queue_news


@dataclass(frozen=True, kw_only=True)
class News:
    """One piece of news for one person, as `notify` takes it."""

    user: User
    kind: str
    title: str
    message: str = ""
    url: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    email: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


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
    news = News(
        user=user,
        kind=kind,
        title=title,
        message=message,
        url=url,
        data=data or {},
        email=email or "",
        context=context or {},
    )
    return notify_all([news])[0]


@transaction.atomic(savepoint=False)
def notify_all(news: Iterable[News]) -> list[Notification]:
    """The same for several people, or several times, in one go."""
    told = list(news)
    kept = Notification.objects.bulk_create(_kept(each) for each in told)
    realtime.publish_each((realtime.user_group(notification.user_id), _pushed(notification)) for notification in kept)
    for notification in kept:
        queue_news(notification)
    jobs.enqueue_each("notifications.send_email", [_letter_of(each) for each in told if each.email])
    return kept


def _kept(news: News) -> Notification:
    return Notification(
        user=news.user,
        kind=news.kind,
        title=Truncator(news.title).chars(160),
        message=Truncator(news.message).chars(400),
        url=news.url,
        data=dict(news.data),
    )


def _pushed(notification: Notification) -> dict[str, Any]:
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
    context = {"title": news.title, "message": news.message, "url": news.url, **news.context}
    return _letter(news.user, template=news.email, context=context)


def queue_email(user: User, *, template: str, context: Mapping[str, Any] | None = None) -> None:
    """Send the e-mail once the transaction has committed. `context` may hold text, numbers, Money and times."""
    jobs.enqueue("notifications.send_email", **_letter(user, template=template, context=context or {}))


def _letter(user: User, *, template: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """What the job takes."""
    return {"user_id": user.pk, "template": template, "context": letters.pack(context)}


def send_email(user: User, *, template: str, context: Mapping[str, Any]) -> None:
    """Send it now, from a job. Nobody writes to a closed account."""
    if user.is_active:
        letters.compose(template, to=user, context=letters.unpack(context)).send()


def erase_of(user: User) -> None:
    """The person deletes their account: news of theirs, and where else it went."""
    user.notifications.all().delete()
    user.webhook_endpoints.all().delete()
