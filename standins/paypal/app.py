"""The parts put together as one ASGI application: the API with its faults, the buyer's page, and the control calls."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, fields
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request as Http
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .api import Api, Reply, Request
from .config import Config
from .errors import PayPalError
from .faults import Faults
from .moves import FUNDINGS, PAYER
from .store import Obj, Store
from .webhooks import Deliverer, Mischief

PAGES = Path(__file__).parent / "pages"
FLUSH_SECONDS = 15.0
LOG_LENGTH = 1000


class StandIn:
    def __init__(self, config: Config) -> None:
        self._store = Store(config.state)
        self._deliverer = Deliverer(self._store, config)
        self._api = Api(self._store, config, self._deliverer)
        self._faults = Faults()
        self._log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)

    def app(self) -> Starlette:
        @asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[None]:
            delivering = asyncio.create_task(self._deliverer.run())
            yield
            delivering.cancel()
            self._store.close()

        return Starlette(
            routes=[
                Route("/v1/{path:path}", self.api, methods=["GET", "POST", "PATCH", "DELETE"]),
                Route("/v2/{path:path}", self.api, methods=["GET", "POST", "PATCH", "DELETE"]),
                Route("/", self.overview),
                Route("/checkoutnow", self.checkout),
                Route("/checkoutnow", self.decide, methods=["POST"]),
                Route("/standin/{path:path}", self.control, methods=["GET", "POST", "DELETE"]),
            ],
            lifespan=lifespan,
        )

    # --- API --------------------------------------------------------------------------------------

    async def api(self, http: Http) -> Response:
        request = Request(http.method, http.url.path, http.headers, await http.body(), http.query_params)
        entry: dict[str, Any] = {
            "method": request.method,
            "path": request.path,
            "request_id": request.headers.get("paypal-request-id"),
            "at": time.time(),
            "status": None,
            "fault": None,
        }
        self._log.append(entry)
        fault = self._faults.take(request.method, request.path)
        entry["fault"] = fault.action if fault else None
        kind, _, moment = (fault.action if fault else "").partition("_")
        if fault and kind == "delay":
            await asyncio.sleep(fault.seconds)
        reply = Reply(503, "") if moment == "before" else self._api.handle(request)
        self._deliverer.wake()
        if kind == "drop":
            return await _hang_up(http)
        if fault and kind == "error":
            reply = Reply(
                fault.status, json.dumps(PayPalError(fault.status, "INTERNAL_ERROR", "Something broke.").body())
            )
        entry["status"] = reply.status
        return Response(reply.body, reply.status, media_type="application/json")

    # --- Pages ------------------------------------------------------------------------------------

    async def overview(self, http: Http) -> Response:
        orders = [
            f"<tr><td>{order['id']}</td><td>{_amount(order)}</td><td>{order['status']}</td></tr>"
            for order in reversed(self._store.find("order", limit=25))
        ]
        sent = [
            f"<tr><td>{row['event']}</td><td>{row['state']}</td><td>{row['tries']}</td></tr>"
            for row in self._store.deliveries(25)
        ]
        return _page("overview", orders="".join(orders), deliveries="".join(sent))

    async def checkout(self, http: Http) -> Response:
        """Where a buyer, who is signed in already, approves or goes back."""
        order = self._store.get("order", http.query_params.get("token", ""))
        if order is None or order["status"] not in {"PAYER_ACTION_REQUIRED", "APPROVED"}:
            return _page("gone", status=404)
        what = order["purchase_units"][0].get("description", "")
        return _page("checkout", amount=_amount(order), what=escape(what), email=PAYER["email_address"])

    async def decide(self, http: Http) -> Response:
        form = dict(parse_qsl((await http.body()).decode()))
        id = http.query_params.get("token", "")
        try:
            with self._store.transaction():
                moves = self._api.moves()
                order = moves.order(id)
                if form.get("decision") == "approve":
                    order = moves.approve(id, _funding(form.get("funding")))
        except PayPalError:
            return _page("gone", status=404)
        self._deliverer.wake()
        context = order["_context"]
        query = {"token": id}
        if form.get("decision") != "approve":
            return RedirectResponse(_with_query(context["cancel_url"], query), 303)
        query["PayerID"] = PAYER["payer_id"]
        return RedirectResponse(_with_query(context["return_url"], query), 303)

    # --- Control ----------------------------------------------------------------------------------

    async def control(self, http: Http) -> Response:
        """`/standin/...`: what tests and developers use to look inside and to make things go wrong."""
        given = json.loads(await http.body() or b"{}")
        path = http.path_params["path"].split("/")
        try:
            return JSONResponse(await self._controlled(http.method, path, given))
        except PayPalError as error:
            return JSONResponse({"error": error.issue}, 400)
        except (LookupError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)

    async def _controlled(self, method: str, path: list[str], given: Obj) -> Any:
        match (method, *path):
            case ("GET", "health"):
                return {"ok": True}
            case ("POST", "reset"):
                self._forget()
                return {"ok": True}
            case ("POST", "tokens", "forget"):
                self._api.forget_tokens()
                return {"ok": True}
            case ("GET", "requests"):
                return {"data": list(self._log)}
            case ("GET", "faults"):
                return {"data": self._faults.listing()}
            case ("POST", "faults"):
                return asdict(self._faults.add(given))
            case ("DELETE", "faults"):
                self._faults.clear()
                return {"ok": True}
            case ("GET", "webhooks"):
                return asdict(self._deliverer.mischief)
            case ("POST", "webhooks"):
                return self._set_webhooks(given)
            case ("POST", "webhooks", "release"):
                order, seed = given.get("order", "created"), int(given.get("seed", 0))
                return {"tried": await self._deliverer.release(order, seed)}
            case ("POST", "webhook"):
                self._deliverer.url = given["url"]
                return {"url": self._deliverer.url}
            case ("GET", "deliveries"):
                return {"data": self._store.deliveries()}
            case ("POST", "deliveries", "flush"):
                return {"pending": await self._deliverer.flush(float(given.get("timeout", FLUSH_SECONDS)))}
            case ("GET", "events"):
                return {"data": self._store.find("event")}
            case ("POST", "orders", id, "approve"):
                return self._moved(lambda: self._api.moves().approve(id, _funding(given.get("funding"))))
            case ("POST", "captures", id, "settle"):
                return self._moved(lambda: self._api.moves().settle_capture(id, _outcome(given)))
            case ("POST", "captures", id, "dispute"):
                return self._moved(lambda: self._api.moves().open_dispute(id, is_inquiry=bool(given.get("inquiry"))))
            case ("POST", "captures", id, "reverse"):
                return self._moved(lambda: self._api.moves().reverse(id))
            case ("POST", "disputes", id, "settle"):
                return self._moved(lambda: self._api.moves().settle_dispute(id, str(given["outcome"])))
            case ("POST", "refunds", id, "settle"):
                return self._moved(lambda: self._api.moves().settle_refund(id, _outcome(given)))
        raise LookupError("there is no such control call")

    def _set_webhooks(self, given: Obj) -> Obj:
        """Only the named switches change."""
        known = {field.name for field in fields(Mischief)}
        if not given.keys() <= known:
            raise ValueError(f"switches are {', '.join(sorted(known))}")
        for name, value in given.items():
            setattr(self._deliverer.mischief, name, value)
        self._deliverer.wake()
        return asdict(self._deliverer.mischief)

    def _moved(self, move: Any) -> Obj:
        with self._store.transaction():
            result: Obj = move()
        self._deliverer.wake()
        return result

    def _forget(self) -> None:
        self._faults.clear()
        self._log.clear()
        self._store.clear()
        self._deliverer.mischief = Mischief()


def _funding(given: Any) -> str:
    funding = given or FUNDINGS[0]
    if funding not in FUNDINGS:
        raise ValueError(f"funding is one of {', '.join(FUNDINGS)}")
    return str(funding)


def _outcome(given: Obj) -> str:
    if given.get("outcome") not in {"completed", "failed"}:
        raise ValueError("outcome is completed or failed")
    return str(given["outcome"])


def _amount(order: Obj) -> str:
    amount = order["purchase_units"][0]["amount"]
    return f"{amount['value']} {amount['currency_code']}"


def _with_query(url: str, query: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def _page(name: str, *, status: int = 200, **values: str) -> Response:
    return HTMLResponse(Template((PAGES / f"{name}.html").read_text()).substitute(values), status)


async def _hang_up(http: Http) -> Response:
    """Close the connection without a byte of an answer. The server puts the transport into the state for this."""
    http.state.transport.abort()
    while not await http.is_disconnected():
        await asyncio.sleep(0.05)
    return Response()
