"""Refusals of money."""

from core.errors import Invalid, Unavailable


class ProviderRefused(Invalid):
    """The payment provider definitely said no to what was asked; nothing happened there."""

    code = "payment_refused"
    message = "The payment provider did not accept this."


class IntentGone(ProviderRefused):
    """The provider knows no such intent (any more): nothing was taken, and nothing will be."""

    message = "The payment provider does not know this payment any more. Nothing was taken."


class NotYet(Unavailable):
    """A definite no for now: nothing happened, and a new try needs a new key."""

    code = "payout_waiting"
    message = "The money is not available at the payment provider yet. It is sent as soon as it is."


class SettlementMismatch(Exception):
    """What the provider reports does not belong to our record. Staff must look; money is never guessed."""
