"""What a socket answers. Everything here uses the database and runs in a thread."""

import uuid
from collections.abc import Sequence
from typing import Any

from accounts.models import User
from chat import hooks, services
from chat.models import Room
from chat.policies import why_not_send
from chat.rules import SYNC_PAGE
from chat.selectors import change_frame, changes, history, members_of, members_seen_by, message_json
from chat.services.news import tell
from core.errors import NotFound

Json = dict[str, Any]


def joined(user: User, chat_id: int) -> Json:
    """Where the chat stands, for somebody who has its messages already or fetches them otherwise."""
    members = members_seen_by(user, chat_id)
    return {"type": "chat_joined", "chat_id": chat_id, **_heads(chat_id), "members": [it._asdict() for it in members]}


def sync_page(user: User, chat_id: int, after_seq: int, after_change: int | None = None) -> Json:
    """The messages after a number, and what changed in older ones after a change; `more` says to ask again."""
    members = members_seen_by(user, chat_id)
    heads = _heads(chat_id)  # read first: whatever comes later has a higher number
    page = history(chat_id, members, after_seq=after_seq, limit=SYNC_PAGE)
    more, changed = page.more, []
    if after_change is not None:
        older, last = changes(chat_id, members, after_change=after_change, up_to_seq=after_seq, limit=SYNC_PAGE)
        changed = older.messages
        if older.more:
            heads["last_change"], more = last, True
    return {
        "type": "sync_page",
        "chat_id": chat_id,
        "messages": page.messages,
        "changed": changed,
        "more": more,
        **heads,
        "members": [member._asdict() for member in members],
    }


def project_chats(user: User, project_id: int) -> list[int]:
    chat_ids = hooks.rooms_of_project(user, project_id)
    mine = Room.objects.visible_to(user).filter(pk__in=chat_ids).values_list("pk", flat=True)
    if not mine:
        raise NotFound
    return list(mine)


def send(
    user: User,
    *,
    content: str = "",
    client_id: uuid.UUID | None = None,
    chat_id: int | None = None,
    receiver_id: int | None = None,
    attachment_ids: Sequence[int] = (),
    reply_to: int | None = None,
) -> Json:
    """Store a message; its JSON once it is stored."""
    what = {"content": content, "client_id": client_id, "attachment_ids": attachment_ids, "reply_to_id": reply_to}
    if chat_id is not None:
        message = services.send_message(user, room_id=chat_id, **what)
    else:
        message = services.send_direct_message(user, receiver_id=receiver_id or 0, **what)
    return message_json(message, members_of(message.room_id))


def tell_typing(user: User, chat_id: int, *, on: bool) -> None:
    """Nothing from somebody who could not send what they type."""
    if why_not_send(user):
        return
    others = [member.user_id for member in members_seen_by(user, chat_id) if member.user_id != user.pk]
    tell(others, {"type": "typing", "chat_id": chat_id, "user_id": user.pk, "on": on})


def mark_read(user: User, chat_id: int, up_to_seq: int) -> Json:
    mine = services.mark_read(user, room_id=chat_id, up_to_seq=up_to_seq)
    return {"type": "message_read", "chat_id": chat_id, "user_id": user.pk, "up_to_seq": mine.read_seq}


def mark_delivered(user: User, chat_id: int, up_to_seq: int) -> Json:
    mine = services.mark_delivered(user, room_id=chat_id, up_to_seq=up_to_seq)
    return {"type": "message_delivered", "chat_id": chat_id, "user_id": user.pk, "up_to_seq": mine.delivered_seq}


def edit_message(user: User, message_id: int, content: str) -> Json:
    message = services.edit_message(user, message_id=message_id, content=content)
    return change_frame("message_updated", message, members_of(message.room_id))


def delete_message(user: User, message_id: int) -> Json:
    message = services.delete_message(user, message_id=message_id)
    return change_frame("message_deleted", message, members_of(message.room_id))


def react(user: User, message_id: int, emoji: str, on: bool) -> Json:
    message = services.react(user, message_id=message_id, emoji=emoji, on=on)
    frame = change_frame("reaction", message, members_of(message.room_id))
    return frame | {"user_id": user.pk, "emoji": emoji, "on": on}


def _heads(chat_id: int) -> Json:
    return dict(Room.objects.values("last_seq", "last_change").get(pk=chat_id))
