"""`/standin/...`: what tests and developers use to look inside and to make things go wrong. JSON in and out, no key."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from typing import Any, cast, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .api import Api
from .call import Call
from .config import Config
from .errors import StripeError
from .faults import Faults
from .gateway import Gateway
from .resources import (
    account,
    authentications,
    balance,
    disputes,
    payment_attempts,
    payouts,
    refunds,
    subscriptions,
    webhook_endpoints,
)
from .store import Obj, Store
from .webhooks import Deliverer, Mischief, Order

FLUSH_SECONDS = 15.0

Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """The control request makes no sense; the message says why."""


class Control:
    def __init__(
        self, store: Store, config: Config, api: Api, faults: Faults, deliverer: Deliverer, gateway: Gateway
    ) -> None:
        self._store = store
        self._config = config
        self._api = api
        self._faults = faults
        self._deliverer = deliverer
        self._gateway = gateway

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/health", self.health),
            ("POST", "/reset", self.reset),
            ("GET", "/requests", self.requests),
            ("GET", "/faults", self.faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("GET", "/webhooks", self.webhooks),
            ("POST", "/webhooks", self.set_webhooks),
            ("POST", "/webhooks/release", self.release),
            ("POST", "/webhook-endpoint", self.set_endpoint),
            ("GET", "/deliveries", self.deliveries),
            ("POST", "/deliveries/flush", self.flush),
            ("POST", "/events/{id}/redeliver", self.redeliver),
            ("POST", "/authentications/{id}", self.authenticate),
            ("POST", "/payment_intents/{id}/settle", self.settle_payment),
            ("POST", "/refunds/{id}/settle", self.settle_refund),
            ("POST", "/balance/settle", self.settle_balance),
            ("POST", "/accounts/{id}/restrict", self.restrict_account),
            ("POST", "/accounts/{id}/payout", self.pay_out),
            ("POST", "/payouts/{id}/settle", self.settle_payout),
            ("POST", "/charges/{id}/dispute", self.dispute_charge),
            ("POST", "/subscriptions/{id}/advance", self.advance_subscription),
            ("POST", "/disputes/{id}/escalate", self.escalate_dispute),
            ("POST", "/disputes/{id}/decide", self.decide_dispute),
        ]
        return [Route("/standin" + path, _guarded(handler), methods=[method]) for method, path, handler in table]

    def start(self) -> None:
        """Make the endpoint that the command line names."""
        if self._config.webhook_url:
            with self._store.transaction():
                call = self._api.call()
                webhook_endpoints.configure(call, self._config.webhook_url, self._config.webhook_secret)

    async def health(self, request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def reset(self, request: Request) -> Response:
        self._faults.clear()
        self._gateway.log.clear()
        await self._deliverer.forget()
        self._store.clear()
        self.start()
        return JSONResponse({"ok": True})

    async def requests(self, request: Request) -> Response:
        return JSONResponse({"data": list(self._gateway.log)})

    async def faults(self, request: Request) -> Response:
        return JSONResponse({"data": self._faults.listing()})

    async def add_fault(self, request: Request) -> Response:
        try:
            fault = self._faults.add(await _json(request))
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from error
        return JSONResponse(asdict(fault))

    async def clear_faults(self, request: Request) -> Response:
        self._faults.clear()
        return JSONResponse({"ok": True})

    async def webhooks(self, request: Request) -> Response:
        return JSONResponse(asdict(self._deliverer.mischief))

    async def set_webhooks(self, request: Request) -> Response:
        """Only the named switches change."""
        given = await _json(request)
        known = {field.name for field in fields(Mischief)}
        if not given.keys() <= known:
            raise Refused(f"switches are {', '.join(sorted(known))}")
        for name, value in given.items():
            setattr(self._deliverer.mischief, name, value)
        self._deliverer.wake()
        return JSONResponse(asdict(self._deliverer.mischief))

    async def release(self, request: Request) -> Response:
        given = await _json(request)
        order = given.get("order", "created")
        if order not in get_args(Order):
            raise Refused(f"order is one of {', '.join(get_args(Order))}")
        tried = await self._deliverer.release(cast(Order, order), seed=int(given.get("seed", 0)))
        return JSONResponse({"tried": tried})

    async def set_endpoint(self, request: Request) -> Response:
        given = await _json(request)
        if not isinstance(given.get("url"), str):
            raise Refused("url is missing")
        kept = self._store.private(webhook_endpoints.CONFIGURED_ID).get("secret", self._config.webhook_secret)
        endpoint = self._move(lambda call: webhook_endpoints.configure(call, given["url"], given.get("secret", kept)))
        return JSONResponse(endpoint)

    async def deliveries(self, request: Request) -> Response:
        limit = int(request.query_params.get("limit", 100))
        data = self._deliverer.listing(state=request.query_params.get("state"), limit=limit)
        return JSONResponse({"data": data})

    async def flush(self, request: Request) -> Response:
        given = await _json(request)
        pending = await self._deliverer.flush(float(given.get("timeout", FLUSH_SECONDS)))
        return JSONResponse({"pending": pending})

    async def redeliver(self, request: Request) -> Response:
        return JSONResponse({"queued": self._deliverer.redeliver(request.path_params["id"])})

    async def authenticate(self, request: Request) -> Response:
        outcome = await _outcome(request, ("complete", "fail"))
        id = request.path_params["id"]
        return JSONResponse(self._move(lambda call: authentications.finish(call, id, passed=outcome == "complete")))

    async def settle_payment(self, request: Request) -> Response:
        outcome = await _outcome(request, ("succeeded", "failed"))

        def settle(call: Call) -> Obj:
            intent = call.get("payment_intent", request.path_params["id"])
            return payment_attempts.settle(call, intent, succeeded=outcome == "succeeded")

        return JSONResponse(self._move(settle))

    async def settle_refund(self, request: Request) -> Response:
        outcome = await _outcome(request, ("succeeded", "failed"))

        def settle(call: Call) -> Obj:
            return refunds.settle(call, call.get("refund", request.path_params["id"]), outcome)

        return JSONResponse(self._move(settle))

    async def settle_balance(self, request: Request) -> Response:
        return JSONResponse(self._move(lambda call: {"settled": balance.settle(call)}))

    async def restrict_account(self, request: Request) -> Response:
        given = await _json(request)
        known = {"charges_enabled": bool, "currently_due": list, "disabled_reason": str, "payouts_enabled": bool}
        if any(not isinstance(value, known.get(name, ())) for name, value in given.items()):
            raise Refused(f"a restriction has {', '.join(known)}")
        id = request.path_params["id"]
        return JSONResponse(self._move(lambda call: account.restrict(call, id, given)))

    async def pay_out(self, request: Request) -> Response:
        """The payout that Stripe would make by itself, of all that is available."""
        currency = (await _json(request)).get("currency", "usd")
        id = request.path_params["id"]
        return JSONResponse(self._move(lambda call: payouts.pay_out_all(call.on(id), currency)))

    async def settle_payout(self, request: Request) -> Response:
        given = await _json(request)
        outcome = given.get("outcome")
        if outcome not in (None, "in_transit", "paid", "failed"):
            raise Refused("outcome is in_transit, paid or failed; without one the bank account decides")
        id, code = request.path_params["id"], given.get("failure_code")
        return JSONResponse(self._move(lambda call: payouts.settle(payouts.owning(call, id), id, outcome, code)))

    async def dispute_charge(self, request: Request) -> Response:
        given = await _json(request)
        amount, reason = given.get("amount"), given.get("reason", "fraudulent")
        if reason not in disputes.REASONS:
            raise Refused(f"reason is one of {', '.join(disputes.REASONS)}")
        if amount is not None and not isinstance(amount, int):
            raise Refused("amount is a number in the smallest unit of the currency")

        def dispute(call: Call) -> Obj:
            charge = call.get("charge", request.path_params["id"])
            return disputes.open_(call, charge, amount=amount, reason=reason, inquiry=bool(given.get("inquiry")))

        return JSONResponse(self._move(dispute))

    async def escalate_dispute(self, request: Request) -> Response:
        id = request.path_params["id"]
        return JSONResponse(self._move(lambda call: disputes.escalate(call, call.get("dispute", id))))

    async def decide_dispute(self, request: Request) -> Response:
        outcome = await _outcome(request, ("won", "lost"))
        id = request.path_params["id"]
        return JSONResponse(self._move(lambda call: disputes.decide(call, call.get("dispute", id), outcome)))

    async def advance_subscription(self, request: Request) -> Response:
        to = (await _json(request)).get("to")
        if to not in (None, "renew", "retry", "end", "expire"):
            raise Refused("to is renew, retry, end or expire; without it the next of them happens")
        id = request.path_params["id"]
        return JSONResponse(self._move(lambda call: subscriptions.advance(call.on(self._store.owner(id)), id, to)))

    def _move(self, move: Callable[[Call], Obj]) -> Obj:
        with self._store.transaction():
            result = move(self._api.call())
        self._deliverer.wake()
        return result


def _guarded(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as error:
            return JSONResponse({"error": {"message": str(error)}}, 400)
        except StripeError as error:
            return JSONResponse(error.body(), error.status)

    return answer


async def _json(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        given = json.loads(body) if body else {}
    except ValueError:
        raise Refused("the body is not JSON") from None
    if not isinstance(given, dict):
        raise Refused("the body is not a JSON object")
    return given


async def _outcome(request: Request, options: tuple[str, str]) -> str:
    outcome = (await _json(request)).get("outcome")
    if outcome not in options:
        raise Refused(f"outcome is {options[0]} or {options[1]}")
    return str(outcome)
