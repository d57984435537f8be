"""News for open sockets. Only a hint that something changed: the database is the truth, and losing one is harmless."""

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
    transaction.on_commit(lambda: async_to_sync(get_channel_layer().group_send)(group, event), robust=True)
