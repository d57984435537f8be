"""Payment intents: their shape and their endpoints."""

from __future__ import annotations

from typing import Any

from .. import money
from ..call import Call, Endpoint, new_id, token
from ..errors import InvalidParameter, StripeError
from ..params import (
    LIST,
    SHIPPING,
    AnyHash,
    Boolean,
    Choice,
    Currency,
    Descriptor,
    Email,
    Id,
    Integer,
    Metadata,
    OffSession,
    Text,
)
from ..params import merge_metadata as merged
from ..store import Obj
from . import charges, customers, intents, moves, payment_attempts, refunds

FROZEN_AFTER_PAYMENT = ("amount", "currency", "customer", "payment_method", "payment_method_data", "capture_method")

CANCELLATION_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
CAPTURE_METHOD = Choice(("automatic", "automatic_async", "manual"))

TEXTS = {
    "description": Text(max_length=1000),
    "metadata": Metadata(),
    "receipt_email": Email(clearable=True),
    "shipping": SHIPPING,
    "statement_descriptor": Descriptor(),
    "statement_descriptor_suffix": Descriptor(),
    "transfer_group": Text(),
}
PAYMENT = intents.METHOD_PARAMS | {
    "capture_method": CAPTURE_METHOD,
    "payment_method_options": AnyHash(),
    "payment_method_types": intents.PAYMENT_METHOD_TYPES,
    "setup_future_usage": Choice(("off_session", "on_session"), clearable=True),
}
ATTEMPT = {
    "error_on_requires_action": Boolean(),
    "mandate_data": AnyHash(),
    "off_session": OffSession(),
    "radar_options": AnyHash(),
    "return_url": intents.CONFIRM_PARAMS["return_url"],
    "use_stripe_sdk": Boolean(),
}
CREATE = (
    TEXTS
    | PAYMENT
    | ATTEMPT
    | {
        "amount": Integer(required=True, minimum=1),
        "automatic_payment_methods": intents.AUTOMATIC_PAYMENT_METHODS,
        "confirm": Boolean(),
        "confirmation_method": Choice(("automatic", "manual")),
        "currency": Currency(required=True),
        "customer": Id(),
    }
)
UPDATE = TEXTS | PAYMENT | {"amount": Integer(minimum=1), "currency": Currency(), "customer": Id()}
CONFIRM = (
    PAYMENT
    | ATTEMPT
    | intents.PUBLISHABLE_PARAMS
    | {"receipt_email": TEXTS["receipt_email"], "shipping": TEXTS["shipping"]}
)
CAPTURE = {
    "amount_to_capture": Integer(minimum=1),
    "final_capture": Boolean(),
    "metadata": Metadata(),
    "statement_descriptor": TEXTS["statement_descriptor"],
    "statement_descriptor_suffix": TEXTS["statement_descriptor_suffix"],
}

KEPT = ("description", "receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix")
STORED_ON_CONFIRM = ("receipt_email", "shipping", "setup_future_usage", "capture_method", "payment_method_types")


