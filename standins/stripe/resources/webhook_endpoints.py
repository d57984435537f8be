"""Webhook endpoints: those made over the API, and the one that the command line names."""

from __future__ import annotations

from typing import Any

from ..call import Call, Endpoint, new_id, token
from ..params import LIST, Boolean, ListOf, Metadata, Text, Url
from ..params import merge_metadata as merged
from ..store import Obj

CONFIGURED_ID = "we_1StandinConfiguredEndpoint"

UPDATE = {
    "description": Text(),
    "disabled": Boolean(),
    "enabled_events": ListOf(Text(clearable=False)),
    "metadata": Metadata(),
    "url": Url(),
}
CREATE = {name: param for name, param in UPDATE.items() if name != "disabled"} | {
    "api_version": Text(clearable=False),
    "connect": Boolean(),
    "enabled_events": ListOf(Text(clearable=False), required=True),
    "url": Url(required=True),
}


def create(call: Call, params: dict[str, Any]) -> Obj:
    """The only answer that shows the secret. With `connect` it hears the connected accounts, and only those."""
    secret = f"whsec_{token(32)}"
    endpoint = _shape(call, new_id("we"), params)
    call.create(None, endpoint, secret=secret, hears="connected" if params.get("connect") else "own")
    return endpoint | {"secret": secret}


def configure(call: Call, url: str, secret: str) -> Obj:
    """Make or change the endpoint that the command line (or the control API) names; it takes all events of all accounts."""
    endpoint = call.store.get(CONFIGURED_ID)
    if endpoint is None:
        endpoint = _shape(call, CONFIGURED_ID, {"url": url, "enabled_events": ["*"]})
        return call.create(None, endpoint, secret=secret, hears="both")
    endpoint |= {"url": url, "status": "enabled"}
    return call.store.save(endpoint, secret=secret, hears="both")


def _shape(call: Call, id: str, params: dict[str, Any]) -> Obj:
    return {
        "id": id,
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "application": None,
        "created": call.now,
        "description": params.get("description"),
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "status": "enabled",
        "url": params["url"],
    }


def retrieve(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    return call.get("webhook_endpoint", id)


def update(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    endpoint = call.get("webhook_endpoint", id)
    changes = dict(params)
    if "disabled" in changes:
        changes["status"] = "disabled" if changes.pop("disabled") else "enabled"
    if "metadata" in changes:
        changes["metadata"] = merged(endpoint["metadata"], changes["metadata"])
    return call.update(None, endpoint, changes)


def delete(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    call.get("webhook_endpoint", id)
    call.store.delete(id)
    return {"id": id, "object": "webhook_endpoint", "deleted": True}


def listing(call: Call, params: dict[str, Any]) -> Obj:
    return call.list("webhook_endpoint", "/v1/webhook_endpoints", params)


ENDPOINTS = (
    Endpoint("POST", "/v1/webhook_endpoints", create, CREATE),
    Endpoint("GET", "/v1/webhook_endpoints", listing, LIST),
    Endpoint("GET", "/v1/webhook_endpoints/{id}", retrieve),
    Endpoint("POST", "/v1/webhook_endpoints/{id}", update, UPDATE),
    Endpoint("DELETE", "/v1/webhook_endpoints/{id}", delete),
)
