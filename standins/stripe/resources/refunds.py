"""Refunds of captured payments, and the releases that Stripe files among them."""

from __future__ import annotations

from typing import Any

from .. import money
from ..call import Call, Endpoint, new_id, token
from ..cards import TestCard
from ..errors import InvalidParameter, StripeError
from ..params import LIST, Boolean, Choice, Email, Id, Integer, Metadata
from ..params import merge_metadata as merged
from ..store import Obj
from . import balance, payment_methods

CREATE = {
    "amount": Integer(minimum=1),
    "charge": Id(),
    "payment_intent": Id(),
    "instructions_email": Email(),
    "metadata": Metadata(),
    "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
    "refund_application_fee": Boolean(),
    "reverse_transfer": Boolean(),
}


def create(call: Call, params: dict[str, Any]) -> Obj:
    charge = _charge(call, params)
    if params.get("reverse_transfer") and charge["transfer_data"] is None:
        message = f"Charge {charge['id']} has no associated transfer, so there is none to reverse."
        raise StripeError(message, param="reverse_transfer")
    if charge["disputed"] and not call.store.private(charge["id"]).get("refundable"):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeError(message, code="charge_disputed")
    amount = _amount(charge, params.get("amount"))
    card = _card(call, charge)
    refund = _insert(call, charge, amount, params, status="pending" if card.refunds == "pending" else "succeeded")
    if refund["status"] == "succeeded":
        _book(call, refund, charge)
    _add_to_charge(call, charge, amount)
    call.emit("refund.created", refund)
    if card.refunds == "failed":
        settle(call, refund, "failed")
    return refund


def _charge(call: Call, params: dict[str, Any]) -> Obj:
    if ("charge" in params) == ("payment_intent" in params):
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise InvalidParameter(message, code="parameter_missing", param="payment_intent")
    if "payment_intent" in params:
        return _charge_of_intent(call, params["payment_intent"])
    charge = call.get("charge", params["charge"], param="charge", status=400)
    if charge["status"] != "succeeded" or not charge["captured"]:
        message = f"Charge {charge['id']} has not been captured. Cancel its PaymentIntent to release the funds."
        raise StripeError(message, code="charge_not_refundable", param="charge")
    return charge


def _charge_of_intent(call: Call, id: str) -> Obj:
    intent = call.get("payment_intent", id, param="payment_intent", status=400)
    charge = call.find(intent["latest_charge"]) if intent["latest_charge"] else None
    if intent["status"] != "succeeded" or charge is None:
        message = f"This PaymentIntent ({id}) does not have a successful charge to refund."
        raise StripeError(message, code="payment_intent_unexpected_state", param="payment_intent")
    return charge


def _amount(charge: Obj, asked: int | None) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeError(message, code="charge_already_refunded")
    if asked is None:
        return int(left)
    currency = charge["currency"]
    if asked > left:
        message = (
            f"Refund amount ({money.display(asked, currency)}) is greater than unrefunded amount on charge "
            f"({money.display(left, currency)})"
        )
        raise StripeError(message, param="amount")
    money.check_step(asked, currency, param="amount")
    return asked


def _card(call: Call, charge: Obj) -> TestCard:
    method = call.get("payment_method", charge["payment_method"])
    return payment_methods.card_of(call, method)


def reverse_payment(call: Call, payment: Obj, amount: int) -> Obj:
    """What the reversal of a transfer takes back from the connected account."""
    refund = _insert(call, payment, amount, {}, status="succeeded", prefix="pyr")
    due = balance.available_on(call, payment)
    booked = balance.book(call, refund, -amount, type="payment_refund", category="transfer_reversal", available_on=due)
    call.update(None, refund, {"balance_transaction": booked["id"]})
    _add_to_charge(call, payment, amount)
    return refund


def _insert(call: Call, charge: Obj, amount: int, params: dict[str, Any], *, status: str, prefix: str = "re") -> Obj:
    refund = {
        "id": new_id(prefix),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "destination_details": {
            "card": {
                "reference": token(16),
                "reference_status": "available",
                "reference_type": "acquirer_reference_number",
                "type": "refund" if charge["captured"] else "reversal",
            },
            "type": "card",
        },
        "metadata": merged({}, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }
    return call.create(None, refund)


def _book(call: Call, refund: Obj, charge: Obj) -> None:
    call.update(None, refund, {"balance_transaction": balance.book_refund(call, refund, charge)["id"]})


def _add_to_charge(call: Call, charge: Obj, amount: int) -> None:
    refunded = charge["amount_refunded"] + amount
    changes = {"amount_refunded": refunded, "refunded": refunded == charge["amount"]}
    call.update("charge.refunded" if amount > 0 else "charge.updated", charge, changes)


def file_release(call: Call, charge: Obj, amount: int) -> None:
    """What was authorised and never captured shows among the refunds of the charge; no money moved."""
    _insert(call, charge, amount, {}, status="succeeded")


def settle(call: Call, refund: Obj, outcome: str) -> Obj:
    """Finish a pending refund, or let one fail afterwards: then the money is back in the balance."""
    charge = call.get("charge", refund["charge"])
    if outcome == "succeeded" and refund["status"] == "pending":
        _book(call, refund, charge)
        return _updated(call, refund, {"status": "succeeded"})
    if outcome != "failed" or refund["status"] not in ("pending", "succeeded"):
        message = f"A refund with a status of {refund['status']} can't become {outcome}."
        raise StripeError(message, code="refund_unexpected_state")
    changes: dict[str, Any] = {"status": "failed", "failure_reason": "unknown"}
    if refund["balance_transaction"] is not None:
        changes["failure_balance_transaction"] = balance.book_failed_refund(call, refund, charge)["id"]
    _add_to_charge(call, charge, -refund["amount"])
    _updated(call, refund, changes)
    call.emit("refund.failed", refund)
    return refund


def _updated(call: Call, refund: Obj, changes: dict[str, Any]) -> Obj:
    """Stripe tells it twice, by the new name and by the old."""
    call.update("refund.updated", refund, changes)
    call.emit("charge.refund.updated", refund)
    return refund


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("refund", id)


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    refund = call.get("refund", id)
    changes = {"metadata": merged(refund["metadata"], params["metadata"])} if "metadata" in params else {}
    return _updated(call, refund, changes) if changes else refund


def listing(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("charge", "payment_intent")}
    return call.list("refund", "/v1/refunds", params, **filters)


def of_charge(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    call.get("charge", id)
    return call.list("refund", f"/v1/charges/{id}/refunds", params, charge=id)


ENDPOINTS = (
    Endpoint("POST", "/v1/refunds", create, CREATE),
    Endpoint("GET", "/v1/refunds", listing, LIST | {"charge": Id(), "payment_intent": Id()}),
    Endpoint("GET", "/v1/refunds/{id}", retrieve),
    Endpoint("POST", "/v1/refunds/{id}", update, {"metadata": Metadata()}),
    Endpoint("GET", "/v1/charges/{id}/refunds", of_charge, LIST),
)
