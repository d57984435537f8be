"""Transfers from the platform to connected accounts, and what is taken back of them."""

from __future__ import annotations

from typing import Any

from .. import money
from ..call import Call, Endpoint, new_id
from ..errors import StripeError, no_such
from ..params import LIST, Boolean, Choice, Currency, Id, Integer, Metadata, Text
from ..params import merge_metadata as merged
from ..store import Obj
from . import account, balance, charges, refunds

CREATE = {
    "amount": Integer(minimum=1),
    "currency": Currency(required=True),
    "description": Text(),
    "destination": Id(required=True),
    "metadata": Metadata(),
    "source_transaction": Id(),
    "source_type": Choice(("bank_account", "card", "fpx")),
    "transfer_group": Text(),
}
UPDATE = {"description": Text(), "metadata": Metadata()}
REVERSE = {
    "amount": Integer(minimum=1),
    "description": Text(),
    "metadata": Metadata(),
    "refund_application_fee": Boolean(),
}

NOT_CAPABLE = (
    "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
    "crypto_transfers, legacy_payments"
)
SHORT_AT_DESTINATION = (
    "Insufficient funds in the connected account: the amount of a reversal can't be greater than the account's "
    "available balance."
)


def create(call: Call, params: dict[str, Any]) -> Obj:
    currency = money.check_currency(params["currency"])
    source = _source(call, params, currency)
    amount = params.get("amount") or (source["amount_captured"] if source else None)
    if amount is None:
        raise StripeError("Missing required param: amount.", code="parameter_missing", param="amount")
    money.check_step(amount, currency, param="amount")
    destination = account.connected(call, params["destination"], param="destination", status=400)
    if destination["capabilities"].get("transfers") != "active":
        raise StripeError(NOT_CAPABLE, code="insufficient_capabilities_for_transfer")
    if source is not None:
        _check_left(call, source, amount)
    else:
        balance.require(call, amount, currency)
    due = balance.available_on(call, source) if source else call.now
    id = new_id("tr")
    transfer: Obj = {
        "id": id,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": call.now,
        "currency": currency,
        "description": params.get("description"),
        "destination": destination["id"],
        "destination_payment": None,
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "reversals": {"object": "list", "data": [], "has_more": False, "url": f"/v1/transfers/{id}/reversals"},
        "reversed": False,
        "source_transaction": source["id"] if source else None,
        "source_type": params.get("source_type", "card"),
        "transfer_group": params.get("transfer_group") or _group_of(source),
    }
    call.create(None, transfer)
    booked = balance.book(call, transfer, -amount, type="transfer", category="transfer", available_on=due)
    payment = charges.create_for_transfer(call.on(destination["id"]), transfer, available_on=due)
    call.update(None, transfer, {"balance_transaction": booked["id"], "destination_payment": payment["id"]})
    call.emit("transfer.created", transfer)
    return transfer


def _source(call: Call, params: dict[str, Any], currency: str) -> Obj | None:
    """The charge whose money is passed on."""
    if "source_transaction" not in params:
        return None
    charge = call.get("charge", params["source_transaction"], param="source_transaction", status=400)
    if charge["status"] != "succeeded" or not charge["captured"]:
        message = f"Charge {charge['id']} must be captured before it can be the source of a transfer."
        raise StripeError(message, param="source_transaction")
    if charge["currency"] != currency:
        message = (
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as the "
            f"transfer currency ({currency})"
        )
        raise StripeError(message, param="currency")
    return charge


def _check_left(call: Call, charge: Obj, amount: int) -> None:
    """Transfers of one charge never pass on more than it captured; what was reversed may go again."""
    earlier = call.store.find("transfer", where={"source_transaction": charge["id"]})
    left = charge["amount_captured"] - sum(one["amount"] - one["amount_reversed"] for one in earlier)
    if amount > left:
        message = (
            f"Insufficient funds. The source charge {charge['id']} has {money.display(left, charge['currency'])} left to "
            "transfer; the sum of its transfers can't be more than its amount."
        )
        raise StripeError(message, code="balance_insufficient", param="amount")


def _group_of(charge: Obj | None) -> str | None:
    if charge is None:
        return None
    return charge["transfer_group"] or f"group_{charge['payment_intent'] or charge['id']}"


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("transfer", id, param="transfer")


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return _change(call, "transfer.updated", call.get("transfer", id, param="transfer"), params)


