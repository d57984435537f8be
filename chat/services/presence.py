"""Who has a socket open. Kept in Redis with an expiry, so that a crashed process leaves nobody online for long.

Each person has a sorted set of their sockets, scored by the time at which each counts as gone.
"""

import time
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from redis import Redis

from chat.rules import PRESENCE_GRACE, PRESENCE_LIFETIME
from chat.selectors import contacts_of
from chat.services.news import tell


@lru_cache(maxsize=1)
def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL)


def _key(user_id: int) -> str:
    return f"presence:{user_id}"


def enter(user_id: int, socket: str) -> bool:
    """A socket opened, or is still open. Whether its person was offline before."""
    now = time.time()
    lifetime = PRESENCE_LIFETIME.total_seconds()
    with _redis().pipeline(transaction=True) as pipeline:
        pipeline.zremrangebyscore(_key(user_id), "-inf", now)
        pipeline.zcard(_key(user_id))
        pipeline.zadd(_key(user_id), {socket: now + lifetime})
        pipeline.expire(_key(user_id), int(lifetime))
        _, sockets, *_ = pipeline.execute()
    return sockets == 0


def leave(user_id: int, socket: str) -> None:
    """A socket closed: it counts for a few more seconds, since another one often follows."""
    _redis().zadd(_key(user_id), {socket: time.time() + PRESENCE_GRACE.total_seconds()}, xx=True)


def is_online(user_id: int) -> bool:
    return bool(online_among([user_id]))


def online_among(user_ids: Iterable[int]) -> set[int]:
    """Those of them who have a socket open."""
    asked = list(user_ids)
    if not asked:
        return set()
    now = time.time()
    with _redis().pipeline(transaction=False) as pipeline:
        for user_id in asked:
            pipeline.zcount(_key(user_id), f"({now}", "+inf")
        counts = pipeline.execute()
    return {user_id for user_id, count in zip(asked, counts, strict=True) if count}


def open_sockets(user_id: int) -> int:
    return int(_redis().zcount(_key(user_id), f"({time.time()}", "+inf"))


# --- Telling others -----------------------------------------------------------------------------


def arrive(user_id: int, socket: str) -> None:
    """A socket opened: whoever shares a room with its person hears of it, if they were away."""
    if enter(user_id, socket):
        _tell_contacts(user_id, "user_online")


def tell_if_gone(user_id: int) -> None:
    """Some time after a socket closed: no other one followed."""
    if not is_online(user_id):
        _tell_contacts(user_id, "user_offline")


def _tell_contacts(user_id: int, frame_type: str) -> None:
    tell(online_among(contacts_of(user_id)), {"type": frame_type, "user_id": user_id})
