"""Tax rates, and what they take of an amount."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ..call import Call, Endpoint, new_id
from ..params import LIST, Boolean, Choice, Metadata, Number, Text
from ..params import merge_metadata as merged
from ..store import Obj

TYPES = ("gst", "hst", "jct", "pst", "qst", "rst", "sales_tax", "service_tax", "vat")

UPDATE = {
    "active": Boolean(),
    "country": Text(),
    "description": Text(),
    "display_name": Text(clearable=False, max_length=50),
    "jurisdiction": Text(max_length=200),
    "metadata": Metadata(),
    "state": Text(),
    "tax_type": Choice(TYPES),
}
CREATE = UPDATE | {
    "display_name": Text(clearable=False, max_length=50, required=True),
    "inclusive": Boolean(required=True),
    "percentage": Number(required=True, maximum=100),
}


def create(call: Call, params: dict[str, Any]) -> Obj:
    rate: Obj = {
        "id": new_id("txr"),
        "object": "tax_rate",
        "active": params.get("active", True),
        "country": params.get("country"),
        "created": call.now,
        "description": params.get("description"),
        "display_name": params["display_name"],
        "effective_percentage": None,
        "flat_amount": None,
        "inclusive": params["inclusive"],
        "jurisdiction": params.get("jurisdiction"),
        "jurisdiction_level": None,
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "percentage": params["percentage"],
        "rate_type": "percentage",
        "state": params.get("state"),
        "tax_type": params.get("tax_type"),
    }
    return call.create("tax_rate.created", rate)


def tax(rate: Obj, amount: int) -> Obj:
    """What the rate takes of the amount (or what of the amount it is), half a unit rounded up."""
    share = Decimal(str(rate["percentage"])) / 100
    part = amount * share / (1 + share) if rate["inclusive"] else amount * share
    taken = int(part.quantize(Decimal(1), ROUND_HALF_UP))
    return {
        "amount": taken,
        "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
        "tax_rate_details": {"tax_rate": rate["id"]},
        "taxability_reason": "not_available",
        "taxable_amount": amount - taken if rate["inclusive"] else amount,
        "type": "tax_rate_details",
    }


def given(call: Call, ids: list[str] | None, *, param: str) -> list[Obj]:
    return [call.get("tax_rate", id, param=param, status=400) for id in ids or []]


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("tax_rate", id)


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    rate = call.get("tax_rate", id)
    changes = dict(params)
    if "metadata" in changes:
        changes["metadata"] = merged(rate["metadata"], changes["metadata"])
    return call.update("tax_rate.updated", rate, changes)


def listing(call: Call, params: dict[str, Any]) -> Obj:
    filters = {name: params.get(name) for name in ("active", "inclusive")}
    return call.list("tax_rate", "/v1/tax_rates", params, **filters)


ENDPOINTS = (
    Endpoint("POST", "/v1/tax_rates", create, CREATE),
    Endpoint("GET", "/v1/tax_rates", listing, LIST | {"active": Boolean(), "inclusive": Boolean()}),
    Endpoint("GET", "/v1/tax_rates/{id}", retrieve),
    Endpoint("POST", "/v1/tax_rates/{id}", update, UPDATE),
)
