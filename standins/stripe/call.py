"""What an endpoint has at hand while it works: the store, the clock, and a way to tell the webhooks."""

from __future__ import annotations

import copy
import secrets
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .config import Config
from .errors import no_such
from .params import Param
from .store import PLATFORM, Obj, Store

API_VERSION = "2026-08-26.dahlia"
ACCOUNT_ID = "acct_1StandinLocalAccount"

ALPHABET = string.ascii_letters + string.digits

LABELS = {"payment_method": "PaymentMethod", "setup_intent": "setupintent"}


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_{token(length)}"


def token(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


@dataclass
class Call:
    """One unit of work: an API request, or a move made from outside it (a finished authentication, a settlement).

    `account` is the connected account it is done for; the platform's own work has none.
    """

    store: Store
    config: Config
    account: str = PLATFORM
    request: str | None = None
    idempotency_key: str | None = None
    publishable: bool = False
    now: int = field(default_factory=lambda: int(time.time()))

    def on(self, account: str) -> Call:
        """The same work on another account."""
        return replace(self, account=account)

    def find(self, id: str) -> Obj | None:
        obj = self.store.get(id, account=self.account)
        return self._as_of_now(obj) if obj else None

    def find_anywhere(self, id: str) -> Obj | None:
        """The object, whichever account owns it."""
        obj = self.store.get(id)
        return self._as_of_now(obj) if obj else None

    def get(self, kind: str, id: str, *, param: str = "id", status: int = 404) -> Obj:
        """The object of that kind, or Stripe's `resource_missing`."""
        obj = self.find(id)
        if obj is None or obj["object"] != kind:
            raise no_such(LABELS.get(kind, kind), id, param=param, status=status)
        return obj

    def create(self, event: str | None, obj: Obj, **private: Any) -> Obj:
        self.store.insert(obj, account=self.account, **private)
        if event:
            self.emit(event, obj)
        return obj

    def emit(self, type: str, obj: Obj, *, previous: Mapping[str, Any] | None = None) -> None:
        """Store an event about the object as it is now, and queue it for every endpoint that wants it."""
        data: Obj = {"object": copy.deepcopy(obj)}
        if previous is not None:
            data["previous_attributes"] = dict(previous)
        endpoints = [endpoint for endpoint in self._endpoints() if _wants(endpoint, type)]
        event: Obj = {
            "id": new_id("evt"),
            "object": "event",
            **({"account": self.account} if self.account else {}),
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": {"id": self.request, "idempotency_key": self.idempotency_key},
            "type": type,
        }
        self.store.insert(event, account=self.account)
        for endpoint in endpoints:
            self.store.add_delivery(event["id"], endpoint["id"])

    def update(self, event: str | None, obj: Obj, changes: Mapping[str, Any], **private: Any) -> Obj:
        """Write changed fields; the event, if any, tells what they were."""
        previous = {name: obj.get(name) for name, value in changes.items() if obj.get(name) != value}
        obj.update(changes)
        self.store.save(obj, **private)
        if event and previous:
            self.emit(event, obj, previous=previous)
        return obj

    def _endpoints(self) -> list[Obj]:
        """Those that listen to this account: an endpoint hears either the platform or the connected accounts."""
        heard = "connected" if self.account else "own"
        enabled = self.store.find("webhook_endpoint", where={"status": "enabled"}, newest_first=False)
        return [one for one in enabled if self.store.private(one["id"]).get("hears", "own") in (heard, "both")]

    def _as_of_now(self, obj: Obj) -> Obj:
        if obj["object"] == "balance_transaction":
            obj["status"] = "available" if obj["available_on"] <= self.now else "pending"
        if obj["object"] == "event":
            obj["pending_webhooks"] = self.store.count_deliveries(state="pending", event=obj["id"])
        return obj

    def list(self, kind: str, url: str, params: Mapping[str, Any], **where: Any) -> Obj:
        """A page of objects, newest first, by Stripe's cursor parameters."""
        limit = params.get("limit") or 10
        starting_after, ending_before = (params.get("starting_after"), params.get("ending_before"))
        for cursor, param in ((starting_after, "starting_after"), (ending_before, "ending_before")):
            if cursor is not None:
                self.get(kind, cursor, param=param, status=400)
        backwards = ending_before is not None
        found = self.store.find(
            kind,
            account=self.account,
            where={name: value for name, value in where.items() if value is not None},
            created=params.get("created"),
            before=starting_after,
            after=ending_before,
            newest_first=not backwards,
            limit=limit + 1,
        )
        page = [self._as_of_now(obj) for obj in found[:limit]]
        if backwards:
            page.reverse()
        return {"object": "list", "data": page, "has_more": len(found) > limit, "url": url}


def _wants(endpoint: Obj, type: str) -> bool:
    return "*" in endpoint["enabled_events"] or type in endpoint["enabled_events"]


def empty_list(url: str) -> Obj:
    return {"object": "list", "data": [], "has_more": False, "url": url}


@dataclass(frozen=True)
class Endpoint:
    """One method and path of the API, with what it takes and what does it."""

    method: str
    path: str
    run: Callable[..., Obj]
    params: Mapping[str, Param] = field(default_factory=dict)
    publishable: bool = False
