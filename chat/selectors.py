"""Rooms and messages as the API, the sockets and the pages show them. Hand-written: history is the hottest read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from accounts.hooks import Exported
from accounts.models import Upload, User
from chat.models import Member, Message, Reaction, Room
from chat.rules import preview_of, status_of
from core.errors import NotFound
from core.formats import iso

Json = dict[str, Any]

COLUMNS = (
    "id", "room_id", "seq", "sender_id", "client_id", "content", "has_attachments", "reply_to_id", "change",
    "created_at", "edited_at", "deleted_at",
)  # fmt: skip
LARGEST_ID = 2**63 - 1

# As plain SQL: building the same two statements anew for every page of history costs more than running them.
_MEMBERS = "SELECT user_id, read_seq, delivered_seq FROM chat_member WHERE room_id = %s AND left_at IS NULL ORDER BY id"
_MESSAGES = f"SELECT {', '.join(COLUMNS)} FROM chat_message WHERE room_id = %s AND seq > %s AND seq < %s ORDER BY seq"  # noqa: S608 - our own columns


class Watermarks(NamedTuple):
    """One person in a room."""

    user_id: int
    read_seq: int
    delivered_seq: int


class Page(NamedTuple):
    """Messages as JSON in the order of their numbers; `more` says that others follow in the direction asked for."""

    messages: list[Json]
    more: bool


# --- Who is in a room ---------------------------------------------------------------------------


def members_of(room_id: int) -> list[Watermarks]:
    return list(map(Watermarks._make, _ask(_MEMBERS, room_id))) if room_id <= LARGEST_ID else []


def members_seen_by(actor: User, room_id: int) -> list[Watermarks]:
    """Everybody in the room; NotFound unless `actor` is one of them."""
    members = members_of(room_id)
    if all(member.user_id != actor.pk for member in members):
        raise NotFound
    return members


def contacts_of(user_id: int) -> set[int]:
    """The people who share a room with this one: those who may know whether they are online."""
    shared = Member.objects.filter(left_at=None, room__members__user_id=user_id, room__members__left_at=None)
    return set(shared.exclude(user_id=user_id).values_list("user_id", flat=True))


# --- Rooms --------------------------------------------------------------------------------------


def people_in(rooms: Iterable[Room]) -> set[int]:
    """Everybody in these rooms, which are `with_people`."""
    return {member.user_id for room in rooms for member in room.present}


def rooms_json(rooms: Iterable[Room], online: AbstractSet[int]) -> list[Json]:
    """Rooms `with_unread` of their reader and `with_people`; `online` are those of the people who are here now."""
    return [
        {
            "id": room.pk,
            "kind": room.kind,
            "subject": room.subject,
            "url": room.url or None,
            "participants": [_participant(member, online) for member in room.present],
            "last_seq": room.last_seq,
            "last_message": _last_message(room),
            "unread_count": room.unread,
            "archived": room.my_archived_at is not None,
            "created_at": iso(room.created_at),
        }
        for room in rooms
    ]


def _participant(member: Member, online: AbstractSet[int]) -> Json:
    return {
        "id": member.user_id,
        "name": member.user.get_full_name(),
        "avatar_url": member.user.avatar_url or None,
        "online": member.user_id in online,
        "read_seq": member.read_seq,
        "delivered_seq": member.delivered_seq,
    }


def _last_message(room: Room) -> Json | None:
    if not room.last_seq:
        return None
    return {
        "seq": room.last_seq,
        "sender_id": room.last_sender_id,
        "preview": room.last_preview,
        "created_at": iso(room.last_message_at),
    }


# --- Messages -----------------------------------------------------------------------------------


def history(
    room_id: int,
    members: Sequence[Watermarks],
    *,
    after_seq: int | None = None,
    before_seq: int | None = None,
    limit: int,
) -> Page:
    """The messages next to a number: those right after `after_seq`, else the newest ones (before `before_seq`)."""
    between = (0 if after_seq is None else after_seq, LARGEST_ID if before_seq is None else before_seq)
    order = "DESC" if after_seq is None else "ASC"
    found = _ask(f"{_MESSAGES} {order} LIMIT %s", room_id, *between, limit + 1)
    page = [dict(zip(COLUMNS, row, strict=True)) for row in found[:limit]]
    page.sort(key=itemgetter("seq"))
    return Page(messages_json(page, {room_id: members}), len(found) > limit)


def changes(
    room_id: int, members: Sequence[Watermarks], *, after_change: int, up_to_seq: int, limit: int
) -> tuple[Page, int]:
    """Messages up to a number that changed after `after_change`, in the order of change; and the last one's change."""
    rows = Message.objects.filter(room_id=room_id, change__gt=max(after_change, 0), seq__lte=up_to_seq)
    found = list(rows.order_by("change").values(*COLUMNS)[: limit + 1])
    page = found[:limit]
    last = page[-1]["change"] if page else after_change
    return Page(messages_json(page, {room_id: members}), len(found) > limit), last


def message_json(message: Message, members: Sequence[Watermarks]) -> Json:
    row = {column: getattr(message, column) for column in COLUMNS}
    return messages_json([row], {message.room_id: members})[0]


