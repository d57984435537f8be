"""Every status of a payment intent against every move."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import stripe

from standins.stripe.resources.moves import PAYMENT_INTENT

from .payments import in_status
from .process import Standin

STATUSES = (
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "succeeded",
    "canceled",
)
OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}

# What each move makes of each status that allows it, written down a second time on purpose.
EXPECTED: dict[str, dict[str, str]] = {
    "confirm": dict.fromkeys(OPEN, "succeeded"),
    "reprice": {status: status for status in OPEN},
    "authenticate": {"requires_action": "succeeded"},
    "settle": {"processing": "succeeded"},
    "capture": {"requires_capture": "succeeded"},
    "cancel": dict.fromkeys(OPEN | {"requires_capture"}, "canceled"),
}


def _control(standin: Standin, path: str, outcome: str) -> None:
    response = standin.http.post(f"/standin/{path}", json={"outcome": outcome})
    if response.status_code != 200:
        error = response.json()["error"]
        raise stripe.InvalidRequestError(error["message"], None, error["code"], json_body=response.json())  # type: ignore[no-untyped-call]


ACTS: dict[str, Callable[[Standin, str], Any]] = {
    "confirm": lambda s, id: s.v1.payment_intents.confirm(id, {"payment_method": "pm_card_visa"}),
    "reprice": lambda s, id: s.v1.payment_intents.update(id, {"amount": 4_200}),
    "authenticate": lambda s, id: _control(s, f"authentications/{id}", "complete"),
    "settle": lambda s, id: _control(s, f"payment_intents/{id}/settle", "succeeded"),
    "capture": lambda s, id: s.v1.payment_intents.capture(id),
    "cancel": lambda s, id: s.v1.payment_intents.cancel(id),
}


def test_every_move_is_tried() -> None:
    assert PAYMENT_INTENT.keys() == ACTS.keys() == EXPECTED.keys()


@pytest.mark.parametrize(("status", "move"), list(product(STATUSES, ACTS)))
def test_move(standin: Standin, status: str, move: str) -> None:
    intent = in_status(standin, status)
    events = standin.event_types()
    if status in EXPECTED[move]:
        ACTS[move](standin, intent.id)
        assert standin.v1.payment_intents.retrieve(intent.id).status == EXPECTED[move][status]
        return
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        ACTS[move](standin, intent.id)
    assert refusal.value.code == "payment_intent_unexpected_state"
    assert refusal.value.json_body["error"]["payment_intent"]["status"] == status  # type: ignore[index]
    assert standin.v1.payment_intents.retrieve(intent.id).to_dict() == intent.to_dict()
    assert standin.event_types() == events
