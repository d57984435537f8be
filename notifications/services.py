"""Telling one person something: under the bell, over open sockets, and by e-mail."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator

from accounts.models import User
from core import jobs, letters, realtime
from core.queries import get_or_refuse
from notifications.models import Notification


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
    """Keep the news, push it to open sockets, and queue the e-mail `email` (a folder such as
    "contracts/emails/contract_created"), whose templates read `context`, `title`, `message` and `url`.

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


def mark_read(actor: User, *, notification_id: int) -> Notification:
    notification: Notification = get_or_refuse(Notification.objects.visible_to(actor), pk=notification_id)
    return _set_read(notification, read=True)


def mark_unread(actor: User, *, notification_id: int) -> Notification:
    notification: Notification = get_or_refuse(Notification.objects.visible_to(actor), pk=notification_id)
    return _set_read(notification, read=False)


def mark_all_read(actor: User) -> int:
    """How many were unread."""
    return Notification.objects.visible_to(actor).unread().update(read_at=timezone.now())


def _set_read(notification: Notification, *, read: bool) -> Notification:
    if bool(notification.read_at) != read:
        notification.read_at = timezone.now() if read else None
        notification.save(update_fields=["read_at"])
    return notification


def erase_of(user: User) -> None:
    """The person deletes their account: news of theirs, and where else it went."""
    user.notifications.all().delete()
    user.webhook_endpoints.all().delete()
