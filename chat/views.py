"""Pages of chat: the list of conversations, and one of them."""

import uuid
import zoneinfo
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Upload, User
from accounts.rules import UploadKind
from accounts.services import uploads
from chat import hooks, services
from chat.forms import MessageForm, PersonForm, PlaceForm, SearchForm
from chat.models import Message, Room
from chat.rules import HISTORY_PAGE
from chat.selectors import COLUMNS, Json, Watermarks, attachment_json, found_json, history, people_in
from chat.services import presence
from core.errors import DomainError, NotFound
from core.pages import apply
from core.queries import get_or_refuse

ROOMS_SHOWN = 100
HITS_SHOWN = 20
FILES_SHOWN = 6
SAME_BREATH = timedelta(minutes=5)


# --- What the templates show --------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A message in the log, or a separator before it: `day` when a new one starts, `is_new` where unread ones start."""

    message: Json
    sent_at: datetime
    is_mine: bool
    follows: bool
    is_last_of_group: bool
    author: str
    day: date | None
    is_new: bool


@dataclass(frozen=True)
class Thread:
    """One conversation as its reader sees it."""

    room: Room
    reader: User
    others: list[User]
    online: AbstractSet[int]
    lines: list[Line]
    members: list[Watermarks]
    older_before: int | None
    form: MessageForm

    @property
    def title(self) -> str:
        return ", ".join(person.get_full_name() for person in self.others)

    @property
    def other(self) -> User | None:
        return self.others[0] if len(self.others) == 1 else None

    @property
    def is_other_online(self) -> bool:
        return self.other is not None and self.other.pk in self.online

    @property
    def last_shown_seq(self) -> int:
        return int(self.lines[-1].message["seq"]) if self.lines else 0


@dataclass(frozen=True)
class RoomRow:
    """A room in the list."""

    room: Room
    others: list[User]
    is_online: bool
    is_current: bool
    is_mine: bool

    @property
    def title(self) -> str:
        return ", ".join(person.get_full_name() for person in self.others)


def room_rows(reader: User, rooms: Sequence[Room], current_id: int | None) -> list[RoomRow]:
    """`rooms` are `with_unread` and `with_people`."""
    online = presence.online_among(people_in(rooms) - {reader.pk})
    return [
        RoomRow(
            room=room,
            others=_others(room, reader),
            is_online=any(member.user_id in online for member in room.present),
            is_current=room.pk == current_id,
            is_mine=room.last_sender_id == reader.pk,
        )
        for room in rooms
    ]


def thread_of(reader: User, room_id: int, *, before: int | None = None, form: MessageForm | None = None) -> Thread:
    """For the room's own page, and for the tab of a contract or gig (include chat/_thread.html with it)."""
    room = get_or_refuse(Room.objects.visible_to(reader).with_unread(reader).with_people(), pk=room_id)
    members = [Watermarks(member.user_id, member.read_seq, member.delivered_seq) for member in room.present]
    page = history(room.pk, members, before_seq=before, limit=HISTORY_PAGE)
    names = {member.user_id: member.user.get_full_name() for member in room.present}
    others = _others(room, reader)
    return Thread(
        room=room,
        reader=reader,
        others=others,
        online=presence.online_among(person.pk for person in others),
        lines=list(_lines(page.messages, reader, names, room.my_read_seq)),
        members=members,
        older_before=page.messages[0]["seq"] if page.more else None,
        form=form or MessageForm(initial={"client_id": uuid.uuid4()}),
    )


def _others(room: Room, reader: User) -> list[User]:
    return [member.user for member in room.present if member.user_id != reader.pk]


def _lines(messages: Sequence[Json], reader: User, names: dict[int, str], read_seq: int) -> Iterator[Line]:
    times = [datetime.fromisoformat(message["created_at"]) for message in messages]
    days = [timezone.localtime(moment).date() for moment in times]
    first_new = next((m["seq"] for m in messages if m["seq"] > read_seq and m["sender_id"] != reader.pk), None)

    def joins(index: int) -> bool:
        """Whether this message follows the one before without a word between them."""
        if not 0 < index < len(messages) or messages[index]["seq"] == first_new:
            return False
        same_sender = messages[index]["sender_id"] == messages[index - 1]["sender_id"]
        soon = times[index] - times[index - 1] < SAME_BREATH
        return same_sender and soon and days[index] == days[index - 1]

    for index, message in enumerate(messages):
        yield Line(
            message=message,
            sent_at=times[index],
            is_mine=message["sender_id"] == reader.pk,
            follows=joins(index),
            is_last_of_group=not joins(index + 1),
            author=names.get(message["sender_id"], ""),
            day=days[index] if index == 0 or days[index] != days[index - 1] else None,
            is_new=message["seq"] == first_new,
        )


