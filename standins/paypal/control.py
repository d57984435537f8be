"""The control calls of PayPal's stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from ..common import control
from ..common.control import Handler, Refused, body_of, one_of
from .api import Api
from .gateway import Gateway
from .moves import FUNDINGS, Moves
from .store import Obj, Store
from .webhooks import Deliverer


class Control(control.Control):
    _store: Store
    _deliverer: Deliverer

    def __init__(self, store: Store, api: Api, deliverer: Deliverer, gateway: Gateway) -> None:
        super().__init__(store, deliverer, gateway)
        self._api = api

    def table(self) -> list[tuple[str, str, Handler]]:
        return [
            *super().table(),
            ("POST", "/webhook", self.set_webhook),
            ("POST", "/tokens/forget", self.forget_tokens),
            ("GET", "/events", self.events),
            ("POST", "/orders/{id}/approve", self.approve),
            ("POST", "/captures/{id}/settle", self.settle_capture),
            ("POST", "/captures/{id}/dispute", self.dispute),
            ("POST", "/captures/{id}/reverse", self.reverse),
            ("POST", "/disputes/{id}/settle", self.settle_dispute),
            ("POST", "/refunds/{id}/settle", self.settle_refund),
        ]

    async def set_webhook(self, request: Request) -> Any:
        given = await body_of(request)
        if not isinstance(given.get("url"), str):
            raise Refused("url is missing")
        self._deliverer.url = given["url"]
        return {"url": self._deliverer.url}

    async def forget_tokens(self, request: Request) -> Any:
        self._api.forget_tokens()
        return {"ok": True}

    async def events(self, request: Request) -> Any:
        return {"data": self._store.find("event")}

    async def approve(self, request: Request) -> Any:
        funding = (await body_of(request)).get("funding", FUNDINGS[0])
        if funding not in FUNDINGS:
            raise Refused(f"funding is one of {', '.join(FUNDINGS)}")
        return self._move(lambda moves: moves.approve(request.path_params["id"], funding))

    async def settle_capture(self, request: Request) -> Any:
        outcome = await one_of(request, "outcome", "completed", "failed")
        return self._move(lambda moves: moves.settle_capture(request.path_params["id"], outcome))

    async def dispute(self, request: Request) -> Any:
        is_inquiry = bool((await body_of(request)).get("inquiry"))
        return self._move(lambda moves: moves.open_dispute(request.path_params["id"], is_inquiry=is_inquiry))

    async def reverse(self, request: Request) -> Any:
        return self._move(lambda moves: moves.reverse(request.path_params["id"]))

    async def settle_dispute(self, request: Request) -> Any:
        outcome = await one_of(
            request, "outcome", "RESOLVED_BUYER_FAVOUR", "RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER"
        )
        return self._move(lambda moves: moves.settle_dispute(request.path_params["id"], outcome))

    async def settle_refund(self, request: Request) -> Any:
        outcome = await one_of(request, "outcome", "completed", "failed")
        return self._move(lambda moves: moves.settle_refund(request.path_params["id"], outcome))

    def _move(self, move: Callable[[Moves], Obj]) -> Obj:
        with self._store.transaction():
            result = move(self._api.moves())
        self._deliverer.wake()
        return result
