"""Events as PayPal sends them, and the verification of their signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
import zlib
from dataclasses import dataclass

from ..common import webhooks
from ..common.webhooks import Letter
from .config import Config
from .store import Obj, Store, now

ALGORITHM = "SHA256withRSA"


@dataclass
class Mischief(webhooks.Mischief):
    """`forged`: the signature is wrong."""

    forged: bool = False


class Deliverer(webhooks.Deliverer):
    switches = Mischief
    type_field = "event_type"
    mischief: Mischief
    _store: Store
    _config: Config

    def __init__(self, store: Store, config: Config) -> None:
        super().__init__(store, config)
        self._key = secrets.token_bytes(32)
        self.url = config.webhook_url

    def event(self, id: str) -> Obj | None:
        return self._store.get("event", id)

    def letter(self, event: Obj, endpoint: str) -> Letter | None:
        body = json.dumps(event, separators=(",", ":"))
        return Letter(self.url, body, self._headers(event, body)) if self.url else None

    def _headers(self, event: Obj, body: str) -> dict[str, str]:
        """Signed over `id|time|webhook|crc32 of the body`, as PayPal does; with a key of our own instead of its."""
        id, moment = str(uuid.uuid4()), now()
        sig = self._signature(id, moment, self._config.webhook_id, body)
        self._store.keep_transmission(id, webhook=self._config.webhook_id, sig=sig, moment=moment, body=body)
        return {
            "Content-Type": "application/json",
            "PayPal-Auth-Algo": ALGORITHM,
            "PayPal-Cert-Url": "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-stand-in",
            "PayPal-Transmission-Id": id,
            "PayPal-Transmission-Sig": "Zm9yZ2Vk" if self.mischief.forged and self.concerns(event) else sig,
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
