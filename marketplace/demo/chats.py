"""Conversations of contracts and gigs."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from accounts.models import User
from chat.models import Room
from chat.services import mark_read, send_message
from marketplace.demo.content import Item
from marketplace.demo.stage import Act

READ_AFTER = timedelta(minutes=40)
UNREAD_FOR = timedelta(hours=20)  # what came in so recently still waits for its reader


def conversation(
    name: str,
    chat: Item,
    *,
    started_at: datetime,
    now: datetime,
    room: Callable[[], Room],
    speakers: dict[str, Callable[[], User]],
) -> Iterator[Act]:
    """The messages, and the last one being read. `minutes` of each count from the one before; with `last_hours_ago`
    the pauses are stretched so that the last one falls there.
    """
    at, pace = started_at, _pace(chat, now - started_at)
    for number, message in enumerate(chat["messages"]):
        at += timedelta(minutes=message["minutes"]) * pace
        speaker = speakers[message["by"]]
        yield Act(at, f"{name}: message {number}", _say(room, speaker, message["text"]))
    if at < now - UNREAD_FOR:
        listener = next(who for role, who in speakers.items() if role != chat["messages"][-1]["by"])
        yield Act(at + READ_AFTER, f"{name}: read", _read(room, listener))


def _pace(chat: Item, age: timedelta) -> float:
    if "last_hours_ago" not in chat:
        return 1
    spoken = timedelta(minutes=sum(message["minutes"] for message in chat["messages"]))
    return (age - timedelta(hours=chat["last_hours_ago"])) / spoken


def _say(room: Callable[[], Room], speaker: Callable[[], User], text: str) -> Callable[[], object]:
    return lambda: send_message(speaker(), room_id=room().pk, content=text)


def _read(room: Callable[[], Room], listener: Callable[[], User]) -> Callable[[], object]:
    return lambda: mark_read(listener(), room_id=room().pk, up_to_seq=room().last_seq)
