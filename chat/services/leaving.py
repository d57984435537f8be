"""Somebody deletes their account."""

from accounts.models import User
from chat.models import Member, Message


def erase_of(user: User) -> None:
    """What others received stays with them, from a former member; what the person had deleted goes for good."""
    Message.objects.filter(sender=user, deleted_at__isnull=False).update(content="")
    Member.objects.filter(user=user).update(reminder_due_at=None)
