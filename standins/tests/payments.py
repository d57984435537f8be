"""Payment intents in every status, made by the moves that lead there."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .process import Standin

CARDS_ONLY: Any = {"enabled": True, "allow_redirects": "never"}


def create_intent(standin: Standin, **params: Any) -> stripe.PaymentIntent:
    defaults: Any = {"amount": 10_000, "currency": "usd", "automatic_payment_methods": CARDS_ONLY}
    return standin.v1.payment_intents.create(defaults | params)


def paid(standin: Standin, **params: Any) -> stripe.PaymentIntent:
    """Confirmed at once with a good card and captured, with the balance transaction booked."""
    defaults = {"payment_method": "pm_card_visa", "confirm": True, "capture_method": "automatic"}
    return create_intent(standin, **{**defaults, **params})


def authorised(standin: Standin, **params: Any) -> stripe.PaymentIntent:
    return paid(standin, **{"capture_method": "manual", **params})


def refused(standin: Standin, **params: Any) -> stripe.InvalidRequestError:
    """The refusal to create such an intent."""
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        create_intent(standin, **params)
    return refusal.value


def declined(standin: Standin, card: str, **params: Any) -> stripe.CardError:
    """The refusal of a payment with that card."""
    with pytest.raises(stripe.CardError) as refusal:
        paid(standin, payment_method=card, **params)
    return refusal.value


def in_status(standin: Standin, status: str) -> stripe.PaymentIntent:
    if status == "requires_payment_method":
        intent = create_intent(standin)
    elif status == "requires_confirmation":
        intent = create_intent(standin, payment_method="pm_card_visa")
    elif status == "requires_action":
        intent = paid(standin, payment_method="pm_card_authenticationRequired")
    elif status == "processing":
        intent = paid(standin, payment_method="pm_usBankAccount_success")
    elif status == "requires_capture":
        intent = authorised(standin)
    elif status == "succeeded":
        intent = paid(standin)
    else:
        intent = standin.v1.payment_intents.cancel(create_intent(standin).id)
    assert intent.status == status
    return intent
