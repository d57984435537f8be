"""`/standin/...`: what tests and developers use to look inside and to make things go wrong. JSON in and out, no key."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from typing import Any, cast, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .errors import ServiceError
from .gateway import Gateway
from .store import Store
from .webhooks import Deliverer, Order

FLUSH_SECONDS = 15.0

Handler = Callable[[Request], Awaitable[Any]]


class Refused(Exception):
    """The control request makes no sense; the message says why."""


class Control:
    """The calls that all have; a subclass adds its service's to `table`. What a handler returns is the answer."""

    def __init__(self, store: Store, deliverer: Deliverer, gateway: Gateway) -> None:
        self._store = store
        self._deliverer = deliverer
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [Route("/standin" + path, _guarded(handler), methods=[method]) for method, path, handler in self.table()]

    def table(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/health", self.health),
            ("POST", "/reset", self.reset),
            ("GET", "/requests", self.requests),
            ("GET", "/faults", self.faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("GET", "/webhooks", self.webhooks),
            ("POST", "/webhooks", self.set_webhooks),
            ("POST", "/webhooks/release", self.release),
            ("GET", "/deliveries", self.deliveries),
            ("POST", "/deliveries/flush", self.flush),
            ("POST", "/events/{id}/redeliver", self.redeliver),
        ]

    async def health(self, request: Request) -> Any:
        return {"ok": True}

    async def reset(self, request: Request) -> Any:
        self._gateway.faults.clear()
        self._gateway.log.clear()
        await self._deliverer.forget()
        self._store.clear()
        return {"ok": True}

    async def requests(self, request: Request) -> Any:
        return {"data": list(self._gateway.log)}

    async def faults(self, request: Request) -> Any:
        return {"data": self._gateway.faults.listing()}

    async def add_fault(self, request: Request) -> Any:
        try:
            fault = self._gateway.faults.add(await body_of(request))
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from error
        return asdict(fault)

    async def clear_faults(self, request: Request) -> Any:
        self._gateway.faults.clear()
        return {"ok": True}

    async def webhooks(self, request: Request) -> Any:
        return asdict(self._deliverer.mischief)

    async def set_webhooks(self, request: Request) -> Any:
        """Only the named switches change."""
        given = await body_of(request)
        known = {field.name for field in fields(self._deliverer.mischief)}
        if not given.keys() <= known:
            raise Refused(f"switches are {', '.join(sorted(known))}")
        for name, value in given.items():
            setattr(self._deliverer.mischief, name, value)
        self._deliverer.wake()
        return asdict(self._deliverer.mischief)

    async def release(self, request: Request) -> Any:
        given = await body_of(request)
        order = given.get("order", "created")
        if order not in get_args(Order):
            raise Refused(f"order is one of {', '.join(get_args(Order))}")
        return {"tried": await self._deliverer.release(cast(Order, order), seed=int(given.get("seed", 0)))}

    async def deliveries(self, request: Request) -> Any:
        limit = int(request.query_params.get("limit", 100))
        return {"data": self._deliverer.listing(state=request.query_params.get("state"), limit=limit)}

    async def flush(self, request: Request) -> Any:
        given = await body_of(request)
        return {"pending": await self._deliverer.flush(float(given.get("timeout", FLUSH_SECONDS)))}

    async def redeliver(self, request: Request) -> Any:
        return {"queued": self._deliverer.redeliver(request.path_params["id"])}


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request))
        except Refused as error:
            return JSONResponse({"error": {"message": str(error)}}, 400)
        except ServiceError as error:
            return JSONResponse(error.body(), error.status)

    return answer


async def body_of(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        given = json.loads(body) if body else {}
    except ValueError:
        raise Refused("the body is not JSON") from None
    if not isinstance(given, dict):
        raise Refused("the body is not a JSON object")
    return given


async def one_of(request: Request, name: str, *options: str) -> str:
    """What the body names, which must be one of the options."""
    given = (await body_of(request)).get(name)
    if given not in options:
        raise Refused(f"{name} is {', '.join(options[:-1])} or {options[-1]}")
    return str(given)
