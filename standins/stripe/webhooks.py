"""Events as Stripe sends them: signed with the endpoint's secret."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass

from ..common import webhooks
from ..common.webhooks import Letter
from .store import Obj, Store


@dataclass
class Mischief(webhooks.Mischief):
    """`clock_offset`: seconds added to the time of the signature. `wrong_secret`: the signature is forged.

    `live`: events claim to come from live mode.
    """

    clock_offset: int = 0
    wrong_secret: bool = False
    live: bool = False


class Deliverer(webhooks.Deliverer):
    switches = Mischief
    mischief: Mischief
    _store: Store

    def event(self, id: str) -> Obj | None:
        return self._store.get(id)

    def letter(self, event: Obj, endpoint: str) -> Letter | None:
        to = self._store.get(endpoint)
        if to is None or to["status"] != "enabled":
            return None
        mischief = self.mischief if self.concerns(event) else Mischief()
        secret = self._store.private(endpoint)["secret"] + ("-forged" if mischief.wrong_secret else "")
        event["pending_webhooks"] = self._store.count_deliveries(state="pending", event=event["id"])
        event["livemode"] = mischief.live
        body = json.dumps(event, indent=2, ensure_ascii=False)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": _signature(body, secret, int(time.time()) + mischief.clock_offset),
            "User-Agent": "Stripe/1.0 (+https://docs.stripe.com/webhooks)",
        }
        return Letter(to["url"], body, headers)


def _signature(body: str, secret: str, at: int) -> str:
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
