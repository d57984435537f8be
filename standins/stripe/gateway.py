"""The HTTP side of the API, where an idempotency key is in use while a call with it is answered."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from ..common import gateway
from ..common.gateway import Reply, response
from .api import Api, ApiRequest, key_in_use
from .errors import StripeError
from .webhooks import Deliverer


class Gateway(gateway.Gateway):
    def __init__(self, api: Api, deliverer: Deliverer) -> None:
        super().__init__()
        self._api = api
        self._deliverer = deliverer
        self._keys_in_use: set[str] = set()

    async def handle(self, http: Request) -> Response:
        request = ApiRequest(http.method, http.url.path, http.url.query, http.headers, await http.body())
        key = request.idempotency_key
        entry = self.noted(http, id=request.id, idempotency_key=key)
        if key is not None and key in self._keys_in_use:
            return response(key_in_use(request), entry)
        if key is not None:
            self._keys_in_use.add(key)
        try:
            return await self.answer(http, entry, lambda: self._work(request), lambda status: _broken(status, request))
        finally:
            if key is not None:
                self._keys_in_use.discard(key)

    def _work(self, request: ApiRequest) -> Reply:
        reply = self._api.handle(request)
        self._deliverer.wake()
        return reply


def _broken(status: int, request: ApiRequest) -> Reply:
    kind = "rate_limit" if status == 429 else None
    error = StripeError("Sorry, something went wrong.", status=status, type="api_error", code=kind)
    return Reply(status, json.dumps(error.body()), {"Request-Id": request.id})