def found_json(rows: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Messages of several rooms, given as their COLUMNS."""
    members = defaultdict(list)
    present = Member.objects.filter(room_id__in={row["room_id"] for row in rows}, left_at=None)
    for room_id, *marks in present.values_list("room_id", "user_id", "read_seq", "delivered_seq"):
        members[room_id].append(Watermarks(*marks))
    return messages_json(rows, members)


def change_frame(kind: str, message: Message, members: Sequence[Watermarks]) -> Json:
    """What sockets hear of a change: "message_updated", "message_deleted" or "reaction"."""
    changed = message_json(message, members)
    if kind == "reaction":
        about = {name: changed[name] for name in ("chat_id", "seq", "change", "reactions")}
        return {"type": kind, "message_id": message.pk, **about}
    return {"type": kind, **changed}


def messages_json(rows: Sequence[Mapping[str, Any]], members: Mapping[int, Sequence[Watermarks]]) -> list[Json]:
    """`rows` are the COLUMNS of messages; `members` the people in each of their rooms."""
    shown = [row for row in rows if not row["deleted_at"]]
    attachments = _attachments([row["id"] for row in shown if row["has_attachments"]])
    reactions = _reactions([row["id"] for row in shown if row["change"]])
    quoted = _quoted({row["reply_to_id"] for row in shown if row["reply_to_id"]})
    authors = {(row["room_id"], row["sender_id"]) for row in rows}
    reached = {(room_id, sender_id): _lowest(members[room_id], sender_id) for room_id, sender_id in authors}
    return [
        {
            "id": row["id"],
            "chat_id": row["room_id"],
            "seq": row["seq"],
            "sender_id": row["sender_id"],
            "client_id": str(row["client_id"]),
            "content": "" if row["deleted_at"] else row["content"],
            "attachments": attachments.get(row["id"], []),
            "reactions": reactions.get(row["id"], []),
            "reply_to": quoted.get(row["reply_to_id"]),
            "edited_at": iso(row["edited_at"]),
            "deleted": row["deleted_at"] is not None,
            "change": row["change"],
            "status": status_of(row["seq"], **reached[row["room_id"], row["sender_id"]]).value,
            "created_at": iso(row["created_at"]),
        }
        for row in rows
    ]


def _lowest(members: Sequence[Watermarks], sender_id: int) -> dict[str, int]:
    """How far the slowest receiver is."""
    receivers = [member for member in members if member.user_id != sender_id]
    return {
        "read_seq": min((member.read_seq for member in receivers), default=0),
        "delivered_seq": min((member.delivered_seq for member in receivers), default=0),
    }


def attachment_json(upload: Upload) -> Json:
    return {
        "id": upload.pk,
        "name": upload.name,
        "content_type": upload.content_type,
        "size": upload.size,
        "width": upload.width,
        "height": upload.height,
        "url": upload.url,
        "thumbnail_url": upload.thumbnail_url or None,
    }


def _attachments(message_ids: Sequence[int]) -> dict[int, list[Json]]:
    files: dict[int, list[Json]] = defaultdict(list)
    if message_ids:
        links = Message.attachments.through.objects.filter(message_id__in=message_ids)
        for link in links.select_related("upload").order_by("id"):
            files[link.message_id].append(attachment_json(link.upload))
    return files


def _reactions(message_ids: Sequence[int]) -> dict[int, list[Json]]:
    by_emoji: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    if message_ids:
        given = Reaction.objects.filter(message_id__in=message_ids).order_by("id")
        for message_id, emoji, user_id in given.values_list("message_id", "emoji", "user_id"):
            by_emoji[message_id][emoji].append(user_id)
    return {
        message_id: [{"emoji": emoji, "user_ids": user_ids} for emoji, user_ids in emojis.items()]
        for message_id, emojis in by_emoji.items()
    }


def _quoted(message_ids: Iterable[int]) -> dict[int, Json]:
    if not message_ids:
        return {}
    rows = Message.objects.filter(pk__in=message_ids).values("id", "seq", "sender_id", "content", "deleted_at")
    return {
        row["id"]: {
            "id": row["id"],
            "seq": row["seq"],
            "sender_id": row["sender_id"],
            "content": "" if row["deleted_at"] else preview_of(row["content"]),
        }
        for row in rows
    }


def _ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def export(user: User) -> Iterable[Exported]:
    """Conversations as the person can read them: without what was deleted."""
    rooms = Room.objects.visible_to(user).order_by("id")
    yield Exported("conversations", rooms.values("id", "kind", "subject", "created_at").iterator())
    messages = Message.objects.visible_to(user).filter(deleted_at=None).order_by("room", "seq")
    yield Exported(
        "messages",
        messages.values(
            "room_id", "seq", "sender_id", "sender__first_name", "content", "created_at", "edited_at"
        ).iterator(),
    )
    attached = Message.attachments.through.objects.filter(message__sender=user, message__deleted_at=None)
    yield Exported("attachments", attached.values("message__room_id", "message__seq", "upload_id").iterator())
