"""Prices: one amount per unit, once or in every period."""

from __future__ import annotations

from typing import Any

from .. import money
from ..call import Call, Endpoint, new_id
from ..errors import InvalidParameter, StripeError
from ..params import LIST, Boolean, Choice, Currency, Hash, Id, Integer, ListOf, Metadata, Text
from ..params import merge_metadata as merged
from ..store import Obj

INTERVALS = ("day", "month", "week", "year")
# Periods have at most three years.
LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}

RECURRING = Hash(
    {
        "interval": Choice(INTERVALS, required=True),
        "interval_count": Integer(minimum=1),
        "usage_type": Choice(("licensed",)),
    }
)
COMMON = {
    "active": Boolean(),
    "lookup_key": Text(max_length=200),
    "metadata": Metadata(),
    "nickname": Text(),
    "tax_behavior": Choice(("exclusive", "inclusive", "unspecified")),
    "transfer_lookup_key": Boolean(),
}
CREATE = COMMON | {
    "billing_scheme": Choice(("per_unit",)),
    "currency": Currency(required=True),
    "product": Id(),
    "product_data": Hash({"name": Text(clearable=False, required=True), "metadata": Metadata(), "id": Id()}),
    "recurring": RECURRING,
    "unit_amount": Integer(minimum=0),
}


def create(call: Call, params: dict[str, Any]) -> Obj:
    currency = money.check_currency(params["currency"])
    if "unit_amount" not in params:
        message = "You must specify either `unit_amount` or `unit_amount_decimal`."
        raise InvalidParameter(message, code="parameter_missing", param="unit_amount")
    amount = params["unit_amount"]
    money.check_step(amount, currency, param="unit_amount")
    _check_key(call, params)
    recurring = params.get("recurring")
    price: Obj = {
        "id": new_id("price"),
        "object": "price",
        "active": params.get("active", True),
        "billing_scheme": "per_unit",
        "created": call.now,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": params.get("lookup_key"),
        "metadata": merged({}, params.get("metadata")),
        "nickname": params.get("nickname"),
        "product": _product(call, params),
        "recurring": _recurring(recurring) if recurring else None,
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
    return call.create("price.created", price)


def _product(call: Call, params: dict[str, Any]) -> str:
    if ("product" in params) == ("product_data" in params):
        message = "You must specify either `product` or `product_data` when creating a price."
        raise InvalidParameter(message, code="parameter_missing", param="product")
    if "product" in params:
        return str(call.get("product", params["product"], param="product", status=400)["id"])
    from . import products  # a product may be made with its price, and a price with its product

    return str(products.create(call, dict(params["product_data"]))["id"])


def _recurring(given: dict[str, Any]) -> Obj:
    count = given.get("interval_count", 1)
    if count > LONGEST[given["interval"]]:
        message = "The maximum period of a price is three years."
        raise StripeError(message, param="recurring[interval_count]")
    return {
        "interval": given["interval"],
        "interval_count": count,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _check_key(call: Call, params: dict[str, Any]) -> None:
    """A lookup key names one price; it moves only when asked to."""
    key = params.get("lookup_key")
    if not key:
        return
    for holder in call.store.find("price", account=call.account, where={"lookup_key": key}):
        if not params.get("transfer_lookup_key"):
            message = f"A price ({holder['id']}) already uses that lookup key."
            raise StripeError(message, code="resource_already_exists", param="lookup_key")
        call.update("price.updated", holder, {"lookup_key": None})


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("price", id)


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    price = call.get("price", id)
    if params.get("lookup_key") != price["lookup_key"]:
        _check_key(call, params)
    changes = {name: value for name, value in params.items() if name != "transfer_lookup_key"}
    if "metadata" in changes:
        changes["metadata"] = merged(price["metadata"], changes["metadata"])
    return call.update("price.updated", price, changes)


def listing(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("active", "currency", "product", "type")}
    return call.list("price", "/v1/prices", params, lookup_key=params.get("lookup_keys"), **filters)


def plan(price: Obj) -> Obj:
    """The same in the words of the older API, which items of subscriptions still carry."""
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": price["recurring"]["interval"],
        "interval_count": price["recurring"]["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": None,
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


ENDPOINTS = (
    Endpoint("POST", "/v1/prices", create, CREATE),
    Endpoint(
        "GET",
        "/v1/prices",
        listing,
        LIST
        | {
            "active": Boolean(),
            "currency": Currency(),
            "lookup_keys": ListOf(Text()),
            "product": Id(),
            "type": Choice(("one_time", "recurring")),
        },
    ),
    Endpoint("GET", "/v1/prices/{id}", retrieve),
    Endpoint("POST", "/v1/prices/{id}", update, COMMON),
)
