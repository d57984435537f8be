"""News for open sockets. Only a hint that something changed: the database is the truth, and losing one is harmless."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from django.db import transaction
from redis import Redis

Message = tuple[list[str], dict[str, Any]]


def room_group(room_id: int) -> str:
    return f"room.{room_id}"


def user_group(user_id: int) -> str:
    return f"user.{user_id}"


def publish(group: str, event: dict[str, Any]) -> None:
    """Send `event` (with a "type" that names a consumer's method) to a group once the transaction has committed."""
    publish_each([([group], event)])


def publish_to_all(groups: Iterable[str], event: dict[str, Any]) -> None:
    """The same for several groups, in one go."""
    publish_each([(list(groups), event)])


def publish_each(messages: Sequence[Message]) -> None:
    """Several events, each to its groups, in one go."""
    transaction.on_commit(lambda: _send(messages), robust=True)


def _send(messages: Sequence[Message]) -> None:
    """To the Redis layer without an event loop: a loop of its own, with a connection of its own, takes milliseconds."""
    layer = get_channel_layer()
    if not isinstance(layer, RedisPubSubChannelLayer):
        async_to_sync(_send_by_layer)(messages)
        return
    with _redis(settings.REDIS_URL).pipeline(transaction=False) as pipeline:
        for groups, event in messages:
            message = layer.serialize(event)
            for group in groups:
                pipeline.publish(f"{settings.CHANNEL_PREFIX}__group__{group}", message)
        pipeline.execute()


async def _send_by_layer(messages: Sequence[Message]) -> None:
    layer = get_channel_layer()
    for groups, event in messages:
        for group in groups:
            await layer.group_send(group, event)


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url)
