"""The control calls of Stripe's stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from ..common import control
from ..common.control import Handler, Refused, body_of, one_of
from .api import Api
from .call import Call
from .config import Config
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
from .webhooks import Deliverer


class Control(control.Control):
    _store: Store

    def __init__(self, store: Store, config: Config, api: Api, deliverer: Deliverer, gateway: Gateway) -> None:
        super().__init__(store, deliverer, gateway)
        self._config = config
        self._api = api

    def table(self) -> list[tuple[str, str, Handler]]:
        return [
            *super().table(),
            ("POST", "/webhook-endpoint", self.set_endpoint),
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

    def start(self) -> None:
        """Make the endpoint that the command line names."""
        if self._config.webhook_url:
            with self._store.transaction():
                call = self._api.call()
                webhook_endpoints.configure(call, self._config.webhook_url, self._config.webhook_secret)

    async def reset(self, request: Request) -> Any:
        answer = await super().reset(request)
        self.start()
        return answer

    async def set_endpoint(self, request: Request) -> Any:
        given = await body_of(request)
        if not isinstance(given.get("url"), str):
            raise Refused("url is missing")
        kept = self._store.private(webhook_endpoints.CONFIGURED_ID).get("secret", self._config.webhook_secret)
        return self._move(lambda call: webhook_endpoints.configure(call, given["url"], given.get("secret", kept)))

    async def authenticate(self, request: Request) -> Any:
        outcome = await one_of(request, "outcome", "complete", "fail")
        id = request.path_params["id"]
        return self._move(lambda call: authentications.finish(call, id, passed=outcome == "complete"))

    async def settle_payment(self, request: Request) -> Any:
        outcome = await one_of(request, "outcome", "succeeded", "failed")

        def settle(call: Call) -> Obj:
            intent = call.get("payment_intent", request.path_params["id"])
            return payment_attempts.settle(call, intent, succeeded=outcome == "succeeded")

        return self._move(settle)

    async def settle_refund(self, request: Request) -> Any:
        outcome = await one_of(request, "outcome", "succeeded", "failed")

        def settle(call: Call) -> Obj:
            return refunds.settle(call, call.get("refund", request.path_params["id"]), outcome)

        return self._move(settle)

    async def settle_balance(self, request: Request) -> Any:
        return self._move(lambda call: {"settled": balance.settle(call)})

    async def restrict_account(self, request: Request) -> Any:
        given = await body_of(request)
        known = {"charges_enabled": bool, "currently_due": list, "disabled_reason": str, "payouts_enabled": bool}
        if any(not isinstance(value, known.get(name, ())) for name, value in given.items()):
            raise Refused(f"a restriction has {', '.join(known)}")
        id = request.path_params["id"]
        return self._move(lambda call: account.restrict(call, id, given))

    async def pay_out(self, request: Request) -> Any:
        """The payout that Stripe would make by itself, of all that is available."""
        currency = (await body_of(request)).get("currency", "usd")
        id = request.path_params["id"]
        return self._move(lambda call: payouts.pay_out_all(call.on(id), currency))

    async def settle_payout(self, request: Request) -> Any:
        given = await body_of(request)
        outcome = given.get("outcome")
        if outcome not in (None, "in_transit", "paid", "failed"):
            raise Refused("outcome is in_transit, paid or failed; without one the bank account decides")
        id, code = request.path_params["id"], given.get("failure_code")
        return self._move(lambda call: payouts.settle(payouts.owning(call, id), id, outcome, code))

    async def dispute_charge(self, request: Request) -> Any:
        given = await body_of(request)
        amount, reason = given.get("amount"), given.get("reason", "fraudulent")
        if reason not in disputes.REASONS:
            raise Refused(f"reason is one of {', '.join(disputes.REASONS)}")
        if amount is not None and not isinstance(amount, int):
            raise Refused("amount is a number in the smallest unit of the currency")

        def dispute(call: Call) -> Obj:
            charge = call.get("charge", request.path_params["id"])
            return disputes.open_(call, charge, amount=amount, reason=reason, inquiry=bool(given.get("inquiry")))

        return self._move(dispute)

    async def escalate_dispute(self, request: Request) -> Any:
        id = request.path_params["id"]
        return self._move(lambda call: disputes.escalate(call, call.get("dispute", id)))

    async def decide_dispute(self, request: Request) -> Any:
        outcome = await one_of(request, "outcome", "won", "lost")
        id = request.path_params["id"]
        return self._move(lambda call: disputes.decide(call, call.get("dispute", id), outcome))

    async def advance_subscription(self, request: Request) -> Any:
        to = (await body_of(request)).get("to")
        if to not in (None, "renew", "retry", "end", "expire"):
            raise Refused("to is renew, retry, end or expire; without it the next of them happens")
        id = request.path_params["id"]
        return self._move(lambda call: subscriptions.advance(call.on(self._store.owner(id)), id, to))

    def _move(self, move: Callable[[Call], Obj]) -> Obj:
        with self._store.transaction():
            result = move(self._api.call())
        self._deliverer.wake()
        return result
