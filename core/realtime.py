"""News for open sockets. Only a hint that something changed: the database is the truth, and losing one is harmless."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from django.db import transaction
from redis import Redis


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
    transaction.on_commit(lambda: _send(names, event), robust=True)


def _send(groups: list[str], event: dict[str, Any]) -> None:
    """To the Redis layer without an event loop: a loop of its own, with a connection of its own, takes milliseconds."""
    layer = get_channel_layer()
    if not isinstance(layer, RedisPubSubChannelLayer):
        async_to_sync(_send_by_layer)(groups, event)
        return
    message, prefix = layer.serialize(event), settings.CHANNEL_PREFIX
    with _redis(settings.REDIS_URL).pipeline(transaction=False) as pipeline:
        for group in groups:
            pipeline.publish(f"{prefix}__group__{group}", message)
        pipeline.execute()


async def _send_by_layer(groups: list[str], event: dict[str, Any]) -> None:
    layer = get_channel_layer()
    for group in groups:
        await layer.group_send(group, event)


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url)
