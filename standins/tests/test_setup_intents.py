from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import stripe

from standins.stripe.resources.moves import SETUP_INTENT

from .payments import CARDS_ONLY, paid
from .process import Standin

STATUSES = ("requires_payment_method", "requires_confirmation", "requires_action", "succeeded", "canceled")
OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create_setup(standin: Standin, **params: Any) -> stripe.SetupIntent:
    defaults: Any = {"automatic_payment_methods": CARDS_ONLY}
    return standin.v1.setup_intents.create(defaults | params)


def in_status(standin: Standin, status: str) -> stripe.SetupIntent:
    cards: dict[str, Any] = {
        "requires_confirmation": {"payment_method": "pm_card_visa"},
        "requires_action": {"payment_method": "pm_card_authenticationRequired", "confirm": True},
        "succeeded": {"payment_method": "pm_card_visa", "confirm": True},
    }
    intent = create_setup(standin, **cards.get(status, {}))
    if status == "canceled":
        intent = standin.v1.setup_intents.cancel(intent.id)
    assert intent.status == status
    return intent


ACTS: dict[str, Callable[[Standin, str], Any]] = {
    "confirm": lambda s, id: s.v1.setup_intents.confirm(id, {"payment_method": "pm_card_visa"}).status == "succeeded",
    "authenticate": lambda s, id: (
        s.http.post(f"/standin/authentications/{id}", json={"outcome": "complete"}).status_code == 200
    ),
    "change": lambda s, id: s.v1.setup_intents.update(id, {"description": "x"}).description == "x",
    "cancel": lambda s, id: s.v1.setup_intents.cancel(id).status == "canceled",
}
ALLOWED = {"confirm": OPEN, "change": OPEN, "authenticate": {"requires_action"}, "cancel": OPEN}


def test_every_move_is_tried() -> None:
    assert SETUP_INTENT.keys() == ACTS.keys() == ALLOWED.keys()


@pytest.mark.parametrize(("status", "move"), list(product(STATUSES, ACTS)))
def test_move(standin: Standin, status: str, move: str) -> None:
    intent = in_status(standin, status)
    try:
        done = ACTS[move](standin, intent.id)
    except stripe.InvalidRequestError as refusal:
        assert refusal.code == "setup_intent_unexpected_state"
        done = False
    assert done == (status in ALLOWED[move])


def test_a_card_set_up_is_saved_and_charged_later_without_the_person(standin: Standin) -> None:
    customer = standin.v1.customers.create({})
    card = "pm_card_authenticationRequiredOnSetup"
    intent = create_setup(standin, customer=customer.id, payment_method=card, confirm=True)
    assert intent.status == "requires_action"
    standin.control("POST", f"/authentications/{intent.id}", {"outcome": "complete"})
    method = standin.v1.setup_intents.retrieve(intent.id).payment_method
    assert method is not None
    assert paid(standin, customer=customer.id, payment_method=method, off_session=True).status == "succeeded"
    assert standin.event_types()[:4] == [
        "customer.created",
        "setup_intent.created",
        "setup_intent.requires_action",
        "payment_method.attached",
    ]
    assert "setup_intent.succeeded" in standin.event_types()


def test_failed_authentication(standin: Standin) -> None:
    intent = in_status(standin, "requires_action")
    standin.control("POST", f"/authentications/{intent.id}", {"outcome": "fail"})
    after = standin.v1.setup_intents.retrieve(intent.id)
    assert after.status == "requires_payment_method"
    assert after.last_setup_error is not None
    assert after.last_setup_error.code == "setup_intent_authentication_failure"
    assert standin.event_types()[-1] == "setup_intent.setup_failed"


def test_declined(standin: Standin) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        create_setup(standin, payment_method="pm_card_chargeDeclined", confirm=True)
    assert refusal.value.error is not None
    assert refusal.value.error.setup_intent is not None
    assert refusal.value.error.setup_intent.status == "requires_payment_method"
