"""Pages for people: receipts, the 3-D Secure challenge, and an overview for developers. And stripe.js."""

from __future__ import annotations

import time
from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from . import money
from .api import Api
from .errors import StripeError
from .resources import authentications, balance, invoices, onboarding
from .store import Obj, Store
from .webhooks import Deliverer

HERE = Path(__file__).parent
SHOWN = 25


class Pages:
    def __init__(self, store: Store, api: Api, deliverer: Deliverer) -> None:
        self._store = store
        self._api = api
        self._deliverer = deliverer

    def routes(self) -> list[Route]:
        return [
            Route("/", self.overview),
            Route("/receipts/{charge}/{token}", self.receipt),
            Route("/authenticate/{intent}", self.challenge),
            Route("/authenticate/{intent}", self.finish_challenge, methods=["POST"]),
            Route("/setup/e/{account}/{token}", self.onboarding),
            Route("/setup/e/{account}/{token}", self.finish_onboarding, methods=["POST"]),
            Route("/express/{account}/{token}", self.dashboard),
            Route("/i/{invoice}/{token}", self.invoice),
            Route("/i/{invoice}/{token}", self.pay_invoice, methods=["POST"]),
        ]

    async def overview(self, request: Request) -> Response:
        intents = self._store.find("payment_intent", limit=SHOWN)
        deliveries = self._deliverer.listing(state=None, limit=SHOWN)
        return _page(
            "overview",
            intents=_rows(
                [
                    _moment(intent["created"]),
                    intent["id"],
                    money.display(intent["amount"], intent["currency"]),
                    intent["status"],
                    intent["description"] or "",
                ]
                for intent in intents
            ),
            deliveries=_rows(
                [row["type"], row["event"], row["state"], str(row["tries"]), str(row["status"] or row["error"] or "")]
                for row in deliveries
            ),
        )

    async def receipt(self, request: Request) -> Response:
        charge = self._store.get(request.path_params["charge"])
        token = request.path_params["token"]
        if charge is None or self._store.private(charge["id"]).get("receipt_token") != token:
            return PlainTextResponse("There is no such receipt.", 404)
        currency = charge["currency"]
        return _page(
            "receipt",
            amount=escape(money.display(charge["amount_captured"] or charge["amount"], currency)),
            date=_moment(charge["created"]),
            method=escape(_method(charge)),
            description=escape(charge["description"] or "Payment"),
            refunded=escape(money.display(_given_back(charge), currency)),
            charge=escape(charge["id"]),
        )

    async def challenge(self, request: Request) -> Response:
        intent = self._store.get(request.path_params["intent"])
        if intent is None or intent.get("client_secret") != request.query_params.get("client_secret"):
            return PlainTextResponse("There is no such payment.", 404)
        if intent["status"] != "requires_action":
            return PlainTextResponse("This payment needs no authentication any more.", 409)
        what = money.display(intent["amount"], intent["currency"]) if "amount" in intent else "Saving a card"
        return _page("authenticate", what=escape(what))

    async def finish_challenge(self, request: Request) -> Response:
        intent = self._store.get(request.path_params["intent"])
        if intent is None or intent.get("client_secret") != request.query_params.get("client_secret"):
            return PlainTextResponse("There is no such payment.", 404)
        passed = (await request.body()) == b"outcome=complete"
        action = intent.get("next_action") or {}
        try:
            with self._store.transaction():
                intent = authentications.finish(self._api.call(), intent["id"], passed=passed)
        except StripeError as error:
            return PlainTextResponse(str(error), error.status)
        self._deliverer.wake()
        return_url = action.get("redirect_to_url", {}).get("return_url")
        if return_url is None:
            return PlainTextResponse("Done. You can close this page.")
        return RedirectResponse(_return_url(return_url, intent), 303)

    async def onboarding(self, request: Request) -> Response:
        """The form that a link opens once; a link that is no good any more sends the person back for a new one."""
        account, token = request.path_params["account"], request.path_params["token"]
        with self._store.transaction():
            link = onboarding.open_link(self._api.call(), account, token)
        if link is not None:
            return _page("onboarding", account=escape(account), action=f"/setup/e/{account}/{link['session']}")
        elsewhere = onboarding.refresh_url(self._api.call(), account)
        if elsewhere is None:
            return PlainTextResponse("There is no such link.", 404)
        return RedirectResponse(elsewhere, 303)

    async def finish_onboarding(self, request: Request) -> Response:
        account, token = request.path_params["account"], request.path_params["token"]
        session = onboarding.session_of(self._api.call(), account, token)
        if session is None:
            return PlainTextResponse("There is no such session.", 404)
        given = dict(parse_qsl((await request.body()).decode()))
        if given.get("outcome") == "submit":
            born = dict(zip(("year", "month", "day"), given.get("born", "").split("-"), strict=False))
            person = {"first_name": given.get("first_name"), "last_name": given.get("last_name"), "dob": born}
            told = {"individual": person, "account_number": given.get("account_number")}
            try:
                with self._store.transaction():
                    onboarding.finish(self._api.call(), account, told)
            except StripeError as error:
                return PlainTextResponse(str(error), error.status)
            self._deliverer.wake()
        return RedirectResponse(session["return_url"], 303)

    async def dashboard(self, request: Request) -> Response:
        account = request.path_params["account"]
        if self._store.private(account).get("login") != request.path_params["token"]:
            return PlainTextResponse("There is no such link.", 404)
        call = self._api.call(account=account)
        balances = balance.retrieve(call, {})
        return _page(
            "express",
            account=escape(account),
            balances=_rows(
                [money.display(ready["amount"], ready["currency"]), money.display(coming["amount"], coming["currency"])]
                for ready, coming in zip(balances["available"], balances["pending"], strict=True)
            ),
            payouts=_rows(
                [
                    _moment(payout["created"]),
                    money.display(payout["amount"], payout["currency"]),
                    payout["status"],
                    payout["failure_message"] or "",
                ]
                for payout in self._store.find("payout", account=account, limit=SHOWN)
            ),
        )

    def _invoice(self, request: Request) -> Obj | None:
        id, token = request.path_params["invoice"], request.path_params["token"]
        return self._store.get(id) if self._store.private(id).get("token") == token else None

    async def invoice(self, request: Request) -> Response:
        invoice = self._invoice(request)
        if invoice is None:
            return PlainTextResponse("There is no such invoice.", 404)
        return _invoice_page(invoice)

    async def pay_invoice(self, request: Request) -> Response:
        """Pay with one of the test cards; a card that asks for authentication leads to its page and back."""
        invoice = self._invoice(request)
        if invoice is None:
            return PlainTextResponse("There is no such invoice.", 404)
        card = dict(parse_qsl((await request.body()).decode())).get("card", "")
        back = f"{self._api.config.public_url}{request.url.path}"
        call = self._api.call(account=self._store.owner(invoice["id"]))
        problem = ""
        with self._store.transaction():
            try:
                with self._store.savepoint():
                    invoices.attempt(call, invoice, card, off_session=False, return_url=back)
            except StripeError as error:
                problem = str(error)
        self._deliverer.wake()
        intent = invoices.intent_of(call, invoice)
        if intent is not None and intent["status"] == "requires_action":
            return RedirectResponse(intent["next_action"]["redirect_to_url"]["url"], 303)
        if problem:
            return _invoice_page(self._invoice(request) or invoice, problem)
        return RedirectResponse(request.url.path, 303)


