"""Disputes: what a card's owner objects to at the bank, from the first question to the decision."""

from __future__ import annotations

import copy
from typing import Any

from .. import money
from ..call import Call, Endpoint, new_id
from ..cards import TestCard
from ..errors import StripeError
from ..params import LIST, AnyHash, Boolean, Hash, Id, Metadata, Text
from ..params import merge_metadata as merged
from ..store import Obj
from . import balance, charges, moves

DAYS_TO_ANSWER = 9

_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal "
    "customer_communication customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number uncategorized_file "
    "uncategorized_text"
)
EVIDENCE = tuple(_EVIDENCE.split())
UPDATE = {
    "evidence": Hash({name: Text(max_length=20_000) for name in EVIDENCE} | {"enhanced_evidence": AnyHash()}),
    "metadata": Metadata(),
    "submit": Boolean(),
}

# The words of a test that decide a dispute, when they are its `uncategorized_text`.
WINNING, LOSING, ESCALATING = "winning_evidence", "losing_evidence", "escalate_inquiry_evidence"

NETWORK_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}
REASONS = (
    "bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated", "debit_not_authorized",
    "duplicate", "fraudulent", "general", "incorrect_account_details", "insufficient_funds", "product_not_received",
    "product_unacceptable", "subscription_canceled", "unrecognized",
)  # fmt: skip


def after_payment(call: Call, charge: Obj, card: TestCard) -> None:
    """The owner of some test cards disputes what was paid with them."""
    if card.disputed is not None:
        open_(call, charge, amount=charge["amount_captured"], reason=card.disputed, inquiry=card.inquiry)


charges.WHEN_PAID.append(after_payment)


def open_(call: Call, charge: Obj, *, amount: int | None, reason: str, inquiry: bool) -> Obj:
    """Dispute a captured payment, or what is left of it after refunds."""
    left = charge["amount"] - charge["amount_refunded"]
    asked = left if amount is None else amount
    if not charge["captured"] or charge["disputed"] or not 0 < asked <= left:
        message = f"Charge {charge['id']} can't be disputed for {money.display(asked, charge['currency'])}."
        raise StripeError(message, param="amount")
    card = charge["payment_method_details"].get("card", {})
    shown = {
        "brand": card.get("brand", "visa"),
        "case_type": "inquiry" if inquiry else "chargeback",
        "network": card.get("network", "visa"),
        "network_reason_code": NETWORK_CODES.get(reason, "10.4"),
    }
    dispute: Obj = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": asked,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": call.now + DAYS_TO_ANSWER * balance.DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": shown["network_reason_code"],
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": shown, "type": "card"},
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    call.create(None, dispute)
    call.update(None, charge, {"disputed": True}, refundable=inquiry)
    call.emit("charge.updated", charge, previous={"disputed": False})
    call.emit("charge.dispute.created", dispute)
    if not inquiry:
        _withdraw(call, dispute)
    return dispute


def _withdraw(call: Call, dispute: Obj) -> None:
    """The bank takes the money back, and Stripe its fee."""
    _book(
        call,
        dispute,
        -dispute["amount"],
        fee=call.config.dispute_fee,
        category="dispute",
        description=f"Chargeback withdrawal for {dispute['charge']}",
    )
    call.emit("charge.dispute.funds_withdrawn", dispute)


def _book(call: Call, dispute: Obj, amount: int, *, fee: int, category: str, description: str) -> None:
    booked = balance.book(
        call,
        dispute,
        amount,
        type="adjustment",
        category=category,
        fee=fee,
        fee_of=balance.DISPUTE_FEE,
        description=description,
    )
    call.update(None, dispute, {"balance_transactions": [*dispute["balance_transactions"], booked]})


def _require(dispute: Obj, move: str) -> None:
    if dispute["status"] not in moves.DISPUTE[move]:
        raise StripeError(f"This dispute is already closed or can't be changed: its status is {dispute['status']}.")


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("dispute", id, param="dispute")


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    """Keep evidence, and submit it unless `submit` is false. What the bank says to it comes after the answer."""
    dispute = call.get("dispute", id, param="dispute")
    changes: dict[str, Any] = {}
    if "metadata" in params:
        changes["metadata"] = merged(dispute["metadata"], params["metadata"])
    submits = bool(params.get("submit", "evidence" in params))
    if submits or "evidence" in params:
        _require(dispute, "answer")
        evidence = dispute["evidence"] | params.get("evidence", {})
        evidence["enhanced_evidence"] = evidence["enhanced_evidence"] or {}
        details = dispute["evidence_details"] | {"has_evidence": any(evidence[name] for name in EVIDENCE)}
        if submits:
            details["submission_count"] += 1
            changes["status"] = dispute["status"].replace("needs_response", "under_review")
        changes |= {"evidence": evidence, "evidence_details": details}
    call.update("charge.dispute.updated", dispute, changes)
    answer = copy.deepcopy(dispute)
    if submits:
        _decide_by_words(call, dispute)
    return answer


def _decide_by_words(call: Call, dispute: Obj) -> None:
    words = dispute["evidence"]["uncategorized_text"] or ""
    inquiry = dispute["status"].startswith("warning_")
    if words.startswith(ESCALATING) and inquiry:
        escalate(call, dispute)
    elif words.startswith(WINNING):
        _close(call, dispute, "warning_closed" if inquiry else "won")
    elif words.startswith(LOSING):
        _close(call, dispute, "warning_closed" if inquiry else "lost")


def escalate(call: Call, dispute: Obj) -> Obj:
    """The bank's question becomes a chargeback."""
    _require(dispute, "escalate")
    details = dispute["payment_method_details"]
    changes = {
        "status": "needs_response",
        "is_charge_refundable": False,
        "payment_method_details": details | {"card": details["card"] | {"case_type": "chargeback"}},
    }
    call.update("charge.dispute.updated", dispute, changes)
    call.update(None, call.get("charge", dispute["charge"]), {}, refundable=False)
    _withdraw(call, dispute)
    return dispute


def decide(call: Call, dispute: Obj, outcome: str) -> Obj:
    """The bank's word: won or lost."""
    _require(dispute, "decide")
    return _close(call, dispute, outcome)


def _close(call: Call, dispute: Obj, status: str) -> Obj:
    call.update(None, dispute, {"status": status, "is_charge_refundable": False})
    if status == "won":
        _book(
            call,
            dispute,
            dispute["amount"],
            fee=-call.config.dispute_fee_returned,
            category="dispute_reversal",
            description=f"Chargeback reversal for {dispute['charge']}",
        )
    call.emit("charge.dispute.closed", dispute)
    if status == "won":
        call.emit("charge.dispute.funds_reinstated", dispute)
    if status != "lost":
        call.update(None, call.get("charge", dispute["charge"]), {}, refundable=True)
    return dispute


def close(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    """Accept the dispute as lost."""
    dispute = call.get("dispute", id, param="dispute")
    _require(dispute, "close")
    return _close(call, dispute, "warning_closed" if dispute["status"].startswith("warning_") else "lost")


def listing(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("charge", "payment_intent")}
    return call.list("dispute", "/v1/disputes", params, **filters)


ENDPOINTS = (
    Endpoint("GET", "/v1/disputes", listing, LIST | {"charge": Id(), "payment_intent": Id()}),
    Endpoint("GET", "/v1/disputes/{id}", retrieve),
    Endpoint("POST", "/v1/disputes/{id}", update, UPDATE),
    Endpoint("POST", "/v1/disputes/{id}/close", close),
)
