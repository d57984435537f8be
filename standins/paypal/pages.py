"""Pages for people: where a buyer approves or goes back, and an overview for developers."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from .api import Api
from .errors import PayPalError
from .moves import FUNDINGS, PAYER
from .store import Obj, Store
from .webhooks import Deliverer

PAGES = Path(__file__).parent / "pages"
SHOWN = 25


class Pages:
    def __init__(self, store: Store, api: Api, deliverer: Deliverer) -> None:
        self._store = store
        self._api = api
        self._deliverer = deliverer

    def routes(self) -> list[Route]:
        return [
            Route("/", self.overview),
            Route("/checkoutnow", self.checkout),
            Route("/checkoutnow", self.decide, methods=["POST"]),
        ]

    async def overview(self, request: Request) -> Response:
        orders = [
            f"<tr><td>{order['id']}</td><td>{_amount(order)}</td><td>{order['status']}</td></tr>"
            for order in reversed(self._store.find("order", limit=SHOWN))
        ]
        sent = [
            f"<tr><td>{row['type']}</td><td>{row['state']}</td><td>{row['tries']}</td></tr>"
            for row in self._deliverer.listing(state=None, limit=SHOWN)
        ]
        return _page("overview", orders="".join(orders), deliveries="".join(sent))

    async def checkout(self, request: Request) -> Response:
        """Where a buyer, who is signed in already, approves or goes back."""
        order = self._store.get("order", request.query_params.get("token", ""))
        if order is None or order["status"] not in {"PAYER_ACTION_REQUIRED", "APPROVED"}:
            return _page("gone", status=404)
        what = order["purchase_units"][0].get("description", "")
        return _page("checkout", amount=_amount(order), what=escape(what), email=PAYER["email_address"])

    async def decide(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        id, approves = request.query_params.get("token", ""), form.get("decision") == "approve"
        try:
            with self._store.transaction():
                moves = self._api.moves()
                order = moves.order(id)
                if approves:
                    order = moves.approve(id, form.get("funding", FUNDINGS[0]))
        except PayPalError:
            return _page("gone", status=404)
        self._deliverer.wake()
        context = order["_context"]
        if approves:
            return RedirectResponse(
                _with_query(context["return_url"], {"token": id, "PayerID": PAYER["payer_id"]}), 303
            )
        return RedirectResponse(_with_query(context["cancel_url"], {"token": id}), 303)


def _amount(order: Obj) -> str:
    amount = order["purchase_units"][0]["amount"]
    return f"{amount['value']} {amount['currency_code']}"


def _with_query(url: str, query: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def _page(name: str, *, status: int = 200, **values: str) -> Response:
    return HTMLResponse(Template((PAGES / f"{name}.html").read_text()).substitute(values), status)