def _invoice_page(invoice: Obj, problem: str = "") -> Response:
    currency = invoice["currency"]
    taxes = sum(tax["amount"] for tax in invoice["total_taxes"])
    form = Template((HERE / "pages" / "invoice_form.html").read_text())
    return _page(
        "invoice",
        number=escape(invoice["number"]),
        status=escape(invoice["status"]),
        date=_moment(invoice["created"]),
        customer=escape(invoice["customer_email"] or invoice["customer"]),
        lines=_rows(
            [line["description"], money.display(line["amount"], currency)] for line in invoice["lines"]["data"]
        ),
        subtotal=escape(money.display(invoice["subtotal"], currency)),
        taxes=escape(money.display(taxes, currency)),
        total=escape(money.display(invoice["total"], currency)),
        remaining=escape(money.display(invoice["amount_remaining"], currency)),
        form=form.substitute(problem=escape(problem)) if invoice["status"] == "open" else "",
    )


def _return_url(url: str, intent: Obj) -> str:
    """Where the person goes, with the query that Stripe adds."""
    kind = intent["object"]
    paid = intent["status"] in ("succeeded", "requires_capture", "processing", "requires_confirmation")
    query = {
        kind: intent["id"],
        f"{kind}_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if paid else "failed",
    }
    return url + ("&" if "?" in url else "?") + urlencode(query)


def _given_back(charge: Obj) -> int:
    released = charge["amount"] - charge["amount_captured"] if charge["captured"] else 0
    return int(charge["amount_refunded"] - released)


def _method(charge: Obj) -> str:
    details = charge["payment_method_details"]
    if details["type"] == "card":
        return f"{details['card']['brand'].title()} ending in {details['card']['last4']}"
    return f"Bank account ending in {details['us_bank_account']['last4']}"


def _moment(timestamp: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(timestamp))


def _rows(rows: Iterable[list[str]]) -> str:
    return "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)


def _page(name: str, **values: str) -> Response:
    """A page of `pages/`; the values are HTML."""
    template = Template((HERE / "pages" / f"{name}.html").read_text())
    return HTMLResponse(template.substitute(values), headers={"Cache-Control": "no-store"})


async def stripe_js(request: Request) -> Response:
    script = (HERE / "browser" / "stripe.js").read_text()
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})
