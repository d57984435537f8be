"""Posting to the ledger: the one place that writes journals and lines."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from core.money import Money
from payments.models import Account, Hold, Journal, Line
from payments.rules import CLEARING, AccountKind, JournalKind, ProviderName


class Bucket(NamedTuple):
    """An account without its currency."""

    kind: AccountKind
    owner_id: int | None = None
    hold_id: int | None = None


FEES = Bucket(AccountKind.FEES)
REFUNDS = Bucket(AccountKind.REFUNDS)
CONNECTED = Bucket(AccountKind.CONNECTED)
SUBSCRIPTIONS = Bucket(AccountKind.SUBSCRIPTIONS)
TAXES = Bucket(AccountKind.TAXES)
COSTS = Bucket(AccountKind.COSTS)
LOSSES = Bucket(AccountKind.LOSSES)


def clearing(provider: str) -> Bucket:
    """What we have at a payment provider, as a negative balance."""
    return Bucket(CLEARING[ProviderName(provider)])


def held(hold: Hold) -> Bucket:
    return Bucket(AccountKind.HELD, hold_id=hold.pk)


def available(user_id: int) -> Bucket:
    return Bucket(AccountKind.AVAILABLE, owner_id=user_id)


def payouts(user_id: int) -> Bucket:
    return Bucket(AccountKind.PAYOUTS, owner_id=user_id)


def credit(user_id: int) -> Bucket:
    return Bucket(AccountKind.CREDIT, owner_id=user_id)


def debt(user_id: int) -> Bucket:
    return Bucket(AccountKind.DEBT, owner_id=user_id)


@transaction.atomic
def post(
    kind: JournalKind,
    *,
    cause: str,
    lines: Mapping[Bucket, Money],
    hold: Hold | None = None,
    actor: User | None = None,
    memo: str = "",
) -> Journal:
    """Move money: `lines` of one currency that sum to zero, zero amounts left out. Repeating a cause changes nothing.

    The database refuses a journal that does not balance, and an account that would fall below zero where it may not.
    """
    journal, is_new = Journal.objects.get_or_create(
        kind=kind, cause=cause, defaults={"hold": hold, "actor": actor, "memo": memo}
    )
    if is_new:
        moved = {bucket: amount for bucket, amount in lines.items() if amount}
        currency = next(iter(moved.values())).currency
        accounts = _lock_accounts(moved, currency)
        Line.objects.bulk_create(
            Line(journal=journal, account=account, amount_minor=moved[bucket].minor, currency=moved[bucket].currency)
            for bucket, account in accounts.items()
        )
    return journal


def posted(kind: JournalKind, cause: str) -> Journal | None:
    """What this cause has already moved."""
    return Journal.objects.filter(kind=kind, cause=cause).first()


def balance(bucket: Bucket, currency: str) -> Money:
    """The account's balance, locked until the end of the transaction."""
    account = _locked([bucket], currency).get(bucket)
    return account.balance if account else Money(0, currency)


def balances(buckets: Iterable[Bucket], currency: str) -> dict[Bucket, Money]:
    """The balances of several accounts, locked until the end of the transaction; also those that are not used yet.

    Whoever decides by the balance of a person's accounts locks all of them first.
    """
    return {bucket: account.balance for bucket, account in _lock_accounts(buckets, currency).items()}


def _lock_accounts(buckets: Iterable[Bucket], currency: str) -> dict[Bucket, Account]:
    """The accounts by ascending id, made if they are new. Everybody locks in this order, so nobody deadlocks."""
    wanted = set(buckets)
    accounts = _locked(wanted, currency)
    if missing := wanted - accounts.keys():
        Account.objects.bulk_create(
            [Account(currency=currency, **bucket._asdict()) for bucket in sorted(missing, key=str)],
            ignore_conflicts=True,  # a twin may make the same one: then we wait for it and use it
        )
        accounts = _locked(wanted, currency)
    return accounts


def _locked(buckets: Iterable[Bucket], currency: str) -> dict[Bucket, Account]:
    one_of = reduce(or_, (Q(**bucket._asdict()) for bucket in buckets))
    rows = Account.objects.filter(one_of, currency=currency).order_by("pk").select_for_update(no_key=True)
    return {Bucket(AccountKind(row.kind), row.owner_id, row.hold_id): row for row in rows}