# --- Pages --------------------------------------------------------------------------------------


@require_safe
def room_list(request: HttpRequest) -> HttpResponse:
    """The conversations; with `q` those that match, and messages that say it."""
    context = _rooms_context(request, current_id=_current_id(request))
    return render(request, "chat/_rooms.html" if request.htmx else "chat/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def room(request: HttpRequest, room_id: int) -> HttpResponse:
    if request.method == "POST":
        return _send(request, room_id)
    place = PlaceForm(request.GET)
    before = place.cleaned_data["before"] if place.is_valid() else None
    return _room_page(request, thread_of(request.user, room_id, before=before))


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """To the conversation with `person`, made if there is none."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        raise NotFound
    opened = services.open_direct_room(request.user, other_id=form.cleaned_data["person"])
    return redirect("chat:room", opened.pk)


@require_POST
def archive(request: HttpRequest, room_id: int) -> HttpResponse:
    """Out of the list until the next message, or back into it."""
    archived = request.POST.get("archived") != "no"
    services.archive_room(request.user, room_id=room_id, archived=archived)
    return redirect("chat:list") if archived else redirect("chat:room", room_id)


def _send(request: HttpRequest, room_id: int) -> HttpResponse:
    form = MessageForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data
        try:
            sent = services.send_message(
                request.user,
                room_id=room_id,
                content=given["content"],
                client_id=given["client_id"],
                attachment_ids=[*given["attachment_ids"], *_store(request, given["files"])],
                reply_to_id=given["reply_to"],
            )
        except NotFound:
            raise
        except DomainError as error:
            apply(form, error)
        else:
            return redirect(f"{sent.room.page}#m{sent.seq}")
    return _room_page(request, thread_of(request.user, room_id, form=form), status=400)


def _store(request: HttpRequest, files: Sequence[Any]) -> list[int]:
    return [uploads.store(request.user, file=file, kind=UploadKind.ATTACHMENT).pk for file in files]


def _room_page(request: HttpRequest, thread: Thread, status: int = 200) -> HttpResponse:
    if thread.room.unread:
        services.mark_read(request.user, room_id=thread.room.pk, up_to_seq=thread.last_shown_seq)
    context = _rooms_context(request, current_id=thread.room.pk) | {
        "thread": thread,
        "about": hooks.describe(request.user, thread.room),
        "files": [attachment_json(upload) for upload in _files(thread.room)],
        "time_of_other": _time_of(thread.other) if thread.other else "",
    }
    return render(request, "chat/room.html", context, status=status)


def _files(room: Room) -> "Sequence[Upload]":
    sent = Upload.objects.filter(messages__room=room, messages__deleted_at=None)
    return sent.order_by("-id").distinct()[:FILES_SHOWN]


def _time_of(person: User) -> str:
    """The time where they are, unless they never said where."""
    try:
        zone = zoneinfo.ZoneInfo(person.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return ""
    return date_format(timezone.localtime(timezone=zone), "H:i")


def _current_id(request: HttpRequest) -> int | None:
    given = request.GET.get("current", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None


def _rooms_context(request: HttpRequest, current_id: int | None) -> dict[str, Any]:
    search = SearchForm(request.GET)
    words = search.cleaned_data["q"] if search.is_valid() else ""
    rooms = Room.objects.visible_to(request.user).with_unread(request.user).with_people()
    if words:
        rooms = rooms.about(words, reader=request.user)
    else:
        rooms = rooms.filter(my_archived_at=None)
    context = {"rows": room_rows(request.user, list(rooms[:ROOMS_SHOWN]), current_id), "words": words}
    return context | {"hits": _hits(request.user, words)} if len(words) > 1 else context


def _hits(reader: User, words: str) -> list[Json]:
    """Messages that say it, each with the name of its room."""
    found = Message.objects.visible_to(reader).saying(words).order_by("-id").values(*COLUMNS)[:HITS_SHOWN]
    rooms = Room.objects.filter(pk__in={row["room_id"] for row in found}).with_people().in_bulk()
    return [
        {
            "message": message,
            "title": ", ".join(person.get_full_name() for person in _others(rooms[message["chat_id"]], reader)),
            "sent_at": datetime.fromisoformat(message["created_at"]),
            "start": message["seq"] + HISTORY_PAGE // 2,
        }
        for message in found_json(found)
    ]
