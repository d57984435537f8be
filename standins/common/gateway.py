"""The HTTP side of an API: the log of what was asked, faults and lost connections."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .faults import Faults

LOG_LENGTH = 1000
POLL = 0.05

Entry = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


class Gateway:
    def __init__(self) -> None:
        self.log: deque[Entry] = deque(maxlen=LOG_LENGTH)
        self.faults = Faults()

    def noted(self, http: Request, **more: Any) -> Entry:
        """The log's new entry about a call: what it is answered is written into it."""
        entry = {"method": http.method, "path": http.url.path, "at": time.time(), "status": None, "fault": None, **more}
        self.log.append(entry)
        return entry

    async def answer(
        self, http: Request, entry: Entry, work: Callable[[], Reply], broken: Callable[[int], Reply]
    ) -> Response:
        """What `work` answers, if no fault comes in between. `broken`: what the service says with such a status."""
        fault = self.faults.take(http.method, http.url.path)
        if fault is None:
            return response(work(), entry)
        entry["fault"] = fault.action
        kind, _, moment = fault.action.partition("_")
        if kind == "delay":
            await _pause(http, fault.seconds)
        if moment != "before":
            reply = work()
        if kind == "delay":
            return response(reply, entry)
        if kind == "error":
            return response(broken(fault.status), entry)
        if kind == "hang":
            await _pause(http, fault.seconds)
        return await _hang_up(http)


def response(reply: Reply, entry: Entry) -> Response:
    entry["status"] = reply.status
    return Response(reply.body, reply.status, reply.headers, media_type="application/json")


async def _pause(http: Request, seconds: float) -> None:
    """Wait, but not for somebody who has gone."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0 and not await http.is_disconnected():
        await asyncio.sleep(min(POLL, left))


async def _hang_up(http: Request) -> Response:
    """Close the connection without a byte of an answer. The server puts the transport into the state for this."""
    http.state.transport.abort()
    while not await http.is_disconnected():
        await asyncio.sleep(POLL)
    return Response()
