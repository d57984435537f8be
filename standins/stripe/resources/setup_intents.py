"""Setup intents: saving a card without charging it."""

from __future__ import annotations

from typing import Any

from ..call import Call, Endpoint, new_id, token
from ..cards import Decline
from ..errors import CardError
from ..params import LIST, AnyHash, Boolean, Choice, Id, Metadata, Text
from ..params import merge_metadata as merged
from ..store import Obj
from . import customers, intents, moves, payment_methods

COMMON = intents.METHOD_PARAMS | {
    "description": Text(max_length=1000),
    "metadata": Metadata(),
    "payment_method_options": AnyHash(),
    "payment_method_types": intents.PAYMENT_METHOD_TYPES,
}
ATTEMPT = {"mandate_data": AnyHash(), "return_url": intents.CONFIRM_PARAMS["return_url"], "use_stripe_sdk": Boolean()}
CREATE = (
    COMMON
    | ATTEMPT
    | {
        "automatic_payment_methods": intents.AUTOMATIC_PAYMENT_METHODS,
        "confirm": Boolean(),
        "customer": Id(),
        "usage": Choice(("off_session", "on_session")),
    }
)
CONFIRM = intents.METHOD_PARAMS | ATTEMPT | intents.PUBLISHABLE_PARAMS | {"payment_method_options": AnyHash()}


def create(call: Call, params: dict[str, Any]) -> Obj:
    customer = params.get("customer")
    if customer is not None:
        customers.existing(call, customer, param="customer", status=400)
    method = intents.given_method(call, params, customer)
    id = new_id("seti")
    intent = {
        "id": id,
        "object": "setup_intent",
        "application": None,
        **intents.methods(params),
        "cancellation_reason": None,
        "client_secret": f"{id}_secret_{token(25)}",
        "created": call.now,
        "customer": customer,
        "customer_account": None,
        "description": params.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merged({}, params.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": method["id"] if method else None,
        "payment_method_configuration_details": None,
        "payment_method_options": params.get("payment_method_options")
        or {"card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}},
        "single_use_mandate": None,
        "status": "requires_confirmation" if method else "requires_payment_method",
        "usage": params.get("usage", "off_session"),
    }
    if params.get("confirm"):
        intents.check_return_url(call, intent, params)
    call.create("setup_intent.created", intent)
    if params.get("confirm"):
        _attempt(call, intent, {name: value for name, value in params.items() if name in ATTEMPT})
    return intent


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    intent = call.get("setup_intent", id, param="intent")
    intents.check_client_secret(call, intent, params)
    return intent


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    intent = call.get("setup_intent", id, param="intent")
    intents.require(intent, moves.SETUP_INTENT["change"], verb="updated")
    changes = {name: value for name, value in params.items() if name != "payment_method_data"}
    if "metadata" in params:
        changes["metadata"] = merged(intent["metadata"], params["metadata"])
    method = intents.given_method(call, params, params.get("customer", intent["customer"]))
    if method is not None:
        changes |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    return call.update(None, intent, changes)


def confirm(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    intent = call.get("setup_intent", id, param="intent")
    intents.check_client_secret(call, intent, params)
    intents.require(intent, moves.SETUP_INTENT["confirm"], verb="confirmed")
    intents.check_return_url(call, intent, params)
    return _attempt(call, intent, params)


def authenticate(call: Call, intent: Obj, *, passed: bool) -> Obj:
    intents.require(intent, moves.SETUP_INTENT["authenticate"], verb="authenticated")
    method = call.get("payment_method", intent["payment_method"])
    if passed:
        return _succeed(call, intent, method)
    _fail(call, intent, intents.failed_authentication(intent, method))
    return intent


def cancel(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    intent = call.get("setup_intent", id, param="intent")
    intents.require(intent, moves.SETUP_INTENT["cancel"], verb="canceled")
    changes = {"status": "canceled", "cancellation_reason": params.get("cancellation_reason"), "next_action": None}
    call.update(None, intent, changes)
    call.emit("setup_intent.canceled", intent)
    return intent


def listing(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("customer", "payment_method")}
    return call.list("setup_intent", "/v1/setup_intents", params, **filters)


def _attempt(call: Call, intent: Obj, params: dict[str, Any]) -> Obj:
    method = intents.method_to_confirm(call, intent, params)
    call.update(None, intent, {"payment_method": method["id"], "last_setup_error": None, "next_action": None})
    card = payment_methods.card_of(call, method)
    if card.authentication != "never" and not call.store.private(method["id"]).get("set_up"):
        action = intents.next_action(call, intent, params)
        call.update(None, intent, {"status": "requires_action", "next_action": action})
        call.emit("setup_intent.requires_action", intent)
        return intent
    if card.decline is not None and not card.attaches:
        raise _declined(call, intent, method, card.decline)
    return _succeed(call, intent, method)


def _succeed(call: Call, intent: Obj, method: Obj) -> Obj:
    if intent["customer"]:
        payment_methods.attach_to(call, method, intent["customer"])
    call.store.save(method, set_up=True)
    call.update(None, intent, {"status": "succeeded", "next_action": None})
    call.emit("setup_intent.succeeded", intent)
    return intent


def _fail(call: Call, intent: Obj, error: Obj) -> None:
    changes = {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_setup_error": error,
    }
    call.update(None, intent, changes)
    call.emit("setup_intent.setup_failed", intent)


def _declined(call: Call, intent: Obj, method: Obj, decline: Decline) -> CardError:
    _fail(call, intent, intents.last_error(decline, method))
    return intents.card_error(decline, intent, method)


ENDPOINTS = (
    Endpoint("POST", "/v1/setup_intents", create, CREATE),
    Endpoint("GET", "/v1/setup_intents", listing, LIST | {"customer": Id(), "payment_method": Id()}),
    Endpoint("GET", "/v1/setup_intents/{id}", retrieve, intents.PUBLISHABLE_PARAMS, publishable=True),
    Endpoint("POST", "/v1/setup_intents/{id}", update, COMMON | {"customer": Id()}),
    Endpoint("POST", "/v1/setup_intents/{id}/confirm", confirm, CONFIRM, publishable=True),
    Endpoint(
        "POST",
        "/v1/setup_intents/{id}/cancel",
        cancel,
        {"cancellation_reason": Choice(("abandoned", "duplicate", "requested_by_customer"))},
    ),
)
