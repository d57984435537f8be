"""Events, as the webhooks carry them."""

from __future__ import annotations

from typing import Any

from ..call import Call, Endpoint
from ..params import LIST, Boolean, ListOf, Text
from ..store import Obj


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("event", id)


def listing(call: Call, params: dict[str, Any]) -> Obj:
    return call.list("event", "/v1/events", params, type=params.get("types") or params.get("type"))


ENDPOINTS = (
    Endpoint(
        "GET", "/v1/events", listing, LIST | {"delivery_success": Boolean(), "type": Text(), "types": ListOf(Text())}
    ),
    Endpoint("GET", "/v1/events/{id}", retrieve),
)
