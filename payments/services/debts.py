"""What a person owes after a chargeback. Money that comes in settles it first, so nobody has credit and a debt at once."""

from django.urls import reverse

from accounts.models import User
from accounts.services import audit
from core.money import Money
from notifications.services import notify
from payments import ledger
from payments.models import Payment
from payments.rules import JournalKind


def lock_purse(user_id: int, currency: str) -> tuple[Money, Money]:
    """(credit, owed) of a person, locked until the end of the transaction. Before any journal that moves either."""
    credit, debt = ledger.credit(user_id), ledger.debt(user_id)
    balances = ledger.balances([credit, debt], currency)
    return balances[credit], -balances[debt]


def purse_lines(user_id: int, amount: Money, owed: Money) -> dict[ledger.Bucket, Money]:
    """Where money for a person goes: to what they owe, the rest to their credit."""
    settled = min(amount, owed)
    return {ledger.debt(user_id): settled, ledger.credit(user_id): amount - settled}


def settle_debt(payer: User, *, payment: Payment, credit: Money, owed: Money) -> None:
    """The payment's credit settles what is owed. The caller locked the purse and posted the credit."""
    settled = min(credit, owed)
    if not settled:
        return
    ledger.post(
        JournalKind.DEBT_PAID,
        cause=f"payment:{payment.pk}",
        lines={ledger.credit(payer.pk): -settled, ledger.debt(payer.pk): settled},
        actor=payer,
        memo="What was open after a chargeback",
    )
    left = owed - settled
    audit.record(
        payer, "debt.settled", payment, amount=settled.as_string(), left=left.as_string(), currency=left.currency
    )
    notify(
        payer,
        kind="debt_settled",
        title=f"{settled} of what you owed is settled",
        message=f"{left} is still open." if left else "Nothing is open any more. You can hire and pay in again.",
        url=reverse("wallet"),
        data={"payment_id": payment.pk},
    )
