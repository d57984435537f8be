"""What providers say against the books: exceptions, and how they end."""

from django.db.models import TextChoices


class ExceptionKind(TextChoices):
    """What staff must know of and can do something about."""

    NOT_IN_BOOKS = "not_in_books", "Moved at the provider, not in the books"
    NOT_AT_PROVIDER = "not_at_provider", "In the books, not at the provider"
    OTHER_AMOUNT = "other_amount", "Another amount at the provider"
    EVENT_STUCK = "event_stuck", "News of the provider that cannot be processed"
    PAYMENT_STUCK = "payment_stuck", "Payment without an outcome"
    REFUND_STUCK = "refund_stuck", "Refund that was not sent"


MONEY_EXCEPTIONS = (ExceptionKind.NOT_IN_BOOKS, ExceptionKind.NOT_AT_PROVIDER, ExceptionKind.OTHER_AMOUNT)


class Resolution(TextChoices):
    MATCHED = "matched", "Came right by itself"
    WRITTEN_OFF = "written_off", "Written off"
    NOTED = "noted", "Dealt with elsewhere"


# How the provider names what it moves for itself.
OWN_BANK_TRANSACTIONS = frozenset({"payout", "payout_cancel", "payout_failure", "topup", "topup_reversal"})
OWN_FEE_TRANSACTIONS = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost", "paypal_fee"})
