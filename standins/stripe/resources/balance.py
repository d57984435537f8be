"""The balance of each account, and the balance transactions that make it up."""

from __future__ import annotations

from typing import Any

from .. import money
from ..call import Call, Endpoint, new_id
from ..errors import StripeError
from ..params import LIST, Currency, Id, Text
from ..store import Obj

DAY = 86_400

PROCESSING_FEE = "Stripe processing fees"
DISPUTE_FEE = "Dispute fee"

INSUFFICIENT = (
    "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance "
    "by creating Charges using the 4000000000000077 test card. See: https://docs.stripe.com/testing#available-balance"
)


def book(
    call: Call,
    source: Obj,
    amount: int,
    *,
    type: str,
    category: str,
    fee: int = 0,
    fee_of: str = PROCESSING_FEE,
    available_on: int | None = None,
    description: str | None = None,
) -> Obj:
    """Move `amount` into the balance (or out of it), less the fee; at once unless `available_on` is later."""
    detail = {
        "amount": fee,
        "application": None,
        "currency": source["currency"],
        "description": fee_of,
        "type": "stripe_fee",
    }
    due = call.now if available_on is None else max(call.now, available_on)
    transaction = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": due,
        "balance_type": "payments",
        "created": call.now,
        "currency": source["currency"],
        "description": description if description is not None else source.get("description"),
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [detail] if fee else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source["id"],
        "status": "available" if due <= call.now else "pending",
        "type": type,
    }
    return call.create(None, transaction)


def book_charge(call: Call, charge: Obj, amount: int, *, at_once: bool = False) -> Obj:
    """What a captured payment brings, less the processing fee."""
    config = call.config
    fee = money.processing_fee(amount, basis_points=config.fee_basis_points, fixed=config.fee_fixed)
    due = call.now if at_once else call.now + round(config.days_until_available * DAY)
    return book(call, charge, amount, type="charge", category="charge", fee=fee, available_on=due)


def book_refund(call: Call, refund: Obj, charge: Obj) -> Obj:
    """What a refund takes, out of the payment's money while that is pending; its fee is not given back."""
    due = available_on(call, charge)
    return book(call, refund, -refund["amount"], type="refund", category="refund", available_on=due)


def book_failed_refund(call: Call, refund: Obj, charge: Obj) -> Obj:
    due = available_on(call, charge)
    return book(call, refund, refund["amount"], type="refund_failure", category="refund_failure", available_on=due)


def available_on(call: Call, charge: Obj) -> int:
    """When the money of a payment is, or was, available."""
    transaction = call.store.get(charge["balance_transaction"] or "")
    return transaction["available_on"] if transaction else call.now


def available(call: Call, currency: str) -> int:
    return call.store.net_by_currency(call.account, now=call.now)[0].get(currency, 0)


def require(call: Call, amount: int, currency: str, message: str = INSUFFICIENT) -> None:
    """Refuse to take out more than is available."""
    if amount > available(call, currency):
        raise StripeError(message, code="balance_insufficient")


def settle(call: Call) -> int:
    """Make what is pending in any account available now. How many transactions that were."""
    pending = [one for one in call.store.find("balance_transaction") if one["available_on"] > call.now]
    for transaction in pending:
        call.store.save(transaction | {"available_on": call.now, "status": "available"})
    return len(pending)


def transactions(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("currency", "source", "type")}
    if "payout" in params:
        payout = call.get("payout", params["payout"], param="payout", status=400)
        if not payout["automatic"]:
            message = "Balance transaction history can only be filtered on automatic transfers, not manual."
            raise StripeError(message, param="payout")
        filters["id"] = [payout["balance_transaction"], *call.store.private(payout["id"])["transactions"]]
    return call.list("balance_transaction", "/v1/balance_transactions", params, **filters)


def transaction(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("balance_transaction", id)


def retrieve(call: Call, params: dict[str, Any]) -> Obj:
    ready, pending = call.store.net_by_currency(call.account, now=call.now)
    currencies = sorted({*ready, *pending} or {"usd"})

    def part(amounts: dict[str, int]) -> list[Obj]:
        return [
            {
                "amount": amounts.get(currency, 0),
                "currency": currency,
                "source_types": {"card": amounts.get(currency, 0)},
            }
            for currency in currencies
        ]

    return {"object": "balance", "available": part(ready), "livemode": False, "pending": part(pending)}


ENDPOINTS = (
    Endpoint("GET", "/v1/balance", retrieve),
    Endpoint(
        "GET",
        "/v1/balance_transactions",
        transactions,
        LIST | {"currency": Currency(), "source": Id(), "type": Text(), "payout": Id()},
    ),
    Endpoint("GET", "/v1/balance_transactions/{id}", transaction),
)
