"""The end of a 3-D Secure challenge, as stripe.js, the hosted page or a test reports it."""

from __future__ import annotations

from typing import Any

from ..call import Call, Endpoint
from ..errors import no_such
from ..params import Choice, Id, Text
from ..store import Obj
from . import intents, payment_attempts, setup_intents

FINISH = {
    "source": Id(required=True),
    "client_secret": Text(required=True, clearable=False),
    "outcome": Choice(("complete", "fail"), required=True),
}


def finish(call: Call, id: str, *, passed: bool) -> Obj:
    intent = call.find(id)
    if intent is None or intent["object"] not in ("payment_intent", "setup_intent"):
        raise no_such("intent", id, param="source")
    if intent["object"] == "payment_intent":
        return payment_attempts.authenticate(call, intent, passed=passed)
    return setup_intents.authenticate(call, intent, passed=passed)


def finish_in_browser(call: Call, params: dict[str, Any]) -> Obj:
    intent = call.find(params["source"])
    if intent is not None and "client_secret" in intent:
        intents.check_client_secret(call, intent, params)
    return finish(call, params["source"], passed=params["outcome"] == "complete")


ENDPOINTS = (Endpoint("POST", "/v1/3ds2/authenticate", finish_in_browser, FINISH, publishable=True),)
