"""Delivery of events: signed, at least once, retried with growing pauses, and across restarts."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import httpx

from .config import Config
from .store import Delivery, Obj, Store

AT_ONCE = 4
LONGEST_NAP = 1.0

Order = Literal["created", "reverse", "shuffled"]


@dataclass
class Mischief:
    """What is done to deliveries on purpose, to all or only to those of `types` (how the event's type begins).

    `hold`: nothing is sent. `duplicates`: how many more times each delivered event is sent again. `delay`: seconds
    before each. `jitter`: seconds of random delay before each, so that events overtake each other. `clock_offset`:
    seconds added to the time of the signature. `wrong_secret`: the signature is forged. `live`: events claim to come
    from live mode.
    """

    hold: bool = False
    duplicates: int = 0
    delay: float = 0.0
    jitter: float = 0.0
    clock_offset: int = 0
    wrong_secret: bool = False
    live: bool = False
    types: list[str] = field(default_factory=list)

    def concerns(self, event: Obj | None) -> bool:
        return not self.types or (event is not None and event["type"].startswith(tuple(self.types)))


def signature(payload: str, secret: str, at: int) -> str:
    digest = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def pause_after(tries: int, config: Config) -> float:
    """Seconds until the next try: doubling, up to a longest."""
    return float(min(config.webhook_retry_first * 2 ** (tries - 1), config.webhook_retry_cap))


class Deliverer:
    """A background task that sends what is due. The store is the queue, so nothing is lost in between."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self._wake = asyncio.Event()
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._random = random.Random(0)
        self.mischief = Mischief()

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=self._config.webhook_timeout, trust_env=False) as client:
            while True:
                nap = self._start_due(client)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), timeout=nap)
                self._wake.clear()

    def _start_due(self, client: httpx.AsyncClient) -> float:
        """Begin what is due, as far as there is room; the seconds until something else may be."""
        now = time.time()
        for delivery in self._store.pending_deliveries():
            if self.mischief.hold and self._concerned(delivery):
                continue
            if len(self._busy) >= AT_ONCE:
                return LONGEST_NAP
            if delivery.due > now:
                return min(LONGEST_NAP, delivery.due - now)
            if delivery.id not in self._busy:
                self._busy[delivery.id] = asyncio.create_task(self._deliver(client, delivery))
        return LONGEST_NAP

    def _concerned(self, delivery: Delivery) -> bool:
        return self.mischief.concerns(self._store.get(delivery.event) if self.mischief.types else None)

    async def _deliver(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        try:
            if self._concerned(delivery):
                await asyncio.sleep(self.mischief.delay + self._random.uniform(0, self.mischief.jitter))
            await self._try(client, delivery)
        finally:
            self._busy.pop(delivery.id, None)
            self.wake()

    async def _try(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        endpoint, event = (self._store.get(delivery.endpoint), self._store.get(delivery.event))
        if endpoint is None or event is None or endpoint["status"] != "enabled":
            error = "the endpoint is gone or disabled"
            self._store.settle_delivery(delivery.id, state="failed", status=None, error=error)
            return
        payload, headers = self._signed(event, endpoint)
        status, problem = None, None
        try:
            response = await client.post(endpoint["url"], content=payload, headers=headers)
            status = response.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = f"{type(error).__name__}: {error}"
        self._record(delivery, status, problem)

    def _signed(self, event: Obj, endpoint: Obj) -> tuple[str, dict[str, str]]:
        secret = self._store.private(endpoint["id"])["secret"]
        concerned = self.mischief.concerns(event)
        if self.mischief.wrong_secret and concerned:
            secret += "-forged"
        event["pending_webhooks"] = self._store.count_deliveries(state="pending", event=event["id"])
        event["livemode"] = self.mischief.live and concerned
        offset = self.mischief.clock_offset if concerned else 0
        payload = json.dumps(event, indent=2, ensure_ascii=False)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(payload, secret, int(time.time()) + offset),
            "User-Agent": "Stripe/1.0 (+https://docs.stripe.com/webhooks)",
        }
        return payload, headers

    def _record(self, delivery: Delivery, status: int | None, problem: str | None) -> None:
        if status is not None and 200 <= status < 300:
            self._store.settle_delivery(delivery.id, state="delivered", status=status, error=None)
            self._duplicate(delivery)
            return
        tries = delivery.tries + 1
        if tries >= self._config.webhook_tries:
            self._store.settle_delivery(delivery.id, state="failed", status=status, error=problem)
            return
        due = time.time() + pause_after(tries, self._config)
        self._store.settle_delivery(delivery.id, state="pending", status=status, error=problem, due=due)

    def _duplicate(self, delivery: Delivery) -> None:
        if not delivery.is_copy and self._concerned(delivery):
            for _ in range(self.mischief.duplicates):
                self._store.add_delivery(delivery.event, delivery.endpoint, due=time.time(), is_copy=True)

    async def release(self, order: Order, seed: int) -> int:
        """End a hold: try everything that waits once, one after the other, in that order. How many there were."""
        self.mischief.hold = True
        await asyncio.gather(*self._busy.values())
        waiting = self._store.deliveries(state="pending")
        if order == "reverse":
            waiting.reverse()
        if order == "shuffled":
            random.Random(seed).shuffle(waiting)
        async with httpx.AsyncClient(timeout=self._config.webhook_timeout, trust_env=False) as client:
            for delivery in waiting:
                await self._try(client, delivery)
        self.mischief.hold = False
        self.wake()
        return len(waiting)

    async def flush(self, timeout: float) -> int:
        """Wait until nothing is on its way, pauses between tries cut short. How many still are."""
        self._store.hasten_deliveries()
        self.wake()
        deadline = time.monotonic() + timeout
        while pending := self._store.count_deliveries(state="pending"):
            if self.mischief.hold or time.monotonic() > deadline:
                return pending
            await asyncio.sleep(0.02)
        return 0

    async def forget(self) -> None:
        """Stop what is under way; used when the state is reset."""
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.mischief = Mischief()

    def listing(self, *, state: str | None, limit: int) -> list[dict[str, Any]]:
        """Newest first, each with the event's type."""
        rows = self._store.deliveries(state=state, limit=limit)
        return [asdict(row) | {"type": (self._store.get(row.event) or {}).get("type")} for row in reversed(rows)]

    def redeliver(self, event: str) -> int:
        """Send an event again to every endpoint that it went to."""
        endpoints = {row.endpoint for row in self._store.deliveries(event=event)}
        for endpoint in endpoints:
            self._store.add_delivery(event, endpoint, due=time.time(), is_copy=True)
        self.wake()
        return len(endpoints)
