"""Limits on how often. A fixed window counted in Redis with one round trip."""

import contextlib
import math
import time

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView


def allow(scope: str, who: str, *, limit: int, seconds: int) -> int:
    """Count one use of `scope` by `who`. 0 when allowed, otherwise the seconds to wait."""
    window = int(time.time() // seconds)
    key = f"limit:{scope}:{who}:{window}"
    cache.add(key, 0, timeout=seconds)
    try:
        used = cache.incr(key)
    except ValueError:  # expired between the two calls: a new window has begun
        return 0
    if used <= limit * settings.RATE_LIMIT_FACTOR:
        return 0
    return math.ceil((window + 1) * seconds - time.time()) or 1


def give_back(scope: str, who: str, *, seconds: int) -> None:
    """Take back one use: it turned out not to count."""
    with contextlib.suppress(ValueError):  # the window has ended meanwhile
        cache.decr(f"limit:{scope}:{who}:{int(time.time() // seconds)}")


class Limit(BaseThrottle):
    """Subclass with `scope`, `limit` and `seconds`; counts per signed-in person, else per address."""

    scope = ""
    limit = 60
    seconds = 60
    _wait = 0

    def identity(self, request: Request, view: APIView) -> str:
        if request.user and request.user.is_authenticated:
            return f"user-{request.user.pk}"
        return f"address-{client_address(request)}"

    def allow_request(self, request: Request, view: APIView) -> bool:
        self._wait = allow(self.scope, self.identity(request, view), limit=self.limit, seconds=self.seconds)
        return not self._wait

    def wait(self) -> float:
        return self._wait


def client_address(request: object) -> str:
    """The peer's address. The front server overwrites X-Real-IP, so it is believed only where one is configured."""
    meta = request.META  # type: ignore[attr-defined]
    if settings.TRUST_PROXY_ADDRESS:
        return str(meta.get("HTTP_X_REAL_IP") or meta.get("REMOTE_ADDR", ""))
    return str(meta.get("REMOTE_ADDR", ""))
