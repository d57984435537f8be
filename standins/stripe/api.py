"""The way of one API request: key, endpoint, parameters, idempotency, work, answer."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..common.gateway import Reply
from . import auth, params
from .call import API_VERSION, Call, Endpoint, new_id
from .config import Config
from .errors import InvalidParameter, StripeError, unrecognised_url
from .expand import PARAM as EXPAND
from .expand import expand
from .resources import (
    account,
    account_banks,
    authentications,
    balance,
    charges,
    customers,
    disputes,
    events,
    invoices,
    onboarding,
    payment_intents,
    payment_methods,
    payouts,
    prices,
    products,
    refunds,
    setup_intents,
    subscriptions,
    tax_rates,
    transfers,
    webhook_endpoints,
)
from .store import Answer, Obj, Store

RESOURCES = (
    account,
    account_banks,
    authentications,
    balance,
    charges,
    customers,
    disputes,
    events,
    invoices,
    onboarding,
    payment_intents,
    payment_methods,
    payouts,
    prices,
    products,
    refunds,
    setup_intents,
    subscriptions,
    tax_rates,
    transfers,
    webhook_endpoints,
)
ENDPOINTS: tuple[Endpoint, ...] = tuple(endpoint for resource in RESOURCES for endpoint in resource.ENDPOINTS)

KEEP_ANSWERS = 24 * 3600

# What a publishable key sees of an object.
_PUBLIC_FIELDS = {
    "payment_intent": (
        "id object amount amount_details automatic_payment_methods canceled_at cancellation_reason capture_method "
        "client_secret confirmation_method created currency description last_payment_error livemode next_action "
        "payment_method payment_method_configuration_details payment_method_types processing receipt_email "
        "setup_future_usage shipping source status"
    ),
    "setup_intent": (
        "id object automatic_payment_methods cancellation_reason client_secret created description last_setup_error "
        "livemode next_action payment_method payment_method_configuration_details payment_method_types status usage"
    ),
    "payment_method": "id object allow_redisplay billing_details card created livemode type",
}
PUBLIC_FIELDS = {kind: frozenset(names.split()) for kind, names in _PUBLIC_FIELDS.items()}


@dataclass(frozen=True)
class ApiRequest:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    id: str = field(default_factory=lambda: new_id("req", 14))

    @property
    def idempotency_key(self) -> str | None:
        """Only POST takes one; the other methods are idempotent anyway."""
        return self.headers.get("idempotency-key") if self.method == "POST" else None


class Api:
    """Answers requests one at a time; `handle` never waits."""

    def __init__(self, store: Store, config: Config, endpoints: Iterable[Endpoint] = ENDPOINTS) -> None:
        self.store = store
        self.config = config
        self._routes = [(endpoint, _pattern(endpoint.path)) for endpoint in endpoints]

    def call(self, **about: Any) -> Call:
        return Call(self.store, self.config, **about)

    def handle(self, request: ApiRequest) -> Reply:
        headers = {"Request-Id": request.id, "Stripe-Version": request.headers.get("stripe-version", API_VERSION)}
        if request.idempotency_key is not None:
            headers["Idempotency-Key"] = request.idempotency_key
        try:
            with self.store.transaction():
                status, body, more = self._answer(request)
        except StripeError as error:
            return Reply(error.status, _dump(error.body()), headers)
        return Reply(status, body, headers | more)

    def _answer(self, request: ApiRequest) -> tuple[int, str, dict[str, str]]:
        """The answer, and headers beyond the usual. Raises only for what leaves no trace."""
        publishable = auth.is_publishable(request.headers)
        endpoint, ids = self._route(request)
        if not endpoint.publishable:
            auth.require_secret(publishable)
        account = auth.account_of(self.store, request.headers)
        raw = _parameters(request)
        key = f"{account} {request.idempotency_key}".strip() if request.idempotency_key is not None else None
        fingerprint = _fingerprint(request, raw)
        kept = self._kept(key, request.path, fingerprint)
        if kept is not None:
            return (kept.status, kept.body, {"Idempotent-Replayed": "true", "Original-Request": kept.request})
        call = self.call(
            account=account,
            request=request.id,
            idempotency_key=request.idempotency_key,
            publishable=publishable,
        )
        status, answer = self._work(call, endpoint, ids, raw)
        body = _dump(answer)
        if key is not None:
            self.store.keep_answer(Answer(key, request.path, fingerprint, status, body, request.id, time.time()))
        return status, body, {}

    def _work(self, call: Call, endpoint: Endpoint, ids: dict[str, str], raw: dict[str, Any]) -> tuple[int, Obj]:
        try:
            with self.store.savepoint():
                given = params.parse({**endpoint.params, "expand": EXPAND}, raw)
                paths = given.pop("expand", None) or []
                answer = expand(call, endpoint.run(call, given, **ids), paths)
        except StripeError as error:
            if not error.executed:
                raise
            return error.status, error.body()
        return 200, _public(answer) if call.publishable else answer

    def _route(self, request: ApiRequest) -> tuple[Endpoint, dict[str, str]]:
        for endpoint, pattern in self._routes:
            match = pattern.fullmatch(request.path)
            if match is not None and endpoint.method == request.method:
                return endpoint, match.groupdict()
        raise unrecognised_url(request.method, request.path)

    def _kept(self, key: str | None, path: str, fingerprint: str) -> Answer | None:
        if key is None:
            return None
        if not 1 <= len(key) <= 255:
            raise InvalidParameter("Idempotency keys have between 1 and 255 characters.", type="idempotency_error")
        kept = self.store.answer(key, since=time.time() - KEEP_ANSWERS)
        if kept is None or kept.fingerprint == fingerprint:
            return kept
        if kept.path != path:
            reason = f"for the same endpoint they were first used for ('{path}' vs '{kept.path}')"
        else:
            reason = "with the same parameters they were first used with"
        message = (
            f"Keys for idempotent requests can only be used {reason}. Try using a key other than '{key}' if you meant "
            "to execute a different request."
        )
        raise InvalidParameter(message, type="idempotency_error")


def key_in_use(request: ApiRequest) -> Reply:
    """The answer to a request whose idempotency key another, unfinished one carries."""
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {request.idempotency_key}. Please try again later."
    )
    error = InvalidParameter(message, status=409, code="idempotency_key_in_use")
    return Reply(409, _dump(error.body()), {"Request-Id": request.id})


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def _parameters(request: ApiRequest) -> dict[str, Any]:
    given = params.decode(request.query)
    if request.method == "POST" and request.body:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            message = "Invalid request (check that your POST content type is application/x-www-form-urlencoded)."
            raise InvalidParameter(message)
        try:
            given |= params.decode(request.body.decode())
        except UnicodeDecodeError:
            raise InvalidParameter("Invalid request: the body is not valid UTF-8.") from None
    return given


def _fingerprint(request: ApiRequest, raw: dict[str, Any]) -> str:
    content = f"{request.method} {request.path} {json.dumps(raw, sort_keys=True)}"
    return hashlib.sha256(content.encode()).hexdigest()


def _public(obj: Obj) -> Obj:
    shown = PUBLIC_FIELDS[obj["object"]]
    return {name: value for name, value in obj.items() if name in shown}


def _dump(body: Obj) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
