"""The account's balance, and the balance transactions that make it up."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .. import money
from ..call import Call, Endpoint, new_id
from ..params import LIST, Currency, Id, Text
from ..store import Obj

DAYS_UNTIL_AVAILABLE = 2
DAY = 86_400


def book_charge(call: Call, charge: Obj, amount: int) -> Obj:
    """What a captured payment brings, less the processing fee."""
    config = call.config
    fee = money.processing_fee(amount, basis_points=config.fee_basis_points, fixed=config.fee_fixed)
    return _book(call, charge, amount, fee=fee, type="charge")


def book_refund(call: Call, refund: Obj) -> Obj:
    """What a refund takes; the fee of the payment is not given back."""
    return _book(call, refund, -refund["amount"], fee=0, type="refund")


def book_failed_refund(call: Call, refund: Obj) -> Obj:
    return _book(call, refund, refund["amount"], fee=0, type="refund_failure")


def _book(call: Call, source: Obj, amount: int, *, fee: int, type: str) -> Obj:
    detail = {
        "amount": fee,
        "application": None,
        "currency": source["currency"],
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    transaction = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": call.now + DAYS_UNTIL_AVAILABLE * DAY,
        "balance_type": "payments",
        "created": call.now,
        "currency": source["currency"],
        "description": source.get("description"),
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [detail] if fee else [],
        "net": amount - fee,
        "reporting_category": type,
        "source": source["id"],
        "status": "pending",
        "type": type,
    }
    return call.create(None, transaction)


def transactions(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("currency", "source", "type")}
    return call.list("balance_transaction", "/v1/balance_transactions", params, **filters)


def transaction(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("balance_transaction", id)


def retrieve(call: Call, params: dict[str, Any]) -> Obj:
    sums: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for transaction in call.store.find("balance_transaction"):
        sums[transaction["available_on"] <= call.now][transaction["currency"]] += transaction["net"]
    currencies = sorted(sums[True].keys() | sums[False].keys() | {"usd"})

    def part(available: bool) -> list[Obj]:
        amounts = sums[available]
        return [
            {"amount": amounts[currency], "currency": currency, "source_types": {"card": amounts[currency]}}
            for currency in currencies
        ]

    return {"object": "balance", "available": part(True), "livemode": False, "pending": part(False)}


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
