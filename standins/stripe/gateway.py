"""The HTTP side of the API: faults, keys in use, lost connections, and the log of what was asked."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .api import Api, ApiRequest, Reply, key_in_use
from .errors import StripeError
from .faults import Fault, Faults
from .webhooks import Deliverer

LOG_LENGTH = 1000
POLL = 0.05


class Gateway:
    def __init__(self, api: Api, faults: Faults, deliverer: Deliverer) -> None:
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self._api = api
        self._faults = faults
        self._deliverer = deliverer
        self._keys_in_use: set[str] = set()

    async def handle(self, http: Request) -> Response:
        request = ApiRequest(http.method, http.url.path, http.url.query, http.headers, await http.body())
        entry = {
            "id": request.id,
            "method": request.method,
            "path": request.path,
            "idempotency_key": request.idempotency_key,
            "at": time.time(),
            "status": None,
            "fault": None,
        }
        self.log.append(entry)
        key = request.idempotency_key
        if key is not None and key in self._keys_in_use:
            return _response(key_in_use(request), entry)
        if key is not None:
            self._keys_in_use.add(key)
        try:
            return await self._with_faults(http, request, entry)
        finally:
            if key is not None:
                self._keys_in_use.discard(key)

    async def _with_faults(self, http: Request, request: ApiRequest, entry: dict[str, Any]) -> Response:
        fault = self._faults.take(request.method, request.path)
        if fault is None:
            return _response(self._work(request), entry)
        entry["fault"] = fault.action
        kind, _, moment = fault.action.partition("_")
        if kind == "delay":
            await _pause(http, fault.seconds)
        if moment != "before":
            reply = self._work(request)
        if kind == "delay":
            return _response(reply, entry)
        if kind == "error":
            return _response(_broken(fault, request), entry)
        if kind == "hang":
            await _pause(http, fault.seconds)
        return await _hang_up(http)

    def _work(self, request: ApiRequest) -> Reply:
        reply = self._api.handle(request)
        self._deliverer.wake()
        return reply


def _response(reply: Reply, entry: dict[str, Any]) -> Response:
    entry["status"] = reply.status
    return Response(reply.body, reply.status, reply.headers, media_type="application/json")


def _broken(fault: Fault, request: ApiRequest) -> Reply:
    kind = "rate_limit" if fault.status == 429 else None
    error = StripeError("Sorry, something went wrong.", status=fault.status, type="api_error", code=kind)
    return Reply(fault.status, json.dumps(error.body()), {"Request-Id": request.id})


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
