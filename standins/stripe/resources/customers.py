"""Customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..call import Call, Endpoint, new_id, token
from ..errors import no_such
from ..params import ADDRESS, LIST, SHIPPING, AnyHash, Choice, Email, Hash, Id, Integer, ListOf, Metadata, Text
from ..params import merge_metadata as merged
from ..store import Obj
from . import payment_methods

FIELDS = {
    "address": ADDRESS,
    "balance": Integer(),
    "business_name": Text(max_length=150),
    "description": Text(),
    "email": Email(clearable=True),
    "individual_name": Text(max_length=150),
    "invoice_prefix": Text(max_length=12),
    "invoice_settings": Hash(
        {"custom_fields": AnyHash(), "default_payment_method": Id(clearable=True), "footer": Text()}
    ),
    "metadata": Metadata(),
    "name": Text(max_length=256),
    "next_invoice_sequence": Integer(minimum=1),
    "phone": Text(max_length=20),
    "preferred_locales": ListOf(Text()),
    "shipping": SHIPPING,
    "tax_exempt": Choice(("exempt", "none", "reverse"), clearable=True),
}
CREATE = FIELDS | {"payment_method": Id()}


# Told of each customer that is deleted.
WHEN_DELETED: list[Callable[[Call, str], None]] = []


def create(call: Call, params: dict[str, Any]) -> Obj:
    payment_method = params.pop("payment_method", None)
    customer: Obj = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": token(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    call.create(None, customer)
    if payment_method is not None:
        method = payment_methods.usable(call, payment_method, param="payment_method")
        payment_methods.attach_to(call, method, customer["id"])
    customer |= _changes(call, customer, params)
    call.store.save(customer)
    call.emit("customer.created", customer)
    return customer


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("customer", id)


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    customer = existing(call, id)
    return call.update("customer.updated", customer, _changes(call, customer, params))


def delete(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    """The tombstone stays; what was saved for the customer can't be used again."""
    customer = existing(call, id)
    for listener in WHEN_DELETED:
        listener(call, id)
    customer = existing(call, id)
    for method in call.store.find("payment_method", where={"customer": id}):
        call.update(None, method, {"customer": None}, spent=True)
    tombstone = {"id": id, "object": "customer", "deleted": True}
    call.store.save(tombstone)
    call.emit("customer.deleted", customer)
    return tombstone


def listing(call: Call, params: dict[str, Any]) -> Obj:
    return call.list("customer", "/v1/customers", params, email=params.get("email"))


def saved_methods(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    existing(call, id)
    url = f"/v1/customers/{id}/payment_methods"
    return call.list("payment_method", url, params, customer=id, type=params.get("type"))


def saved_method(call: Call, params: dict[str, Any], *, id: str, method: str) -> Obj:
    existing(call, id)
    return payment_methods.saved_for(call, method, id)


def existing(call: Call, id: str, *, param: str = "id", status: int = 404) -> Obj:
    """A customer that is not deleted."""
    customer = call.get("customer", id, param=param, status=status)
    if customer.get("deleted"):
        raise no_such("customer", id, param=param, status=status)
    return customer


def _changes(call: Call, customer: Obj, params: dict[str, Any]) -> dict[str, Any]:
    changes = dict(params)
    if "metadata" in changes:
        changes["metadata"] = merged(customer["metadata"], changes["metadata"])
    if "invoice_settings" in changes:
        changes["invoice_settings"] = customer["invoice_settings"] | (changes["invoice_settings"] or {})
        default = changes["invoice_settings"]["default_payment_method"]
        if default is not None:
            payment_methods.saved_for(call, default, customer["id"], status=400)
    return changes


ENDPOINTS = (
    Endpoint("POST", "/v1/customers", create, CREATE),
    Endpoint("GET", "/v1/customers", listing, LIST | {"email": Text()}),
    Endpoint("GET", "/v1/customers/{id}", retrieve),
    Endpoint("POST", "/v1/customers/{id}", update, FIELDS),
    Endpoint("DELETE", "/v1/customers/{id}", delete),
    Endpoint("GET", "/v1/customers/{id}/payment_methods", saved_methods, payment_methods.LIST_OF_CUSTOMER),
    Endpoint("GET", "/v1/customers/{id}/payment_methods/{method}", saved_method),
)
