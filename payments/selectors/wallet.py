"""What a person's money comes to."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q, Sum

from accounts.models import User
from core.money import Money
from payments.models import Account, Chargeback, Hold, Journal, Line
from payments.rules import AccountKind, JournalKind


class Balance(NamedTuple):
    """One currency of a wallet.

    `available` can be paid out, `pending` is on its way to the bank, `held` is funded for the person's work (before the
    fee), `paid_out` has arrived. `credit` was paid in for no work yet; `committed` is held for work the person ordered;
    `debt` is owed after a chargeback.
    """

    currency: str
    available: Money
    pending: Money
    held: Money
    paid_out: Money
    credit: Money
    committed: Money
    debt: Money


def wallet(user: User) -> list[Balance]:
    """The person's own currency first, then every other in which there is or was money."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    sums[user.currency]  # shown even when it is empty
    for kind, currency, balance in Account.objects.filter(owner=user).values_list("kind", "currency", "balance_minor"):
        sums[currency][kind] += balance
    for currency, held, committed in (
        Hold.objects.visible_to(user)
        .filter(held_minor__gt=0)
        .values("currency")
        .annotate(
            earning=Sum("held_minor", filter=Q(payee=user), default=0),
            ordering=Sum("held_minor", filter=Q(payer=user), default=0),
        )
        .order_by()
        .values_list("currency", "earning", "ordering")
    ):
        sums[currency] |= {"held": held, "committed": committed}
    for currency, taken in (
        Line.objects.visible_to(user)
        .filter(
            account__kind=AccountKind.PAYOUTS,
            journal__kind__in=[JournalKind.PAYOUT_PAID, JournalKind.REVERSAL],  # the latter: sent back after arrival
        )
        .values_list("currency")
        .annotate(taken=Sum("amount_minor"))
        .order_by()
    ):
        sums[currency]["paid_out"] = -taken
    first, *others = sums
    return [_balance(currency, sums[currency]) for currency in [first, *sorted(others)]]


def credit_of(user: User, currency: str) -> Money:
    """What the person paid in for no work yet."""
    account = Account.objects.filter(owner=user, kind=AccountKind.CREDIT, currency=currency).first()
    return account.balance if account else Money(0, currency)


def taken_by(chargebacks: Iterable[Chargeback]) -> dict[int, int]:
    """The entry by which each of these was taken: ids of journals by those of chargebacks."""
    causes = {f"chargeback:{chargeback.pk}": chargeback.pk for chargeback in chargebacks}
    entries = Journal.objects.filter(kind=JournalKind.CHARGEBACK, cause__in=causes)
    return {causes[cause]: pk for pk, cause in entries.values_list("pk", "cause")}


def _balance(currency: str, sums: dict[str, int]) -> Balance:
    return Balance(
        currency,
        available=Money(sums[AccountKind.AVAILABLE], currency),
        pending=Money(sums[AccountKind.PAYOUTS], currency),
        held=Money(sums["held"], currency),
        paid_out=Money(sums["paid_out"], currency),
        credit=Money(sums[AccountKind.CREDIT], currency),
        committed=Money(sums["committed"], currency),
        debt=Money(-sums[AccountKind.DEBT], currency),
    )
