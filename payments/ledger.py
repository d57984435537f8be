"""Posting to the ledger: the one place that writes journals and lines."""

from collections.abc import Iterable, Mapping
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from accounts.models import User
from core.money import Money
from core.statements import Selection
from payments.models import Account, Hold, Journal
from payments.rules import CLEARING, LOCKING_ORDER, AccountKind, JournalKind, ProviderName

ANY_KIND, ANY_CAUSE = "kind?", "cause?"  # stand where a statement's parameters go


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
BANK = Bucket(AccountKind.BANK)
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


INSERT_JOURNAL = """
INSERT INTO payments_journal (kind, cause, memo, hold_id, actor_id, posted_in, created_at)
VALUES (%s, %s, %s, %s, %s, 0, %s) ON CONFLICT (kind, cause) DO NOTHING RETURNING id
"""
# The accounts are locked in the order that everybody keeps; with an account missing, no lines come.
IN_ORDER = f"array_position('{{{','.join(LOCKING_ORDER)}}}'::varchar[], kind)"
INSERT_LINES = """
WITH account AS MATERIALIZED (
    SELECT id, kind, owner_id, hold_id FROM payments_account
    WHERE currency = %s AND ({one_of}) ORDER BY {in_order}, id FOR NO KEY UPDATE
)
INSERT INTO payments_line (journal_id, account_id, amount_minor, currency, balance_after_minor)
SELECT %s, account.id, moved.minor, %s, 0
FROM account JOIN (VALUES {moved}) AS moved (kind, owner_id, hold_id, minor)
    ON (account.kind, coalesce(account.owner_id, 0), coalesce(account.hold_id, 0))
        = (moved.kind, moved.owner_id, moved.hold_id)
WHERE (SELECT count(*) FROM account) = %s
ORDER BY account.id
"""


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
    Two statements, in SQL of our own: accounts that everybody shares are locked from the second one until the commit.
    """
    journal = Journal(kind=kind, cause=cause, memo=memo, hold=hold, actor=actor)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(INSERT_JOURNAL, [str(kind), cause, memo, journal.hold_id, journal.actor_id, journal.created_at])
        inserted = cursor.fetchone()
        if inserted is None:
            return Journal.objects.get(kind=kind, cause=cause)
        (journal.pk,) = inserted
        journal._state.adding, journal._state.db = False, connection.alias
        moved = {bucket: amount for bucket, amount in lines.items() if amount}
        currencies = {amount.currency for amount in moved.values()}
        if len(currencies) != 1:
            raise ValueError(f"A journal moves one currency, not {len(currencies)}.")
        (currency,) = currencies
        if not _insert_lines(cursor, journal.pk, moved, currency):
            _lock_accounts(moved, currency)
            _insert_lines(cursor, journal.pk, moved, currency)
    return journal


def _insert_lines(cursor: Any, journal_id: int, moved: Mapping[Bucket, Money], currency: str) -> bool:
    one_of, values, wanted, rows = [], [], [], []
    for (kind, owner_id, hold_id), amount in moved.items():
        owner, held = ("= %s" if one else "IS NULL" for one in (owner_id, hold_id))
        one_of.append(f"(kind = %s AND owner_id {owner} AND hold_id {held})")
        wanted += [one for one in (str(kind), owner_id, hold_id) if one]
        rows.append("(%s, %s::bigint, %s::bigint, %s::bigint)")
        values += [str(kind), owner_id or 0, hold_id or 0, amount.minor]
    statement = INSERT_LINES.format(one_of=" OR ".join(one_of), in_order=IN_ORDER, moved=", ".join(rows))
    cursor.execute(statement, [currency, *wanted, journal_id, currency, *values, len(moved)])
    return bool(cursor.rowcount)


def posted(kind: JournalKind, cause: str) -> Journal | None:
    """What this cause has already moved."""
    return _journal().first(kind=str(kind), cause=cause)


@cache
def _journal() -> Selection[Journal]:
    rows = Journal.objects.filter(kind=ANY_KIND, cause=ANY_CAUSE).order_by()
    return Selection(rows, kind=ANY_KIND, cause=ANY_CAUSE)


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
    """The accounts, made if they are new. Everybody locks them in one order, so nobody deadlocks."""
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
    rows = Account.objects.filter(one_of, currency=currency).order_by(RawSQL(IN_ORDER, []), "pk")  # noqa: S611 - ours
    rows = rows.select_for_update(no_key=True)
    return {Bucket(AccountKind(row.kind), row.owner_id, row.hold_id): row for row in rows}
