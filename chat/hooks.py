"""What the apps above tell chat about their rooms. They register in `AppConfig.ready`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Room


@dataclass(frozen=True)
class RoomContext:
    """What a room is about, shown beside the conversation: `badge` as of a lifecycle, `facts` as (label, Money, time or text).

    `entries_url`: where the entries of the ledger stand that the money is made of.
    """

    title: str
    badge: Any = None
    facts: Sequence[tuple[str, Any]] = field(default_factory=tuple)
    entries_url: str = ""


Describe = Callable[["User", "Room"], RoomContext | None]
FindRooms = Callable[["User", int], Sequence[int]]

_describers: dict[str, Describe] = {}
_project_rooms: list[FindRooms] = []


def register_kind(kind: str, describe: Describe) -> None:
    """`describe(user, room)` for rooms of this kind."""
    _describers[kind] = describe


def describe(user: "User", room: "Room") -> RoomContext | None:
    describer = _describers.get(room.kind)
    return describer(user, room) if describer else None


def register_project_rooms(find: FindRooms) -> None:
    """`find(user, project_id)`: ids of the rooms that belong to a project and that this person is in."""
    _project_rooms.append(find)


def rooms_of_project(user: "User", project_id: int) -> list[int]:
    return [room_id for find in _project_rooms for room_id in find(user, project_id)]
