"""Limits on how often, counted in Redis with one round trip each.

`spend` is for the API as a whole: it gives way when Redis is down. `allow` guards what can be guessed, mailed or paid
and refuses then. docs/decisions/0125-limits.md says why.
"""

import math
import time
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from django.conf import settings
from redis import Redis, RedisError
from rest_framework.throttling import BaseThrottle

from core.errors import Unavailable

if TYPE_CHECKING:  # views load the settings of the API, which load services, which count here
    from rest_framework.request import Request
    from rest_framework.views import APIView

logger = structlog.get_logger("limits")
CONNECT_SECONDS, ANSWER_SECONDS = 1, 2

# A bucket is the moment at which it will be full again. It refills evenly, so there is no edge of a window at which
# twice as much gets through. All buckets give, or none does.
_SPEND = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local refused, least, at = 0, nil, nil
local full = {}
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local each = window / limit
  full[i] = math.max(tonumber(redis.call('GET', key) or 0), now) + each
  local over = full[i] - now - window
  if over > 0.5 then refused = math.max(refused, math.ceil(over)) end
  local left = math.max(0, math.floor((now + window - full[i]) / each + 0.001))
  if least == nil or left < least then least, at = left, i end
end
if refused == 0 then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.3f', full[i]), 'PX', math.ceil(full[i] - now) + 1000)
  end
end
local until_full = math.max(0, math.ceil(full[at] - now))
return {refused, least, until_full, at}
"""
_COUNT = """
local used = redis.call('INCR', KEYS[1])
if used == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return used
"""
_GIVE_BACK = "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('DECR', KEYS[1]) end"


class Bucket(NamedTuple):
    """`who` may do `limit` things at once, and gets them back evenly over `seconds`."""

    who: str
    limit: int
    seconds: int = 60


class Standing(NamedTuple):
    """What is left of the tightest bucket. `wait`: 0 when allowed, else seconds; `reset`: seconds until it is full."""

    limit: int
    remaining: int
    reset: int
    wait: int


def spend(buckets: Sequence[Bucket]) -> Standing | None:
    """Take one from every bucket, or none from any. None when Redis does not answer: the caller lets it pass."""
    limits = [bucket.limit * settings.RATE_LIMIT_FACTOR for bucket in buckets]
    figures = [part for bucket, limit in zip(buckets, limits, strict=True) for part in (limit, bucket.seconds * 1000)]
    try:
        refused, left, until_full, which = _scripts()["spend"](
            keys=[f"bucket:{bucket.who}" for bucket in buckets], args=figures
        )
    except RedisError as error:
        logger.warning("limits_unavailable", error=str(error))
        return None
    return Standing(limits[which - 1], left, _seconds(until_full), _seconds(refused))


def allow(scope: str, who: str, *, limit: int, seconds: int) -> int:
    """Count one use of `scope` by `who` in a fixed window. 0 when allowed, otherwise the seconds to wait.

    Unavailable when Redis does not answer: a door that cannot count stays shut.
    """
    window = int(time.time() // seconds)
    try:
        used = _scripts()["count"](keys=[_window_key(scope, who, window)], args=[seconds])
    except RedisError as error:
        logger.warning("limits_unavailable", error=str(error))
        raise Unavailable from error
    if used <= limit * settings.RATE_LIMIT_FACTOR:
        return 0
    return math.ceil((window + 1) * seconds - time.time()) or 1


def give_back(scope: str, who: str, *, seconds: int) -> None:
    """Take back one use: it turned out not to count."""
    try:
        _scripts()["give_back"](keys=[_window_key(scope, who, int(time.time() // seconds))])
    except RedisError as error:
        logger.warning("limits_unavailable", error=str(error))  # one use too many is counted, and nothing is lost


class Limit(BaseThrottle):
    """Subclass with `scope`, `limit` and `seconds`; counts per signed-in person, else per address."""

    scope = ""
    limit = 60
    seconds = 60
    _wait = 0

    def identity(self, request: "Request", view: "APIView") -> str:
        if request.user and request.user.is_authenticated:
            return f"user-{request.user.pk}"
        return f"address-{client_address(request)}"

    def allow_request(self, request: "Request", view: "APIView") -> bool:
        try:
            self._wait = allow(self.scope, self.identity(request, view), limit=self.limit, seconds=self.seconds)
        except Unavailable:
            return True  # these slow down the eager; nothing is guessed or paid here
        return not self._wait

    def wait(self) -> float:
        return self._wait


def client_address(request: object) -> str:
    """The peer's address. The front server overwrites X-Real-IP, so it is believed only where one is configured."""
    meta = request.META  # type: ignore[attr-defined]
    if settings.TRUST_PROXY_ADDRESS:
        return str(meta.get("HTTP_X_REAL_IP") or meta.get("REMOTE_ADDR", ""))
    return str(meta.get("REMOTE_ADDR", ""))


def counters() -> Redis:
    """Redis, for what is only counted. An answer that takes seconds is as good as none."""
    return _client(settings.REDIS_URL)


@cache
def _client(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS)


def _scripts() -> dict[str, Any]:
    return _scripts_at(settings.REDIS_URL)


@cache
def _scripts_at(url: str) -> dict[str, Any]:
    client = _client(url)
    texts = {"spend": _SPEND, "count": _COUNT, "give_back": _GIVE_BACK}
    return {name: client.register_script(text) for name, text in texts.items()}


def _window_key(scope: str, who: str, window: int) -> str:
    return f"limit:{scope}:{who}:{window}"


def _seconds(milliseconds: int) -> int:
    return -(-milliseconds // 1000)
