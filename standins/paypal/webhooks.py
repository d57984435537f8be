"""Delivery of events: signed, at least once, retried with growing pauses, and across restarts."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
import secrets
import time
import uuid
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from .config import Config
from .store import Obj, Store, now

LONGEST_NAP = 1.0
ALGORITHM = "SHA256withRSA"


@dataclass
class Mischief:
    """`hold`: nothing is sent. `duplicates`: how many more times each event is sent. `forged`: the signature is wrong."""

    hold: bool = False
    duplicates: int = 0
    forged: bool = False


class Deliverer:
    """A background task that sends what is due. The store is the queue, so nothing is lost in between."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self._wake = asyncio.Event()
        self._key = secrets.token_bytes(32)
        self.url = config.webhook_url
        self.mischief = Mischief()

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=self._config.webhook_timeout, trust_env=False) as client:
            while True:
                nap = await self._send_due(client)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), timeout=nap)
                self._wake.clear()

    async def _send_due(self, client: httpx.AsyncClient) -> float:
        """Send what is due; the seconds until something else may be."""
        if self.mischief.hold:
            return LONGEST_NAP
        for row in self._store.pending():
            if (wait := row["due"] - time.time()) > 0:
                return min(LONGEST_NAP, wait)
            await self.send(client, dict(row))
        return LONGEST_NAP

    async def send(self, client: httpx.AsyncClient, row: dict[str, Any]) -> None:
        event = self._store.get("event", row["event"])
        if event is None or not self.url:
            self._store.settle_delivery(row["id"], state="failed", status=None, error="no webhook", due=0)
            return
        body = json.dumps(event, separators=(",", ":"))
        status, problem = None, None
        try:
            answer = await client.post(self.url, content=body.encode(), headers=self._headers(body))
            status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = f"{type(error).__name__}: {error}"
        self._record(row, status, problem)

    def _record(self, row: dict[str, Any], status: int | None, problem: str | None) -> None:
        if status is not None and 200 <= status < 300:
            self._store.settle_delivery(row["id"], state="delivered", status=status, error=None, due=0)
            for _ in range(0 if row["is_copy"] else self.mischief.duplicates):
                self._store.add_delivery(row["event"], is_copy=True)
            return
        tries = row["tries"] + 1
        pause = min(self._config.webhook_retry_first * 2 ** (tries - 1), self._config.webhook_retry_cap)
        state = "failed" if tries >= self._config.webhook_tries else "pending"
        self._store.settle_delivery(row["id"], state=state, status=status, error=problem, due=time.time() + pause)

    def _headers(self, body: str) -> dict[str, str]:
        """Signed over `id|time|webhook|crc32 of the body`, as PayPal does; with a key of our own instead of its."""
        id, moment = str(uuid.uuid4()), now()
        sig = self._signature(id, moment, self._config.webhook_id, body)
        self._store.keep_transmission(id, webhook=self._config.webhook_id, sig=sig, moment=moment, body=body)
        return {
            "Content-Type": "application/json",
            "PayPal-Auth-Algo": ALGORITHM,
            "PayPal-Cert-Url": "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-stand-in",
            "PayPal-Transmission-Id": id,
            "PayPal-Transmission-Sig": "Zm9yZ2Vk" if self.mischief.forged else sig,
            "PayPal-Transmission-Time": moment,
            "User-Agent": "PayPal/AUHD-214.0-56830034",
        }

    def _signature(self, id: str, moment: str, webhook: str, body: str) -> str:
        signed = f"{id}|{moment}|{webhook}|{zlib.crc32(body.encode())}"
        return base64.b64encode(hmac.new(self._key, signed.encode(), hashlib.sha256).digest()).decode()

    def verified(self, question: Obj, raw: str) -> bool:
        """Was this sent by us? `raw` is the whole question: the event in it must be what we sent, byte for byte."""
        row = self._store.transmission(str(question.get("transmission_id")))
        return (
            row is not None
            and question.get("webhook_id") == row["webhook"]
            and question.get("transmission_sig") == row["sig"]
            and question.get("transmission_time") == row["moment"]
            and question.get("auth_algo") == ALGORITHM
            and raw.endswith(f'"webhook_event": {row["body"]}}}')
        )

    async def release(self, order: str, seed: int) -> int:
        """End a hold: try everything that waits once, one after the other, in that order. How many there were."""
        self.mischief.hold = True
        waiting = [dict(row) for row in self._store.pending()]
        if order == "reverse":
            waiting.reverse()
        if order == "shuffled":
            random.Random(seed).shuffle(waiting)
        async with httpx.AsyncClient(timeout=self._config.webhook_timeout, trust_env=False) as client:
            for row in waiting:
                await self.send(client, row)
        self.mischief.hold = False
        self.wake()
        return len(waiting)

    async def flush(self, timeout: float) -> int:
        """Wait until nothing is on its way, pauses between tries cut short. How many still are."""
        deadline = time.monotonic() + timeout
        while pending := len(self._store.pending()):
            if self.mischief.hold or time.monotonic() > deadline:
                return pending
            self._store.hasten()
            self.wake()
            await asyncio.sleep(0.05)
        return 0
