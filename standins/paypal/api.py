"""The way of a request: its token, its route, its request id, its work in one transaction."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..common.errors import ServiceError
from ..common.gateway import Reply
from .config import Config
from .errors import PayPalError, Unauthorised, invalid, unprocessable
from .moves import Moves
from .store import Obj, Store
from .webhooks import Deliverer

LONGEST_REQUEST_ID = 108


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str]


Run = Callable[[Moves, Obj, str], Obj | None]


@dataclass(frozen=True)
class Endpoint:
    """`created` is the status of a first answer. `run` gets what was given in the body, or of a GET in the query."""

    method: str
    path: str
    run: Run
    created: int = 200


ENDPOINTS = (
    Endpoint("POST", "/v2/checkout/orders", lambda moves, given, _: moves.shown_order(moves.create_order(given))),
    Endpoint("GET", "/v2/checkout/orders/{id}", lambda moves, _, id: moves.shown_order(moves.order(id))),
    Endpoint(
        "POST",
        "/v2/checkout/orders/{id}/capture",
        lambda moves, given, id: moves.shown_order(moves.capture_order(id, given)),
        201,
    ),
    Endpoint(
        "POST",
        "/v2/checkout/orders/{id}/authorize",
        lambda moves, given, id: moves.shown_order(moves.authorise_order(id, given)),
        201,
    ),
    Endpoint("GET", "/v2/payments/authorizations/{id}", lambda moves, _, id: moves.shown(moves.authorisation(id))),
    Endpoint(
        "POST",
        "/v2/payments/authorizations/{id}/capture",
        lambda moves, given, id: moves.shown(moves.capture_authorisation(id, given)),
        201,
    ),
    Endpoint(
        "POST", "/v2/payments/authorizations/{id}/void", lambda moves, given, id: moves.shown(moves.void(id, given))
    ),
    Endpoint("GET", "/v2/payments/captures/{id}", lambda moves, _, id: moves.shown(moves.capture(id))),
    Endpoint(
        "POST",
        "/v2/payments/captures/{id}/refund",
        lambda moves, given, id: moves.shown(moves.refund_capture(id, given)),
        201,
    ),
    Endpoint("GET", "/v2/payments/refunds/{id}", lambda moves, _, id: moves.shown(moves.refund(id))),
    Endpoint("GET", "/v1/customer/disputes", lambda moves, given, _: moves.disputes(given)),
    Endpoint("GET", "/v1/customer/disputes/{id}", lambda moves, _, id: moves.shown_dispute(moves.dispute(id))),
    Endpoint(
        "POST",
        "/v1/customer/disputes/{id}/provide-evidence",
        lambda moves, given, id: moves.answer_dispute(id, given),
    ),
    Endpoint(
        "POST",
        "/v1/customer/disputes/{id}/accept-claim",
        lambda moves, _, id: moves.settle_dispute(id, "ACCEPTED"),
    ),
    Endpoint("GET", "/v1/reporting/transactions", lambda moves, given, _: moves.transactions(given)),
)


class Api:
    """Answers requests one at a time; `handle` never waits."""

    def __init__(self, store: Store, config: Config, deliverer: Deliverer) -> None:
        self.store = store
        self.config = config
        self._deliverer = deliverer
        self._routes = [(endpoint, re.compile(endpoint.path.replace("{id}", "([^/]+)"))) for endpoint in ENDPOINTS]
        self._tokens: dict[str, float] = {}

    def moves(self) -> Moves:
        return Moves(self.store, self.config.public_url)

    def forget_tokens(self) -> None:
        self._tokens.clear()

    def handle(self, request: Request) -> Reply:
        try:
            if request.path == "/v1/oauth2/token":
                return self._token(request)
            self._require_token(request)
            if request.path == "/v1/notifications/verify-webhook-signature":
                return self._verify(request)
            with self.store.transaction():
                return self._answer(request)
        except ServiceError as error:
            return Reply(error.status, json.dumps(error.body()))

    def _answer(self, request: Request) -> Reply:
        endpoint, id = self._route(request)
        given = _json(request) if request.method == "POST" else dict(request.query)
        key = request.headers.get("paypal-request-id", "") if request.method == "POST" else ""
        if len(key) > LONGEST_REQUEST_ID:
            raise invalid("INVALID_STRING_LENGTH", "The request id is too long.", field="PayPal-Request-Id")
        fingerprint = hashlib.sha256(json.dumps([request.path, given], sort_keys=True).encode()).hexdigest()
        if key and (kept := self.store.answer(key)):
            if kept["request"] != fingerprint:
                raise unprocessable("DUPLICATE_REQUEST_ID", "The value of PayPal-Request-Id has already been used.")
            return Reply(200, kept["body"])
        body = json.dumps(endpoint.run(self.moves(), given, id))
        if key:
            self.store.keep_answer(key, request.path, fingerprint, endpoint.created, body)
        return Reply(endpoint.created, body)

    def _route(self, request: Request) -> tuple[Endpoint, str]:
        for endpoint, pattern in self._routes:
            match = pattern.fullmatch(request.path)
            if match and endpoint.method == request.method:
                return endpoint, match.group(1) if match.groups() else ""
        raise PayPalError(404, "RESOURCE_NOT_FOUND", "There is no such call in the stand-in.")

    def _token(self, request: Request) -> Reply:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        try:
            client, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client = secret = ""
        if scheme.lower() != "basic" or not client or not secret:
            return Reply(
                401, json.dumps({"error": "invalid_client", "error_description": "Client Authentication failed"})
            )
        if request.body != b"grant_type=client_credentials":
            return Reply(400, json.dumps({"error": "unsupported_grant_type", "error_description": "unknown grant"}))
        token = f"A21AA{secrets.token_urlsafe(60)}"
        self._tokens[token] = time.time() + self.config.token_seconds
        return Reply(
            200, json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": self.config.token_seconds})
        )

    def _require_token(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self._tokens.get(token, 0) < time.time():
            raise Unauthorised

    def _verify(self, request: Request) -> Reply:
        question = _json(request)
        is_ours = self._deliverer.verified(question, request.body.decode())
        return Reply(200, json.dumps({"verification_status": "SUCCESS" if is_ours else "FAILURE"}))


def _json(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise PayPalError(415, "UNSUPPORTED_MEDIA_TYPE", "The server does not support the request's media type.")
    try:
        given = json.loads(request.body or b"{}")
    except ValueError:
        raise invalid("MALFORMED_REQUEST_JSON", "The request JSON is not well formed.") from None
    if not isinstance(given, dict):
        raise invalid("MALFORMED_REQUEST_JSON", "The request JSON is not well formed.")
    return given
