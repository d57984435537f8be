"""What tests of plans' money look up in the books."""

from payments.models import Account
from payments.tests.factories import usd

NOTHING = usd(0)


def balance(kind: str) -> int:
    account = Account.objects.filter(kind=kind).first()
    return account.balance_minor if account else 0


def income() -> tuple[int, int]:
    """(subscriptions, taxes)"""
    return balance("subscriptions"), balance("taxes")
