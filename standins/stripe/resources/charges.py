"""Charges: what the attempts of payment intents leave behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..call import Call, Endpoint, new_id, token
from ..cards import Decline, TestCard
from ..params import LIST, SHIPPING, Email, Hash, Id, Metadata, Text
from ..params import merge_metadata as merged
from ..store import Obj
from . import balance, payment_methods

DAYS_TO_CAPTURE = 7

SHOWN_OF_CARD = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
SHOWN_OF_BANK = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")

UPDATE = {
    "customer": Id(),
    "description": Text(),
    "fraud_details": Hash({"user_report": Text()}),
    "metadata": Metadata(),
    "receipt_email": Email(),
    "shipping": SHIPPING,
    "transfer_group": Text(),
}


# Told of each charge that was captured, with the card that paid it, once the payment itself is through.
WHEN_PAID: list[Callable[[Call, Obj, TestCard], None]] = []

# The payment that a transfer is, seen from the connected account that gets it.
NO_INTENT = dict.fromkeys(
    (
        "id",
        "customer",
        "description",
        "receipt_email",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
    )
)
NO_METHOD = {"id": None, "type": "stripe_account", "billing_details": payment_methods.billing_details({}, None)}


def create_for_transfer(call: Call, transfer: Obj, *, available_on: int) -> Obj:
    """What arrives at the connected account; nothing is taken off for processing."""
    shown = {name: transfer[name] for name in ("amount", "currency", "transfer_group")}
    payment = create(
        call,
        NO_INTENT | shown | {"metadata": {}},
        NO_METHOD,
        status="succeeded",
        captured=True,
        authenticated=False,
        prefix="py",
    )
    booked = balance.book(
        call, payment, payment["amount"], type="payment", category="charge", available_on=available_on
    )
    changes = {"balance_transaction": booked["id"], "source_transfer": transfer["id"]}
    return call.update(None, payment, changes)


def create(
    call: Call, intent: Obj, method: Obj, *, status: str, captured: bool, authenticated: bool, prefix: str = "ch"
) -> Obj:
    """A charge for the whole amount of the intent, not yet in the balance. `status` as in Stripe's charge."""
    id = new_id(prefix)
    receipt_token = token(32)
    charge = {
        "id": id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured and status == "succeeded" else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": intent["statement_descriptor_suffix"] or "STANDIN",
        "captured": captured and status == "succeeded",
        "created": call.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(call, intent, method, captured=captured, authenticated=authenticated),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"{call.config.public_url}/receipts/{id}/{receipt_token}",
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status,
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }
    return call.create(None, charge, receipt_token=receipt_token)


def _details(call: Call, intent: Obj, method: Obj, *, captured: bool, authenticated: bool) -> Obj:
    if method["type"] == "us_bank_account":
        bank = {name: method["us_bank_account"][name] for name in SHOWN_OF_BANK}
        return {"type": "us_bank_account", "us_bank_account": bank | {"mandate": None, "payment_reference": None}}
    if method["type"] == "stripe_account":
        return {"type": "stripe_account", "stripe_account": {}}
    card = method["card"]
    details: Obj = {name: card[name] for name in SHOWN_OF_CARD} | {
        "amount_authorized": intent["amount"],
        "authorization_code": token(6),
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": token(15),
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": card["regulated_status"],
        "three_d_secure": _three_d_secure() if authenticated else None,
    }
    if not captured:
        details["capture_before"] = call.now + DAYS_TO_CAPTURE * balance.DAY
    return {"type": "card", "card": details}


def _three_d_secure() -> Obj:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": token(36),
        "version": "2.2.0",
    }


def decline(call: Call, charge: Obj, reason: Decline) -> Obj:
    outcome = charge["outcome"] | {
        "network_decline_code": "01",
        "network_status": "declined_by_network",
        "reason": reason.decline_code,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
    changes = {
        "status": "failed",
        "paid": False,
        "captured": False,
        "outcome": outcome,
        "failure_code": reason.code,
        "failure_message": reason.message,
        "receipt_url": None,
    }
    call.update(None, charge, changes)
    call.emit("charge.failed", charge)
    return charge


def settle(call: Call, charge: Obj) -> Obj:
    """Put a captured charge into the balance."""
    card = payment_methods.card_of(call, call.get("payment_method", charge["payment_method"]))
    booked = balance.book_charge(call, charge, charge["amount_captured"], at_once=card.available)
    return call.update(None, charge, {"balance_transaction": booked["id"]})


def paid(call: Call, charge: Obj) -> None:
    card = payment_methods.card_of(call, call.get("payment_method", charge["payment_method"]))
    for listener in WHEN_PAID:
        listener(call, charge, card)


def capture(call: Call, charge: Obj, amount: int) -> Obj:
    """Capture part or all of an authorised charge; the rest counts as refunded, as it does at Stripe."""
    call.update(
        None, charge, {"captured": True, "amount_captured": amount, "amount_refunded": charge["amount"] - amount}
    )
    settle(call, charge)
    call.emit("charge.captured", charge)
    return charge


def release(call: Call, charge: Obj) -> Obj:
    """Give up an authorisation: the charge counts as refunded without having been captured."""
    changes = {"amount_refunded": charge["amount"], "refunded": True}
    return call.update("charge.refunded", charge, changes)


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("charge", id)


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    charge = call.get("charge", id)
    changes = dict(params)
    if "metadata" in changes:
        changes["metadata"] = merged(charge["metadata"], changes["metadata"])
    return call.update("charge.updated", charge, changes)


def listing(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("customer", "payment_intent", "transfer_group")}
    return call.list("charge", "/v1/charges", params, **filters)


ENDPOINTS = (
    Endpoint(
        "GET", "/v1/charges", listing, LIST | {"customer": Id(), "payment_intent": Id(), "transfer_group": Text()}
    ),
    Endpoint("GET", "/v1/charges/{id}", retrieve),
    Endpoint("POST", "/v1/charges/{id}", update, UPDATE),
)
