"""One e-mail when messages stay unread and their reader is away; no second one until they have read."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chat.models import Member, Message
from chat.rules import (
    UNREAD_REMINDER_AFTER,
    UNREAD_REMINDER_RETRY,
    UNREAD_REMINDER_UNTIL,
)
from chat.services.presence import is_online
from core import jobs
from notifications.services import notify

JOB_LOST_AFTER = timedelta(hours=1)


def plan_reminders(message: Message, members: Sequence[Member]) -> None:
    """Queue a look at every receiver in a few minutes, unless one is queued or they were reminded since they read."""
    now = timezone.now()
    for member in members:
        reminded = member.reminded_seq > member.read_seq
        planned = member.reminder_due_at is not None and member.reminder_due_at > now - JOB_LOST_AFTER
        if member.user_id != message.sender_id and not reminded and not planned:
            _plan(member, now + UNREAD_REMINDER_AFTER)


@transaction.atomic
def notify_unread(member_id: int) -> None:
    """Remind one person of one room, or look again later while they are here or the message is young."""
    members = Member.objects.select_for_update(of=("self",), no_key=True).select_related("room", "user")
    member = members.filter(pk=member_id, left_at=None).first()
    if member is None:
        return
    waiting = _first_unread(member)
    if waiting is None or member.reminded_seq > member.read_seq:
        Member.objects.filter(pk=member.pk).update(reminder_due_at=None)
        return
    now = timezone.now()
    ripe = waiting.created_at + UNREAD_REMINDER_AFTER
    if now < ripe:
        _plan(member, ripe)
    elif is_online(member.user_id):
        if now < waiting.created_at + UNREAD_REMINDER_UNTIL:
            _plan(member, now + UNREAD_REMINDER_RETRY)
    else:
        _remind(member, waiting)


def _plan(member: Member, at: datetime) -> None:
    jobs.enqueue("chat.notify_unread", at=at, member_id=member.pk)
    Member.objects.filter(pk=member.pk).update(reminder_due_at=at)


def _first_unread(member: Member) -> Message | None:
    unread = member.room.messages.filter(seq__gt=member.read_seq, deleted_at=None).select_related("sender")
    return unread.order_by("seq").first()


def _remind(member: Member, waiting: Message) -> None:
    room = member.room
    sender = waiting.sender.get_full_name()
    notify(
        member.user,
        kind="message_received",
        title=f"{sender} wrote to you",
        message=room.last_preview,
        url=room.page,
        data={"chat_id": room.pk},
        email="chat/emails/message_received",
        context={
            "sender": sender,
            "room_subject": room.subject,
            "preview": room.last_preview,
            "unread": room.last_seq - member.read_seq,
        },
    )
    Member.objects.filter(pk=member.pk).update(reminded_seq=room.last_seq, reminder_due_at=None)