def create(call: Call, params: dict[str, Any]) -> Obj:
    currency = money.check_currency(params["currency"])
    amount = money.check_charge_amount(params["amount"], currency)
    _check_confirm_only(params)
    customer = params.get("customer")
    if customer is not None:
        customers.existing(call, customer, param="customer", status=400)
    method = intents.given_method(call, params, customer)
    id = new_id("pi")
    intent = {
        "id": id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        **intents.methods(params),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": f"{id}_secret_{token(25)}",
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": call.now,
        "currency": currency,
        "customer": customer,
        "customer_account": None,
        **{name: params.get(name) for name in KEPT},
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": method["id"] if method else None,
        "payment_method_configuration_details": None,
        "payment_method_options": params.get("payment_method_options")
        or {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "processing": None,
        "review": None,
        "setup_future_usage": params.get("setup_future_usage"),
        "source": None,
        "status": "requires_confirmation" if method else "requires_payment_method",
        "transfer_data": None,
        "transfer_group": params.get("transfer_group"),
    }
    if method is not None:
        intents.check_type(intent, method)
    if params.get("confirm"):
        intents.check_return_url(call, intent, params)
    call.create("payment_intent.created", intent)
    if params.get("confirm"):
        payment_attempts.confirm(call, intent, {name: value for name, value in params.items() if name in ATTEMPT})
    return intent


def _check_confirm_only(params: dict[str, Any]) -> None:
    for name in ("off_session", "error_on_requires_action", "return_url", "mandate_data"):
        if name in params and not params.get("confirm"):
            message = f"`{name}` can only be passed when `confirm` is set to `true`."
            raise InvalidParameter(message, code="parameter_missing", param="confirm")


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    intent = call.get("payment_intent", id, param="intent")
    intents.check_client_secret(call, intent, params)
    return intent


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    intent = call.get("payment_intent", id, param="intent")
    for name in FROZEN_AFTER_PAYMENT:
        if name in params:
            intents.require(intent, moves.PAYMENT_INTENT["reprice"], verb="updated")
    changes = {name: value for name, value in params.items() if name != "payment_method_data"}
    if "amount" in params or "currency" in params:
        currency = money.check_currency(params.get("currency") or intent["currency"])
        changes["amount"] = money.check_charge_amount(params.get("amount") or intent["amount"], currency)
    if params.get("customer"):
        customers.existing(call, params["customer"], param="customer", status=400)
    if "metadata" in params:
        changes["metadata"] = merged(intent["metadata"], params["metadata"])
    if "payment_method_types" in params:
        changes["automatic_payment_methods"] = None
    method = intents.given_method(call, params, params.get("customer", intent["customer"]))
    if method is not None:
        intents.check_type(intent | changes, method)
        changes |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    return call.update(None, intent, changes)


def confirm(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    intent = call.get("payment_intent", id, param="intent")
    intents.check_client_secret(call, intent, params)
    if call.publishable and intent["confirmation_method"] == "manual":
        message = "This PaymentIntent's confirmation_method is manual: it can only be confirmed with a secret key."
        raise intents.refuse(intent, message)
    intents.require(intent, moves.PAYMENT_INTENT["confirm"], verb="confirmed")
    intents.check_return_url(call, intent, params)
    changes = {name: params[name] for name in STORED_ON_CONFIRM if name in params}
    call.update(None, intent, changes)
    return payment_attempts.confirm(call, intent, params)


def capture(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    intent = call.get("payment_intent", id, param="intent")
    intents.require(intent, moves.PAYMENT_INTENT["capture"], verb="captured")
    amount: int = params.get("amount_to_capture") or intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        most = money.display(intent["amount_capturable"], intent["currency"])
        message = f"The payment can't be captured for more than the amount that was authorized, {most}."
        raise StripeError(message, code="amount_too_large", param="amount_to_capture")
    money.check_step(amount, intent["currency"], param="amount_to_capture")
    if params.get("final_capture") is False:
        raise StripeError("This payment does not support multicapture.", param="final_capture")
    if "metadata" in params:
        intent["metadata"] = merged(intent["metadata"], params["metadata"])
    charge = call.get("charge", intent["latest_charge"])
    charges.capture(call, charge, amount)
    if amount < charge["amount"]:
        refunds.file_release(call, charge, charge["amount"] - amount)
    changes = {"amount_capturable": 0, "amount_received": amount, "status": "succeeded"}
    call.update(None, intent, changes)
    call.emit("payment_intent.succeeded", intent)
    charges.paid(call, charge)
    return intent


def cancel(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    intent = call.get("payment_intent", id, param="intent")
    intents.require(intent, moves.PAYMENT_INTENT["cancel"], verb="canceled")
    if intent["status"] == "requires_capture":
        charge = call.get("charge", intent["latest_charge"])
        refunds.file_release(call, charge, charge["amount"])
        charges.release(call, charge)
    changes = {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": call.now,
        "cancellation_reason": params.get("cancellation_reason"),
        "next_action": None,
    }
    call.update(None, intent, changes)
    call.emit("payment_intent.canceled", intent)
    return intent


def listing(call: Call, params: dict[str, Any]) -> Obj:
    return call.list("payment_intent", "/v1/payment_intents", params, customer=params.get("customer"))


ENDPOINTS = (
    Endpoint("POST", "/v1/payment_intents", create, CREATE),
    Endpoint("GET", "/v1/payment_intents", listing, LIST | {"customer": Id()}),
    Endpoint("GET", "/v1/payment_intents/{id}", retrieve, intents.PUBLISHABLE_PARAMS, publishable=True),
    Endpoint("POST", "/v1/payment_intents/{id}", update, UPDATE),
    Endpoint("POST", "/v1/payment_intents/{id}/confirm", confirm, CONFIRM, publishable=True),
    Endpoint("POST", "/v1/payment_intents/{id}/capture", capture, CAPTURE),
    Endpoint("POST", "/v1/payment_intents/{id}/cancel", cancel, {"cancellation_reason": Choice(CANCELLATION_REASONS)}),
)
