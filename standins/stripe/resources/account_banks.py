"""The endpoints of an account's bank accounts."""

from __future__ import annotations

from typing import Any

from ..call import Call, Endpoint
from ..params import LIST, Boolean, IdOr, Metadata, Text
from ..store import PLATFORM, Obj
from . import account, external_accounts

CREATE = {
    "external_account": IdOr(external_accounts.DESCRIBED, required=True),
    "default_for_currency": Boolean(),
    "metadata": Metadata(),
}


def create(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    owner = account.connected(call, id)
    bank = external_accounts.add(call, owner, params.pop("external_account"), replace=False)
    if params:
        external_accounts.change(call, bank, params)
    account.review(call, owner)
    return bank


def retrieve(call: Call, params: dict[str, Any], *, id: str, bank: str) -> Obj:
    return external_accounts.get(call, account.connected(call, id)["id"], bank)


def update(call: Call, params: dict[str, Any], *, id: str, bank: str) -> Obj:
    owner = account.connected(call, id)
    changed = external_accounts.change(call, external_accounts.get(call, id, bank), params)
    account.review(call, owner)
    return changed


def delete(call: Call, params: dict[str, Any], *, id: str, bank: str) -> Obj:
    owner = account.connected(call, id)
    answer = external_accounts.remove(call, external_accounts.get(call, id, bank))
    account.review(call, owner)
    return answer


def listing(call: Call, params: dict[str, Any], *, id: str) -> Obj:
    account.connected(call, id)
    page = {name: value for name, value in params.items() if name != "object"}
    return call.on(PLATFORM).list("bank_account", f"/v1/accounts/{id}/external_accounts", page, account=id)


PATH = "/v1/accounts/{id}/external_accounts"
ENDPOINTS = (
    Endpoint("POST", PATH, create, CREATE),
    Endpoint(
        "GET",
        PATH,
        listing,
        {name: LIST[name] for name in ("limit", "starting_after", "ending_before")} | {"object": Text()},
    ),
    Endpoint("GET", PATH + "/{bank}", retrieve),
    Endpoint("POST", PATH + "/{bank}", update, external_accounts.UPDATE),
    Endpoint("DELETE", PATH + "/{bank}", delete),
)
