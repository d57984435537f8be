"""News for open sockets. Only a hint that something changed: the database is the truth, and losing one is harmless."""

from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction


def room_group(room_id: int) -> str:
    return f"room.{room_id}"


def user_group(user_id: int) -> str:
    return f"user.{user_id}"


def publish(group: str, event: dict[str, Any]) -> None:
    """Send `event` (with a "type" that names a consumer's method) to a group once the transaction has committed."""
    publish_to_all([group], event)


def publish_to_all(groups: Iterable[str], event: dict[str, Any]) -> None:
    """The same for several groups, in one go."""
    names = list(groups)
    transaction.on_commit(lambda: async_to_sync(_send)(names, event), robust=True)


async def _send(groups: list[str], event: dict[str, Any]) -> None:
    layer = get_channel_layer()
    for group in groups:
        await layer.group_send(group, event)
