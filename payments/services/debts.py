"""What a person owes after a chargeback. Money that comes in settles it first, so nobody has credit and a debt at once."""

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.services import audit
from core.errors import Conflict, Invalid, require
from core.money import Money
from core.queries import get_or_refuse
from notifications.services import notify
from payments import ledger, policies
from payments.models import Account, Chargeback, Line, Payment
from payments.rules import AccountKind, ChargebackStatus, JournalKind, RefundStatus
from payments.services.write_offs import may_write_off, overtake_debts


def lock_purse(user_id: int, currency: str) -> tuple[Money, Money]:
    """(credit, owed) of a person, locked until the end of the transaction. Before any journal that moves either."""
    credit, debt = ledger.credit(user_id), ledger.debt(user_id)
    balances = ledger.balances([credit, debt], currency)
    return balances[credit], -balances[debt]


def purse_lines(user_id: int, amount: Money, owed: Money) -> dict[ledger.Bucket, Money]:
    """Where money for a person goes: to what they owe, which is then not to be written off, the rest to their credit."""
    settled = min(amount, owed)
    if settled:
        overtake_debts(user_id, amount.currency)
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
    overtake_debts(payer.pk, owed.currency)
    left = owed - settled
    audit.record(
        payer, "debt.settled", payment, amount=settled.as_string(), left=left.as_string(), currency=left.currency
    )
    _tell(payment, f"{settled} of what you owed is settled", left)


@transaction.atomic
def write_off_debt(actor: User, *, chargeback_id: int, seen_minor: int, reason: str) -> Chargeback:
    """Staff: what a lost chargeback left open, as far as it still is, is Guildhall's loss. Repeating it changes nothing.

    A large debt stays until a second of them says so too. `seen_minor`: the amount that the actor was shown.
    Conflict: `chargeback_not_lost`, `refund_under_way`, `no_debt`, and see may_write_off.
    """
    found = get_or_refuse(Chargeback.objects.all(), pk=chargeback_id)
    Payment.objects.select_for_update(no_key=True).get(pk=found.payment_id)  # whose lock is that of its chargebacks
    chargeback = Chargeback.objects.select_related("payment__payer").get(pk=chargeback_id)
    require(policies.why_not_answer_chargeback(actor, chargeback))
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why, for whoever asks later."]})
    if chargeback.status != ChargebackStatus.LOST:
        raise Conflict("chargeback_not_lost", "The bank has not decided yet, or decided for us.")
    payer, cause = chargeback.payment.payer, f"chargeback:{chargeback.pk}"
    if ledger.posted(JournalKind.WRITE_OFF, cause):
        return chargeback
    if chargeback.payment.refunds.filter(status__in=[RefundStatus.PENDING, RefundStatus.FAILED]).exists():
        raise Conflict("refund_under_way", "A refund of this payment is not settled yet. It may settle this debt.")
    _, owed = lock_purse(payer.pk, chargeback.currency)
    amount = min(owed, left_open(chargeback))
    if not amount:
        raise Conflict("no_debt", "Nothing is owed any more.")
    if not may_write_off(actor, chargeback, amount, seen_minor=seen_minor, reason=reason):
        return chargeback
    ledger.post(
        JournalKind.WRITE_OFF,
        cause=cause,
        lines={ledger.LOSSES: -amount, ledger.debt(payer.pk): amount},
        actor=actor,
        memo=f"What {chargeback.payment} left open",
    )
    audit.record(
        actor,
        "debt.written_off",
        chargeback,
        amount=amount.as_string(),
        currency=amount.currency,
        reason=reason.strip(),
    )
    _tell(chargeback.payment, f"{amount} of what you owed is let off", owed - amount)
    return chargeback


def to_write_off(chargeback: Chargeback) -> Money:
    """What it left open and is still owed now. Without a lock: to be shown, not to be posted."""
    owed = Account.objects.filter(
        owner=chargeback.payment.payer_id, kind=AccountKind.DEBT, currency=chargeback.currency, balance_minor__lt=0
    ).first()
    return min(-owed.balance, left_open(chargeback)) if owed else Money(0, chargeback.currency)


def left_open(chargeback: Chargeback) -> Money:
    """What the payer came to owe by it."""
    return _taken_from(AccountKind.DEBT, JournalKind.CHARGEBACK, chargeback)


def written_off(chargeback: Chargeback) -> Money:
    """What Guildhall has carried of it."""
    return _taken_from(AccountKind.LOSSES, JournalKind.WRITE_OFF, chargeback)


def _taken_from(account: AccountKind, kind: JournalKind, chargeback: Chargeback) -> Money:
    lines = Line.objects.filter(journal__kind=kind, journal__cause=f"chargeback:{chargeback.pk}", account__kind=account)
    return Money(-sum(lines.values_list("amount_minor", flat=True)), chargeback.currency)


def _tell(payment: Payment, title: str, left: Money) -> None:
    notify(
        payment.payer,
        kind="debt_settled",
        title=title,
        message=f"{left} is still open." if left else "Nothing is open any more. You can hire and pay in again.",
        url=reverse("wallet"),
        data={"payment_id": payment.pk},
    )
