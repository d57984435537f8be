"""Payouts from an account's balance to its bank: pending, on their way, and arrived or come back."""

from __future__ import annotations

from typing import Any

from .. import money
from ..call import ACCOUNT_ID, Call, Endpoint, new_id
from ..errors import StripeError
from ..params import LIST, Choice, Currency, Id, Integer, Metadata, Text
from ..params import merge_metadata as merged
from ..store import Obj
from . import account, balance, external_accounts, moves

CREATE = {
    "amount": Integer(required=True, minimum=1),
    "currency": Currency(required=True),
    "description": Text(),
    "destination": Id(),
    "metadata": Metadata(),
    "method": Choice(("instant", "standard")),
    "source_type": Choice(("bank_account", "card", "fpx")),
    "statement_descriptor": Text(max_length=22),
}

NOT_ALLOWED = (
    "Cannot create payouts: this account has payouts disabled. Please check the account's `requirements` for what is "
    "missing."
)
SHORT = (
    "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low. You can use "
    "the /v1/balance endpoint to view your Stripe balance (for more details, see stripe.com/docs/api#balance)."
)
ERRORED = "This external account has had a failed payout, so it takes no more of them. Please replace it or update its details."
FAILURE_MESSAGES = {
    "account_closed": "The bank account has been closed.",
    "could_not_process": "The bank could not process this transfer.",
    "debit_not_authorized": "Debit transactions are not approved on the bank account.",
    "insufficient_funds": "Your Stripe account has insufficient funds to cover the payout.",
    "invalid_currency": "The bank was unable to process this transfer because of its currency.",
    "no_account": "The bank account details on file are probably incorrect. No bank account could be located with them.",
}


def create(call: Call, params: dict[str, Any]) -> Obj:
    currency = money.check_currency(params["currency"])
    _check_allowed(call)
    bank = _destination(call, params, currency)
    if params.get("method") == "instant":
        message = "This bank account does not support instant payouts."
        raise StripeError(message, code="instant_payouts_unsupported", param="method")
    money.check_step(params["amount"], currency, param="amount")
    balance.require(call, params["amount"], currency, SHORT)
    return _insert(call, bank, params | {"currency": currency}, automatic=False)


def pay_out_all(call: Call, currency: str) -> Obj:
    """An automatic payout of everything that is available, which knows the transactions it is made of."""
    _check_allowed(call)
    bank = _destination(call, {}, currency)
    paid_out = {
        one
        for payout in call.store.find("payout", account=call.account, where={"automatic": True})
        for one in call.store.private(payout["id"])["transactions"]
    }
    ready = [
        transaction["id"]
        for transaction in call.store.find("balance_transaction", account=call.account, where={"currency": currency})
        if transaction["available_on"] <= call.now and transaction["id"] not in paid_out
    ]
    amount = balance.available(call, currency)
    if amount <= 0:
        raise StripeError(SHORT, code="balance_insufficient")
    payout = _insert(call, bank, {"amount": amount, "currency": currency}, automatic=True)
    call.store.save(payout, transactions=ready)
    return payout


def _check_allowed(call: Call) -> None:
    if call.account and not account.connected(call, call.account)["payouts_enabled"]:
        raise StripeError(NOT_ALLOWED, code="payouts_not_allowed")


def _destination(call: Call, params: dict[str, Any], currency: str) -> Obj:
    external_accounts.ensure_for_platform(call, currency)
    if "destination" in params:
        owner = call.account or ACCOUNT_ID
        bank = external_accounts.get(call, owner, params["destination"], param="destination", status=400)
    else:
        found = external_accounts.for_currency(call, currency)
        if found is None:
            message = f"Sorry, you don't have any external accounts in that currency ({currency})."
            raise StripeError(message, param="currency")
        bank = found
    if bank["status"] == "errored":
        raise StripeError(ERRORED, code="payouts_not_allowed", param="destination")
    return bank


