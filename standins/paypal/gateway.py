"""The HTTP side of the API."""

from __future__ import annotations

import json

from starlette.requests import Request as Http
from starlette.responses import Response

from ..common import gateway
from ..common.gateway import Reply
from .api import Api, Request
from .errors import PayPalError
from .webhooks import Deliverer


class Gateway(gateway.Gateway):
    def __init__(self, api: Api, deliverer: Deliverer) -> None:
        super().__init__()
        self._api = api
        self._deliverer = deliverer

    async def handle(self, http: Http) -> Response:
        request = Request(http.method, http.url.path, http.headers, await http.body(), http.query_params)
        entry = self.noted(http, request_id=request.headers.get("paypal-request-id"))
        return await self.answer(http, entry, lambda: self._work(request), _broken)

    def _work(self, request: Request) -> Reply:
        reply = self._api.handle(request)
        self._deliverer.wake()
        return reply


def _broken(status: int) -> Reply:
    return Reply(status, json.dumps(PayPalError(status, "INTERNAL_ERROR", "Something broke.").body()))
