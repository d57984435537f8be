"""Links to the pages where connected people tell Stripe who they are, and see their dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..call import Call, Endpoint, token
from ..errors import StripeError
from ..params import AnyHash, Choice, Id, Url
from ..store import PLATFORM, Obj
from . import account, external_accounts

SECONDS_OF_A_LINK = 300

CREATE_LINK = {
    "account": Id(required=True),
    "type": Choice(("account_onboarding", "account_update"), required=True),
    "refresh_url": Url(),
    "return_url": Url(),
    "collect": Choice(("currently_due", "eventually_due")),
    "collection_options": AnyHash(),
}


def create_link(call: Call, params: dict[str, Any]) -> Obj:
    """A link for one visit. A newer one takes its place."""
    connected = account.connected(call, params["account"], status=400)
    for name in ("refresh_url", "return_url"):
        if name not in params:
            raise StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    if params["type"] == "account_update" and connected["controller"]["requirement_collection"] != "application":
        message = "You cannot create `account_update` type Account Links for this account."
        raise StripeError(message, param="type")
    secret = token(24)
    link = {
        "token": secret,
        "expires_at": call.now + SECONDS_OF_A_LINK,
        "visited": False,
        "refresh_url": params["refresh_url"],
        "return_url": params["return_url"],
    }
    call.store.save(connected, link=link)
    return {
        "object": "account_link",
        "created": call.now,
        "expires_at": link["expires_at"],
        "url": f"{call.config.public_url}/setup/e/{connected['id']}/{secret}",
    }


def open_link(call: Call, id: str, secret: str) -> dict[str, Any] | None:
    """The link that the page was opened by, unless it was used, replaced or has run out."""
    connected = call.store.get(id, account=PLATFORM)
    link = call.store.private(id).get("link") or {}
    if connected is None or link.get("token") != secret or link["visited"] or link["expires_at"] <= call.now:
        return None
    session = token(24)
    call.store.save(connected, link={"visited": True}, session={"token": session, "return_url": link["return_url"]})
    return link | {"session": session}


def refresh_url(call: Call, id: str) -> str | None:
    return (call.store.private(id).get("link") or {}).get("refresh_url")


def session_of(call: Call, id: str, secret: str) -> dict[str, Any] | None:
    session = call.store.private(id).get("session") or {}
    return session if session.get("token") == secret else None


def finish(call: Call, id: str, told: Mapping[str, Any]) -> Obj:
    """The person submits the form: who they are, their bank account, and their agreement."""
    connected = account.connected(call, id)
    call.store.save(connected, individual=told["individual"])
    if told.get("account_number"):
        bank = {
            "account_number": told["account_number"],
            "country": connected["country"],
            "routing_number": "110000000" if connected["country"] == "US" else None,
        }
        external_accounts.add(call, connected, bank)
    changes = {
        "details_submitted": True,
        "business_type": connected["business_type"] or "individual",
        "tos_acceptance": connected["tos_acceptance"] | {"date": call.now, "ip": "127.0.0.1"},
    }
    return account.review(call, connected, changes)


def create_login_link(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    connected = account.connected(call, id)
    if connected["controller"]["stripe_dashboard"]["type"] != "express":
        raise StripeError("Cannot create a login link for an account that has no Express Dashboard.")
    if not connected["details_submitted"]:
        raise StripeError("Cannot create a login link for an account that has not completed onboarding.")
    secret = token(24)
    call.store.save(connected, login=secret)
    url = f"{call.config.public_url}/express/{id}/{secret}"
    return {"object": "login_link", "created": call.now, "url": url}


ENDPOINTS = (
    Endpoint("POST", "/v1/account_links", create_link, CREATE_LINK),
    Endpoint("POST", "/v1/accounts/{id}/login_links", create_login_link),
)