def _insert(call: Call, bank: Obj, params: dict[str, Any], *, automatic: bool) -> Obj:
    payout: Obj = {
        "id": new_id("po"),
        "object": "payout",
        "amount": params["amount"],
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": call.now + round(call.config.payout_seconds),
        "automatic": automatic,
        "balance_transaction": None,
        "created": call.now,
        "currency": params["currency"],
        "description": params.get("description", "STRIPE PAYOUT" if automatic else None),
        "destination": bank["id"],
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "method": params.get("method", "standard"),
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": params.get("source_type", "card"),
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }
    call.create(None, payout, transactions=[])
    booked = balance.book(call, payout, -payout["amount"], type="payout", category="payout")
    call.update(None, payout, {"balance_transaction": booked["id"]})
    call.emit("payout.created", payout)
    return payout


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("payout", id, param="payout")


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    payout = call.get("payout", id, param="payout")
    if "metadata" in params:
        call.update("payout.updated", payout, {"metadata": merged(payout["metadata"], params["metadata"])})
    return payout


def cancel(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    payout = call.get("payout", id, param="payout")
    _require(payout, "cancel", "canceled")
    if payout["automatic"]:
        raise StripeError("Payouts that Stripe made automatically can't be canceled.")
    _give_back(call, payout, type="payout_cancel", category="payout_reversal")
    call.update(None, payout, {"status": "canceled"})
    call.emit("payout.canceled", payout)
    return payout


def _give_back(call: Call, payout: Obj, *, type: str, category: str) -> None:
    booked = balance.book(call, payout, payout["amount"], type=type, category=category)
    call.update(None, payout, {"failure_balance_transaction": booked["id"]})


def _require(payout: Obj, move: str, verb: str) -> None:
    if payout["status"] not in moves.PAYOUT[move]:
        allowed = ", ".join(sorted(moves.PAYOUT[move]))
        message = (
            f"This payout could not be {verb} because it has a status of {payout['status']}. Only a payout with one of "
            f"the following statuses may be {verb}: {allowed}."
        )
        raise StripeError(message)


def owning(call: Call, id: str) -> Call:
    """The call on the account whose payout it is."""
    return call.on(call.store.owner(id))


def settle(call: Call, id: str, outcome: str | None, failure_code: str | None = None) -> Obj:
    """The next that happens to a payout on its way; without an outcome it goes as its bank account says."""
    payout = call.get("payout", id, param="payout")
    bank = call.store.get(payout["destination"])
    code = failure_code or (external_accounts.failure_of(call, bank) if bank else None)
    if outcome is None:
        outcome = "in_transit" if payout["status"] == "pending" else "failed" if code else "paid"
    if outcome == "in_transit":
        _require(payout, "send", "sent")
        return call.update("payout.updated", payout, {"status": "in_transit"})
    if outcome == "paid":
        _require(payout, "arrive", "paid")
        trace = {"status": "supported", "value": new_id("trace")}
        call.update(None, payout, {"status": "paid", "arrival_date": call.now, "trace_id": trace})
        call.emit("payout.paid", payout)
        return payout
    _require(payout, "fail", "failed")
    _fail(call, payout, code or "could_not_process")
    if bank is not None:
        external_accounts.mark_errored(call, bank)
    return payout


def _fail(call: Call, payout: Obj, code: str) -> None:
    """The money is back in the balance, once."""
    _give_back(call, payout, type="payout_failure", category="payout_reversal")
    message = FAILURE_MESSAGES.get(code, FAILURE_MESSAGES["could_not_process"])
    call.update(None, payout, {"status": "failed", "failure_code": code, "failure_message": message})
    call.emit("payout.failed", payout)


def move_due(call: Call) -> None:
    """Move every payout on, in any account, whose time has come."""
    for payout in call.store.find("payout", where={"status": ["pending", "in_transit"]}):
        there = owning(call, payout["id"])
        half_way = (payout["created"] + payout["arrival_date"]) / 2
        if payout["status"] == "pending" and call.now >= half_way:
            payout = settle(there, payout["id"], None)
        if payout["status"] == "in_transit" and call.now >= payout["arrival_date"]:
            settle(there, payout["id"], None)


def listing(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("destination", "status")}
    return call.list("payout", "/v1/payouts", params, **filters)


PATH = "/v1/payouts"
ENDPOINTS = (
    Endpoint("POST", PATH, create, CREATE),
    Endpoint(
        "GET",
        PATH,
        listing,
        LIST | {"destination": Id(), "status": Choice(("canceled", "failed", "in_transit", "paid", "pending"))},
    ),
    Endpoint("GET", PATH + "/{id}", retrieve),
    Endpoint("POST", PATH + "/{id}", update, {"metadata": Metadata()}),
    Endpoint("POST", PATH + "/{id}/cancel", cancel),
)
