"""What a person has read."""

from django.utils import timezone

from accounts.models import User
from core.queries import get_or_refuse
from notifications.models import Notification


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
