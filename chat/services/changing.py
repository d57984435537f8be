"""What happens to a message after it was sent. Every change has a number, so that nobody misses it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat.models import Message, Room
from chat.policies import why_not_change, why_not_send
from chat.rules import MAX_EMOJIS_PER_MESSAGE, is_emoji, preview_of
from chat.selectors import change_frame, members_seen_by
from chat.services.news import tell
from chat.services.sending import clean_content
from core.errors import Conflict, Invalid, require
from core.queries import get_or_refuse


@transaction.atomic
def edit_message(actor: User, *, message_id: int, content: str) -> Message:
    """Replace the text of one's own message; everybody sees that it was edited."""
    message = _lock_message(actor, message_id)
    require(why_not_change(actor, message))
    content = clean_content(content, may_be_empty=message.has_attachments)
    if content != message.content:
        message.content = content
        message.edited_at = timezone.now()
        _save_change(actor, message, "content", "edited_at", preview=preview_of(content))
        _tell_change(actor, message, "message_updated")
    return message


@transaction.atomic
def delete_message(actor: User, *, message_id: int) -> Message:
    """Take back one's own message: its place in the room stays, its text and files are gone for everybody."""
    message = _lock_message(actor, message_id, deleted_too=True)
    require(why_not_change(actor, message))
    if message.deleted_at is None:
        message.deleted_at = timezone.now()
        _save_change(actor, message, "deleted_at", preview="")
        _tell_change(actor, message, "message_deleted")
    return message


@transaction.atomic
def react(actor: User, *, message_id: int, emoji: str, on: bool) -> Message:
    """Put an emoji under a message, or take it away again."""
    require(why_not_send(actor))
    if not is_emoji(emoji):
        raise Invalid(fields={"emoji": ["Choose one emoji."]})
    message = _lock_message(actor, message_id)
    if on:
        if message.reactions.exclude(emoji=emoji).values("emoji").distinct().count() >= MAX_EMOJIS_PER_MESSAGE:
            raise Conflict("too_many_emojis", "This message has enough different emojis.")
        _, changed = message.reactions.get_or_create(user=actor, emoji=emoji)
    else:
        changed = bool(message.reactions.filter(user=actor, emoji=emoji).delete()[0])
    if changed:
        _save_change(actor, message)
        _tell_change(actor, message, "reaction", {"user_id": actor.pk, "emoji": emoji, "on": on})
    return message


def _lock_message(actor: User, message_id: int, *, deleted_too: bool = False) -> Message:
    """A message of a room that the actor is in, with that room locked: changes are numbered like messages."""
    rooms = Room.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    room = get_or_refuse(rooms, messages=message_id)
    message: Message = room.messages.get(pk=message_id)
    message.room = room
    if message.deleted_at and not deleted_too:
        raise Conflict("message_deleted", "This message was deleted.")
    return message


def _save_change(actor: User, message: Message, *columns: str, preview: str | None = None) -> None:
    """Number the change; `preview` is what lists of rooms say about the message from now on, if that changes."""
    room = message.room
    room.last_change += 1
    if preview is not None and message.seq == room.last_seq:
        room.last_preview = preview
    room.save(update_fields=["last_change", "last_preview"])
    message.change = room.last_change
    message.save(update_fields=[*columns, "change"])


def _tell_change(actor: User, message: Message, kind: str, more: Mapping[str, Any] | None = None) -> None:
    members = members_seen_by(actor, message.room_id)
    tell([member.user_id for member in members], change_frame(kind, message, members) | dict(more or {}))