def _change(call: Call, event: str | None, obj: Obj, params: dict[str, Any]) -> Obj:
    changes = dict(params)
    if "metadata" in changes:
        changes["metadata"] = merged(obj["metadata"], changes["metadata"])
    return call.update(event, obj, changes)


def listing(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("destination", "transfer_group")}
    return call.list("transfer", "/v1/transfers", params, **filters)


def reverse(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    transfer = call.get("transfer", id, param="transfer")
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = params.get("amount", left)
    if left == 0:
        message = f"Transfer {id} is already fully reversed."
        raise StripeError(message, code="transfer_already_reversed")
    if amount > left:
        currency = transfer["currency"]
        message = (
            f"Reversal amount ({money.display(amount, currency)}) is greater than unreversed amount on transfer "
            f"({money.display(left, currency)})"
        )
        raise StripeError(message, param="amount")
    there = call.on(transfer["destination"])
    payment = there.get("charge", transfer["destination_payment"])
    _check_destination(there, payment, amount)
    reversal: Obj = {
        "id": new_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": call.now,
        "currency": transfer["currency"],
        "destination_payment_refund": None,
        "metadata": merged({}, params.get("metadata")),
        "source_refund": None,
        "transfer": id,
    }
    call.create(None, reversal)
    due = balance.available_on(call, {"balance_transaction": transfer["balance_transaction"]})
    booked = balance.book(
        call,
        reversal,
        amount,
        type="transfer_refund",
        category="transfer_reversal",
        available_on=due,
        description=params.get("description"),
    )
    refund = refunds.reverse_payment(there, payment, amount)
    there.update(None, refund, {"transfer_reversal": reversal["id"]})
    call.update(None, reversal, {"balance_transaction": booked["id"], "destination_payment_refund": refund["id"]})
    shown = [reversal, *transfer["reversals"]["data"]]
    changes = {
        "amount_reversed": transfer["amount_reversed"] + amount,
        "reversed": amount == left,
        "reversals": transfer["reversals"] | {"data": shown[:10], "has_more": len(shown) > 10},
    }
    call.update("transfer.reversed", transfer, changes)
    return reversal


def _check_destination(there: Call, payment: Obj, amount: int) -> None:
    """What was paid out already can't be taken back."""
    ready, pending = there.store.net_by_currency(there.account, now=there.now)
    currency = payment["currency"]
    left = ready.get(currency, 0)
    if balance.available_on(there, payment) > there.now:
        left += pending.get(currency, 0)
    if amount > left:
        raise StripeError(SHORT_AT_DESTINATION, code="balance_insufficient")


def reversal_of(call: Call, id: str, reversal: str) -> Obj:
    found = call.get("transfer_reversal", reversal)
    if found["transfer"] != id:
        raise no_such("transfer reversal", reversal, param="id")
    return found


def retrieve_reversal(call: Call, params: dict[str, Any], *, id: str, reversal: str) -> Obj:
    return reversal_of(call, id, reversal)


def update_reversal(call: Call, params: dict[str, Any], *, id: str, reversal: str) -> Obj:
    return _change(call, None, reversal_of(call, id, reversal), params)


def reversals(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    call.get("transfer", id, param="transfer")
    return call.list("transfer_reversal", f"/v1/transfers/{id}/reversals", params, transfer=id)


PATH = "/v1/transfers"
REVERSALS = PATH + "/{id}/reversals"
ENDPOINTS = (
    Endpoint("POST", PATH, create, CREATE),
    Endpoint("GET", PATH, listing, LIST | {"destination": Id(), "transfer_group": Text()}),
    Endpoint("GET", PATH + "/{id}", retrieve),
    Endpoint("POST", PATH + "/{id}", update, UPDATE),
    Endpoint("POST", REVERSALS, reverse, REVERSE),
    Endpoint("GET", REVERSALS, reversals, {name: LIST[name] for name in ("limit", "starting_after", "ending_before")}),
    Endpoint("GET", REVERSALS + "/{reversal}", retrieve_reversal),
    Endpoint("POST", REVERSALS + "/{reversal}", update_reversal, {"metadata": Metadata()}),
)
