"""Refusals of money."""

from core.errors import Invalid


class ProviderRefused(Invalid):
    """The payment provider definitely said no to what was asked; nothing happened there."""

    code = "payment_refused"
    message = "The payment provider did not accept this."


class SettlementMismatch(Exception):
    """What the provider reports does not belong to our record. Staff must look; money is never guessed."""
