"""Products: what prices are of."""

from __future__ import annotations

from typing import Any

from ..call import Call, Endpoint, empty_list, new_id
from ..errors import StripeError
from ..params import LIST, Boolean, Hash, Id, ListOf, Metadata, Text, Url
from ..params import merge_metadata as merged
from ..store import Obj
from . import prices

COMMON = {
    "active": Boolean(),
    "description": Text(),
    "images": ListOf(Url(), clearable=True),
    "marketing_features": ListOf(Hash({"name": Text(clearable=False, required=True)}), clearable=True),
    "metadata": Metadata(),
    "statement_descriptor": Text(max_length=22),
    "tax_code": Text(),
    "unit_label": Text(max_length=12),
    "url": Url(),
}
CREATE = COMMON | {
    "default_price_data": Hash(
        {name: prices.CREATE[name] for name in ("currency", "metadata", "recurring", "tax_behavior", "unit_amount")}
    ),
    "id": Id(),
    "name": Text(clearable=False, required=True),
}
UPDATE = COMMON | {"default_price": Id(clearable=True), "name": Text(clearable=False)}


def create(call: Call, params: dict[str, Any]) -> Obj:
    price = params.pop("default_price_data", None)
    id = params.pop("id", new_id("prod", 14))
    if call.store.get(id) is not None:
        raise StripeError(f"Product already exists: {id}", code="resource_already_exists", param="id")
    product: Obj = {
        "id": id,
        "object": "product",
        "active": True,
        "created": call.now,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": "",
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": call.now,
        "url": None,
    }
    product |= _changes(product, params)
    call.create(None, product)
    if price is not None:
        made = prices.create(call, price | {"product": id})
        call.update(None, product, {"default_price": made["id"]})
    call.emit("product.created", product)
    return product


def _changes(product: Obj, params: dict[str, Any]) -> dict[str, Any]:
    changes = dict(params)
    if "metadata" in changes:
        changes["metadata"] = merged(product["metadata"], changes["metadata"])
    for name in ("images", "marketing_features"):
        if name in changes:
            changes[name] = changes[name] or []
    return changes


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("product", id)


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    product = call.get("product", id)
    if params.get("default_price"):
        price = call.get("price", params["default_price"], param="default_price", status=400)
        if price["product"] != id:
            raise StripeError(f"The price {price['id']} does not belong to this product.", param="default_price")
    return call.update("product.updated", product, _changes(product, params) | {"updated": call.now})


def delete(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    product = call.get("product", id)
    if call.store.find("price", where={"product": id}, limit=1):
        message = "This product cannot be deleted because it has one or more user-created prices."
        raise StripeError(message)
    call.store.delete(id)
    call.emit("product.deleted", product)
    return {"id": id, "object": "product", "deleted": True}


def listing(call: Call, params: dict[str, Any]) -> Obj:
    return call.list("product", "/v1/products", params, active=params.get("active"), id=params.get("ids"))


def features(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    call.get("product", id)
    return empty_list(f"/v1/products/{id}/features")


ENDPOINTS = (
    Endpoint("POST", "/v1/products", create, CREATE),
    Endpoint("GET", "/v1/products", listing, LIST | {"active": Boolean(), "ids": ListOf(Id())}),
    Endpoint("GET", "/v1/products/{id}", retrieve),
    Endpoint("POST", "/v1/products/{id}", update, UPDATE),
    Endpoint("DELETE", "/v1/products/{id}", delete),
    Endpoint("GET", "/v1/products/{id}/features", features, LIST),
)
