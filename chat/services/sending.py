"""Sending: stored and numbered first, told to open sockets after the commit."""

import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from accounts.models import Upload, User
from accounts.rules import UploadKind
from accounts.services import uploads
from accounts.services.limits import limit_new_messages
from chat.errors import ClientIdTaken
from chat.models import Member, Message, Room
from chat.policies import why_not_send
from chat.rules import MAX_ATTACHMENTS, MAX_CONTENT, RoomKind, preview_of
from chat.selectors import Watermarks, message_json
from chat.services.news import tell
from chat.services.reminders import plan_reminders
from chat.services.rooms import open_direct_room
from core.errors import Invalid, NotFound, require
from core.queries import get_or_refuse


@transaction.atomic
def send_message(
    actor: User,
    *,
    room_id: int,
    content: str,
    client_id: uuid.UUID | None = None,
    attachment_ids: Sequence[int] = (),
    reply_to_id: int | None = None,
) -> Message:
    """Store a message under the room's next number.

    The room's row stays locked until the commit, so numbers have no gaps and messages commit in their order. The same
    `client_id` again in the same room gives the first message, whatever it says now: it is the same message sent once
    more after a lost answer. In another room, or if somebody else's message here bears it, it is refused.
    """
    require(why_not_send(actor))
    files = _claim_files(actor, attachment_ids)
    content = clean_content(content, may_be_empty=bool(files))
    room, members = _lock_room(actor, room_id)
    client_id = client_id or uuid.uuid4()
    if repeated := _find_repeated(actor, room, members, client_id):
        return repeated
    if room.kind == RoomKind.DIRECT:
        limit_new_messages(actor)
    reply_to = get_or_refuse(room.messages.all(), pk=reply_to_id) if reply_to_id else None
    message = Message(
        room=room,
        seq=room.last_seq + 1,
        sender=actor,
        client_id=client_id,
        content=content,
        has_attachments=bool(files),
        reply_to=reply_to,
    )
    try:
        message.save(force_insert=True)
    except IntegrityError as error:  # the same client_id in another room, at the same moment
        raise ClientIdTaken from error
    message.attachments.add(*files)
    _move_room(room, message, preview_of(content, [upload.name for upload in files]))
    _move_members(message, members)
    plan_reminders(message, members)
    _tell_message(message, members)
    return message


@transaction.atomic
def send_direct_message(
    actor: User,
    *,
    receiver_id: int,
    content: str,
    client_id: uuid.UUID | None = None,
    attachment_ids: Sequence[int] = (),
    reply_to_id: int | None = None,
) -> Message:
    """The same to a person, in the direct room of the two."""
    room = open_direct_room(actor, other_id=receiver_id)
    return send_message(
        actor,
        room_id=room.pk,
        content=content,
        client_id=client_id,
        attachment_ids=attachment_ids,
        reply_to_id=reply_to_id,
    )


def clean_content(content: str, *, may_be_empty: bool = False) -> str:
    """The text without blank ends, or Invalid."""
    content = content.strip()
    if not content and not may_be_empty:
        raise Invalid(fields={"content": ["Write something, or attach a file."]})
    if len(content) > MAX_CONTENT:
        raise Invalid(fields={"content": [f"A message has at most {MAX_CONTENT:,} characters."]})
    if "\0" in content or any("\ud800" <= char <= "\udfff" for char in content):
        raise Invalid(fields={"content": ["This text has characters that cannot be stored."]})
    return content


def _claim_files(actor: User, attachment_ids: Sequence[int]) -> list[Upload]:
    if len(attachment_ids) > MAX_ATTACHMENTS:
        raise Invalid(fields={"attachment_ids": [f"A message has at most {MAX_ATTACHMENTS} files."]})
    return uploads.claim(actor, ids=attachment_ids, kind=UploadKind.ATTACHMENT) if attachment_ids else []


def _lock_room(actor: User, room_id: int) -> tuple[Room, list[Member]]:
    """The room, locked, and who is in it now."""
    rooms = Room.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    room: Room = get_or_refuse(rooms, pk=room_id)
    members = list(room.members.filter(left_at=None))
    if all(member.user_id != actor.pk for member in members):  # left while this waited for the lock
        raise NotFound
    return room, members


def _find_repeated(actor: User, room: Room, members: Sequence[Member], client_id: uuid.UUID) -> Message | None:
    sent = Message.objects.filter(client_id=client_id, sender__in=[member.user_id for member in members])
    for message in sent:
        if message.sender_id == actor.pk and message.room_id == room.pk:
            return message
        if message.sender_id == actor.pk or message.room_id == room.pk:
            raise ClientIdTaken
    return None


def _move_room(room: Room, message: Message, preview: str) -> None:
    room.last_seq = message.seq
    room.last_message_at = message.created_at
    room.last_preview = preview
    room.last_sender_id = message.sender_id
    room.save(update_fields=["last_seq", "last_message_at", "last_preview", "last_sender"])


def _move_members(message: Message, members: Sequence[Member]) -> None:
    """Whoever writes has read everything before; and the room comes back from everybody's archive."""
    Member.objects.filter(room_id=message.room_id, user_id=message.sender_id).update(
        read_seq=message.seq, delivered_seq=message.seq
    )
    if archived := [member.pk for member in members if member.archived_at]:
        Member.objects.filter(pk__in=archived).update(archived_at=None)


def _tell_message(message: Message, members: Sequence[Member]) -> None:
    people = [member.user_id for member in members]
    watermarks = [Watermarks(member.user_id, member.read_seq, member.delivered_seq) for member in members]
    frame = {"type": "new_message", **message_json(message, watermarks)}
    receivers = [user_id for user_id in people if user_id != message.sender_id]
    if len(receivers) == 1:
        frame["receiver_id"] = receivers[0]
    tell(people, frame)
    sender = next(member for member in members if member.user_id == message.sender_id)
    if sender.read_seq < message.seq - 1:
        seen = {
            "chat_id": message.room_id,
            "user_id": message.sender_id,
            "up_to_seq": message.seq,
        }
        tell(people, {"type": "message_read", **seen})
