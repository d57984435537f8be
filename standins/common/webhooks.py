"""Delivery of events: signed, at least once, retried with growing pauses, and across restarts."""

from __future__ import annotations

import asyncio
import random
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple

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
    before each. `jitter`: seconds of random delay before each, so that events overtake each other.
    """

    hold: bool = False
    duplicates: int = 0
    delay: float = 0.0
    jitter: float = 0.0
    types: list[str] = field(default_factory=list)


class Letter(NamedTuple):
    """An event as it is sent."""

    url: str
    body: str
    headers: dict[str, str]


def pause_after(tries: int, config: Config) -> float:
    """Seconds until the next try: doubling, up to a longest."""
    return float(min(config.webhook_retry_first * 2 ** (tries - 1), config.webhook_retry_cap))


class Deliverer(ABC):
    """A background task that sends what is due. The store is the queue, so nothing is lost in between.

    A subclass tells events from its store, and writes them as its service does. `type_field` of an event is its type.
    """

    switches: ClassVar[type[Mischief]] = Mischief
    type_field: ClassVar[str] = "type"

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self._wake = asyncio.Event()
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._random = random.Random(0)
        self.mischief = self.switches()

    @abstractmethod
    def event(self, id: str) -> Obj | None: ...

    @abstractmethod
    def letter(self, event: Obj, endpoint: str) -> Letter | None:
        """None when the endpoint takes no events any more."""

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

    def concerns(self, event: Obj) -> bool:
        """Is it one of those that the mischief is about?"""
        return not self.mischief.types or event[self.type_field].startswith(tuple(self.mischief.types))

    def _concerned(self, delivery: Delivery) -> bool:
        if not self.mischief.types:
            return True
        event = self.event(delivery.event)
        return event is not None and self.concerns(event)

    async def _deliver(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        try:
            if self._concerned(delivery):
                await asyncio.sleep(self.mischief.delay + self._random.uniform(0, self.mischief.jitter))
            await self._try(client, delivery)
        finally:
            self._busy.pop(delivery.id, None)
            self.wake()

    async def _try(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        event = self.event(delivery.event)
        letter = self.letter(event, delivery.endpoint) if event else None
        if letter is None:
            error = "the endpoint is gone or disabled"
            self._store.settle_delivery(delivery.id, state="failed", status=None, error=error)
            return
        status, problem = None, None
        try:
            response = await client.post(letter.url, content=letter.body, headers=letter.headers)
            status = response.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = f"{type(error).__name__}: {error}"
        self._record(delivery, status, problem)

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
                self._store.add_delivery(delivery.event, delivery.endpoint, is_copy=True)

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
        self.mischief = self.switches()

    def listing(self, *, state: str | None, limit: int) -> list[dict[str, Any]]:
        """Newest first, each with the event's type."""
        rows = self._store.deliveries(state=state, limit=limit)
        return [asdict(row) | {"type": (self.event(row.event) or {}).get(self.type_field)} for row in reversed(rows)]

    def redeliver(self, event: str) -> int:
        """Send an event again to every endpoint that it went to."""
        endpoints = {row.endpoint for row in self._store.deliveries(event=event)}
        for endpoint in endpoints:
            self._store.add_delivery(event, endpoint, is_copy=True)
        self.wake()
        return len(endpoints)
