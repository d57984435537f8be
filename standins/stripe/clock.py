"""What happens by itself when its time has come."""

from __future__ import annotations

import asyncio

from .api import Api
from .resources import payouts, subscriptions
from .store import Store
from .webhooks import Deliverer

SECONDS_BETWEEN = 0.5


class Clock:
    def __init__(self, store: Store, api: Api, deliverer: Deliverer) -> None:
        self._store = store
        self._api = api
        self._deliverer = deliverer

    async def run(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN)
            self.tick()

    def tick(self) -> None:
        with self._store.transaction():
            payouts.move_due(self._api.call())
            subscriptions.move_due(self._api.call())
        self._deliverer.wake()
