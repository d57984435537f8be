"""One attempt to pay an intent: confirmation, authentication, and what the card (or the bank, later) says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..call import Call
from ..cards import GENERIC, NEEDS_AUTHENTICATION, Decline
from ..errors import CardError, StripeError
from ..store import Obj
from . import charges, intents, moves, payment_methods

NO_DESCRIPTOR = (
    "The `statement_descriptor` parameter is not supported for card payments. Please use `statement_descriptor_suffix` "
    "instead."
)


# Told of each intent that succeeded, was declined, or waits for the person.
LISTENERS: list[Callable[[Call, Obj], None]] = []


def _tell(call: Call, intent: Obj) -> None:
    for listener in LISTENERS:
        listener(call, intent)


def confirm(call: Call, intent: Obj, params: Mapping[str, Any]) -> Obj:
    """Try to pay. The intent must be in a status that allows it."""
    method = intents.method_to_confirm(call, intent, params)
    if intent["statement_descriptor"] and method["type"] == "card":
        raise StripeError(NO_DESCRIPTOR, param="statement_descriptor")
    call.update(None, intent, {"payment_method": method["id"], "last_payment_error": None, "next_action": None})
    card = payment_methods.card_of(call, method)
    authenticated = bool(call.store.private(intent["id"]).get("authenticated") == method["id"])
    if not authenticated and intents.needs_authentication(call, card, method):
        if params.get("off_session") or params.get("error_on_requires_action"):
            raise _declined(call, intent, method, NEEDS_AUTHENTICATION)
        action = intents.next_action(call, intent, params)
        call.update(None, intent, {"status": "requires_action", "next_action": action})
        call.emit("payment_intent.requires_action", intent)
        _tell(call, intent)
        return intent
    return _charge(call, intent, method, authenticated=authenticated)


def authenticate(call: Call, intent: Obj, *, passed: bool) -> Obj:
    """The person has finished the challenge of their bank; a card that still declines shows in the intent."""
    intents.require(intent, moves.PAYMENT_INTENT["authenticate"], verb="authenticated")
    method = call.get("payment_method", intent["payment_method"])
    if not passed:
        error = intents.failed_authentication(intent, method)
        changes = {
            "status": "requires_payment_method",
            "payment_method": None,
            "next_action": None,
            "last_payment_error": error,
        }
        call.update(None, intent, changes)
        call.emit("payment_intent.payment_failed", intent)
        _tell(call, intent)
        return intent
    call.update(None, intent, {"next_action": None, "status": "requires_confirmation"}, authenticated=method["id"])
    if intent["confirmation_method"] == "automatic":
        try:
            _charge(call, intent, method, authenticated=True)
        except CardError:
            # The decline is recorded in the intent, where the browser finds it.
            return intent
    return intent


def settle(call: Call, intent: Obj, *, succeeded: bool) -> Obj:
    """The bank has answered a payment that was processing."""
    intents.require(intent, moves.PAYMENT_INTENT["settle"], verb="settled")
    charge = call.get("charge", intent["latest_charge"])
    method = call.get("payment_method", intent["payment_method"])
    if not succeeded:
        charges.decline(call, charge, GENERIC)
        _record_decline(call, intent, method, GENERIC, charge["id"])
        return intent
    changes = {"status": "succeeded", "paid": True, "captured": True, "amount_captured": charge["amount"]}
    call.update(None, charge, changes)
    charges.settle(call, charge)
    call.emit("charge.succeeded", charge)
    _succeed(call, intent, method)
    charges.paid(call, charge)
    return intent


def _charge(call: Call, intent: Obj, method: Obj, *, authenticated: bool) -> Obj:
    card = payment_methods.card_of(call, method)
    manual = intent["capture_method"] == "manual"
    status = "pending" if method["type"] == "us_bank_account" else "succeeded"
    charge = charges.create(call, intent, method, status=status, captured=not manual, authenticated=authenticated)
    call.update(None, intent, {"latest_charge": charge["id"]})
    if card.decline is not None:
        charges.decline(call, charge, card.decline)
        raise _declined(call, intent, method, card.decline, charge["id"])
    if status == "pending":
        return _process(call, intent, charge)
    if manual:
        return _authorise(call, intent, method, charge)
    if intent["capture_method"] == "automatic":
        charges.settle(call, charge)
    call.emit("charge.succeeded", charge)
    _succeed(call, intent, method)
    if intent["capture_method"] == "automatic_async":
        # The answer and its events come before the balance transaction does, as they do at Stripe.
        charges.settle(call, charge)
        call.emit("charge.updated", charge, previous={"balance_transaction": None})
    charges.paid(call, charge)
    return intent


def _process(call: Call, intent: Obj, charge: Obj) -> Obj:
    call.emit("charge.pending", charge)
    call.update(None, intent, {"status": "processing"})
    call.emit("payment_intent.processing", intent)
    return intent


def _authorise(call: Call, intent: Obj, method: Obj, charge: Obj) -> Obj:
    call.emit("charge.succeeded", charge)
    call.update(None, intent, {"status": "requires_capture", "amount_capturable": intent["amount"]})
    call.emit("payment_intent.amount_capturable_updated", intent)
    _keep_or_spend(call, intent, method)
    return intent


def _succeed(call: Call, intent: Obj, method: Obj) -> Obj:
    call.update(None, intent, {"status": "succeeded", "amount_received": intent["amount"]})
    call.emit("payment_intent.succeeded", intent)
    _keep_or_spend(call, intent, method)
    _tell(call, intent)
    return intent


def _keep_or_spend(call: Call, intent: Obj, method: Obj) -> None:
    """Save the payment method for its customer when asked to; one that nobody saved can't be used twice."""
    future = intent["setup_future_usage"]
    if intent["customer"] and future and method["customer"] is None:
        payment_methods.attach_to(call, method, intent["customer"])
    if method["customer"] is None:
        call.store.save(method, spent=True)
    elif future == "off_session":
        call.store.save(method, set_up=True)


def _record_decline(call: Call, intent: Obj, method: Obj, decline: Decline, charge: str | None) -> None:
    changes = {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": intents.last_error(decline, method, charge),
    }
    call.update(None, intent, changes)
    call.emit("payment_intent.payment_failed", intent)
    _tell(call, intent)


def _declined(call: Call, intent: Obj, method: Obj, decline: Decline, charge: str | None = None) -> CardError:
    _record_decline(call, intent, method, decline, charge)
    return intents.card_error(decline, intent, method, charge)
