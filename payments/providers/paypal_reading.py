"""How PayPal writes orders, refunds, movements and disputes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.money import EXPONENTS, Money
from payments.providers.base import (
    APPROVED,
    PAYMENT_KEY,
    REFUND_KEY,
    BalanceTransaction,
    DisputeMove,
    Intent,
    ProviderDispute,
    ProviderRefund,
)
from payments.providers.paypal_calls import Issue

OPEN = frozenset({"CREATED", "SAVED", "PAYER_ACTION_REQUIRED"})
TAKEN = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})
REFUND_STATUS = {"COMPLETED": "succeeded", "PENDING": "pending", "FAILED": "failed", "CANCELLED": "failed"}
NOT_TAKEN = {
    "ORDER_NOT_APPROVED": "You have not approved this payment at PayPal yet.",
    "PAYER_ACTION_REQUIRED": "PayPal wants you to confirm this payment once more.",
    "INSTRUMENT_DECLINED": "PayPal could not take the money the way you chose. Choose another way there, or pay by card.",
    "PAYER_CANNOT_PAY": "PayPal does not let this account pay. Pay by card instead.",
    "TRANSACTION_REFUSED": "PayPal did not accept this payment. Pay by card instead.",
}
# Transaction event codes: the first that begins a code names the movement in the words that we reconcile by.
MOVEMENTS = {
    "T00": "charge",
    "T1107": "refund",
    "T1106": "adjustment",
    "T12": "adjustment",
    "T01": "paypal_fee",
    "T03": "topup",
    "T04": "payout",
}
WITHIN_THE_BALANCE = ("T1105", "T1110", "T1111", "T13", "T15", "T21")  # held or freed: nothing comes or goes
# How a dispute that is resolved ended for us; one without a word of it was called off by the buyer.
OUTCOMES = {
    "RESOLVED_BUYER_FAVOUR": "lost",
    "RESOLVED_SELLER_FAVOUR": "won",
    "RESOLVED_WITH_PAYOUT": "won",
    "ACCEPTED": "lost",
    "DENIED": "won",
}


def read_order(order: Mapping[str, Any], *, live: bool, refusal: Issue | None = None) -> Intent:
    """An order as an intent. A `refusal` to take it counts unless the order shows that it was taken or has ended."""
    unit = order["purchase_units"][0]
    status, received = _state(order)
    is_refused = refusal is not None and status in {"requires_action", APPROVED}
    payer = order.get("payer") or (order.get("payment_source") or {}).get("paypal") or {}
    email = payer.get("email_address", "")
    return Intent(
        id=order["id"],
        status="requires_payment_method" if is_refused else status,
        amount_minor=_minor(unit["amount"]),
        currency=unit["amount"]["currency_code"],
        received_minor=received,
        live=live,
        metadata={PAYMENT_KEY: unit.get("custom_id", "")},
        method_label=f"PayPal {email}".strip() if received or status == "requires_capture" else "",
        failure_code=refusal.name.lower() if refusal and is_refused else "",
        failure_message=NOT_TAKEN.get(refusal.name, refusal.description) if refusal and is_refused else "",
        approval_url=next(
            (link["href"] for link in order.get("links", []) if link["rel"] in {"payer-action", "approve"}), ""
        ),
    )


def read_paypal_refund(data: Mapping[str, Any], intent_id: str = "") -> ProviderRefund:
    """A PayPal refund, from the API or an order."""
    reason = (data.get("status_details") or {}).get("reason", "")
    return ProviderRefund(
        id=data["id"],
        status=REFUND_STATUS[data["status"]],
        amount_minor=_minor(data["amount"]),
        currency=data["amount"]["currency_code"],
        intent_id=intent_id,
        metadata={REFUND_KEY: data.get("custom_id", "")},
        failure_message=f"PayPal: {reason.lower()}" if reason else "",
    )


def read_movement(info: Mapping[str, Any]) -> BalanceTransaction | None:
    """None for what is not settled, only moves within our balance, or is in a currency that no account of ours is in.

    The latter is none of our payments, but anybody can send it to our address there.
    """
    code, currency = str(info["transaction_event_code"]), info["transaction_amount"]["currency_code"]
    if info["transaction_status"] != "S" or code.startswith(WITHIN_THE_BALANCE) or currency not in EXPONENTS:
        return None
    amount = _minor(info["transaction_amount"])
    fee = -_minor(info["fee_amount"]) if "fee_amount" in info else 0
    return BalanceTransaction(
        id=info["transaction_id"],
        type=next((name for start, name in MOVEMENTS.items() if code.startswith(start)), code),
        amount_minor=amount,
        fee_minor=fee,
        net_minor=amount - fee,
        currency=currency,
        created_at=datetime.fromisoformat(info["transaction_initiation_date"]),
        source_id=info["transaction_id"],
        parent_id=info.get("custom_field", ""),
    )


def read_dispute(data: Mapping[str, Any], order_id: str) -> ProviderDispute:
    ours = [one for one in data.get("money_movements", []) if one["affected_party"] == "SELLER"]
    return ProviderDispute(
        id=data["dispute_id"],
        status=_dispute_status(data, is_taken=bool(ours)),
        amount_minor=_minor(data["dispute_amount"]),
        currency=data["dispute_amount"]["currency_code"],
        intent_id=order_id,
        reason=data.get("reason", "").lower(),
        answer_by=datetime.fromisoformat(data["seller_response_due_date"])
        if "seller_response_due_date" in data
        else None,
        moves=tuple(
            DisputeMove(
                f"{data['dispute_id']}-{number}",
                _minor(one["amount"]) * (-1 if one["type"] == "DEBIT" else 1),
                0,  # the fee is a movement of its own
                one["amount"]["currency_code"],
            )
            for number, one in enumerate(ours)
        ),
    )


def payments_in(order: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (order["purchase_units"][0].get("payments") or {}).get(kind) or []
    return found


def _dispute_status(data: Mapping[str, Any], *, is_taken: bool) -> str:
    """In Stripe's words. `is_taken`: PayPal has taken money from us for it."""
    if data["status"] == "RESOLVED":
        outcome = (data.get("dispute_outcome") or {}).get("outcome_code", "")
        ended = OUTCOMES.get(outcome, "won")
        return ended if is_taken or ended == "lost" else "warning_closed"
    asks = data["status"] == "WAITING_FOR_SELLER_RESPONSE"
    if data["dispute_life_cycle_stage"] == "INQUIRY":
        return "warning_needs_response" if asks else "warning_under_review"
    return "needs_response" if asks else "under_review"


def _state(order: Mapping[str, Any]) -> tuple[str, int]:
    """The intent's status and what was received, in minor units."""
    captures = payments_in(order, "captures")
    if taken := [one for one in captures if one["status"] in TAKEN]:
        return "succeeded", sum(_minor(one["amount"]) for one in taken)
    if any(one["status"] == "PENDING" for one in captures):
        return "processing", 0
    authorised = {one["status"] for one in payments_in(order, "authorizations")}
    if authorised:
        return ("requires_capture" if "CREATED" in authorised else _undecided(authorised)), 0
    if order["status"] in OPEN:
        return "requires_action", 0
    return (APPROVED if order["status"] == "APPROVED" else "canceled"), 0


def _undecided(authorised: set[str]) -> str:
    return "processing" if "PENDING" in authorised else "canceled"


def _minor(amount: Mapping[str, str]) -> int:
    return Money.parse(amount["value"], amount["currency_code"]).minor
