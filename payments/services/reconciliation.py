"""What the provider says it moved, held against the books.

Every movement is stored once and its fee booked; its journal is found by what moved it. What has no other half after a
while, or another amount there, becomes an exception, which closes by itself when the other half comes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.services import audit
from core.money import Money
from payments import ledger, providers
from payments.models import (
    Chargeback,
    Journal,
    Payment,
    Payout,
    ProviderTransaction,
    ReconciliationRun,
    Refund,
)
from payments.providers import BalanceTransaction
from payments.rules import (
    CLEARING,
    MONEY_EXCEPTIONS,
    OWN_BANK_TRANSACTIONS,
    OWN_FEE_TRANSACTIONS,
    ExceptionKind,
    JournalKind,
    ProviderName,
    Resolution,
)
from payments.services.exceptions import Difference, list_exceptions

logger = structlog.get_logger(__name__)

GRACE = timedelta(hours=1)  # in which the other half may still come
OVERLAP = timedelta(days=1)  # looked at again, for what the provider lists late
LISTED_WITHIN = {ProviderName.PAYPAL: timedelta(hours=3)}
SETTLED_WITHIN = {ProviderName.PAYPAL: timedelta(days=10)}  # an eCheck is listed under the day on which it was begun
AT_ONCE = 100
RUNS_KEPT_FOR = timedelta(days=90)

Row = TypeVar("Row")
Causes = Mapping[str, Sequence[tuple[JournalKind, str]]]
"""For each source, or single movement of it: the journals that it may have made, of which at most one exists."""


def reconcile(*, provider: ProviderName = ProviderName.STRIPE, since: datetime | None = None) -> ReconciliationRun:
    """Fetch what a provider moved since then (since the last look, if not said) and compare. Not in a transaction.

    Unavailable when the provider does not answer: nothing is judged then.
    """
    started = timezone.now()
    last = ReconciliationRun.objects.filter(provider=provider).first()
    if since is None and last:
        since = last.judged_until - OVERLAP - SETTLED_WITHIN.get(provider, timedelta(0))
    fetched = providers.of(provider).balance_transactions(since)
    stored = sum(_store(provider, chunk) for chunk in _chunks(fetched))
    run = _judge(provider, since=since, started=started, fetched=len(fetched), stored=stored)
    logger.info(
        "reconciled", provider=provider, fetched=run.fetched, stored=run.stored, opened=run.opened, closed=run.closed
    )
    return run


@transaction.atomic
def _store(provider: ProviderName, moved: Sequence[BalanceTransaction]) -> int:
    """Keep what is new, with its fee and what moved between the provider and our bank booked at once."""
    known = set(
        ProviderTransaction.objects.filter(provider=provider, transaction_id__in=[one.id for one in moved]).values_list(
            "transaction_id", flat=True
        )
    )
    new = [one for one in moved if one.id not in known]
    _lock_accounts(provider, new)
    for one in new:
        _, is_new = ProviderTransaction.objects.get_or_create(
            provider=provider,
            transaction_id=one.id,
            defaults={
                "type": one.type[:40],
                "amount_minor": one.amount_minor,
                "fee_minor": one.fee_minor,
                "net_minor": one.net_minor,
                "currency": one.currency,
                "source_id": one.source_id,
                "parent_id": one.parent_id,
                "created_at": one.created_at,
                "journal": _book_own(provider, one),
            },
        )
        if is_new:
            _book(JournalKind.PROVIDER_FEE, ledger.COSTS, provider, one, -one.fee_minor)
    return len(new)


def _lock_accounts(provider: ProviderName, moved: Iterable[BalanceTransaction]) -> None:
    """All that is booked on, before anything is: movements come in any order, and the other provider's share our accounts."""
    types = OWN_BANK_TRANSACTIONS | OWN_FEE_TRANSACTIONS
    for currency in sorted({one.currency for one in moved if one.fee_minor or one.type in types}):
        ledger.balances([ledger.clearing(provider), ledger.BANK, ledger.COSTS], currency)


def _book_own(provider: ProviderName, one: BalanceTransaction) -> Journal | None:
    """What only the provider's statement tells us: transfers to and from our own bank, and charges of the provider."""
    if one.type in OWN_BANK_TRANSACTIONS:
        return _book(JournalKind.BANKED, ledger.BANK, provider, one, one.amount_minor)
    if one.type in OWN_FEE_TRANSACTIONS:
        return _book(JournalKind.PROVIDER_FEE, ledger.COSTS, provider, one, one.amount_minor)
    return None


def _book(
    kind: JournalKind, other: ledger.Bucket, provider: ProviderName, one: BalanceTransaction, minor: int
) -> Journal | None:
    """`minor` came into our balance there, from the account `other`. Booked already: the fee of a chargeback."""
    if not minor:
        return None
    amount, cause = Money(minor, one.currency), f"balance_transaction:{one.id}"
    if journal := ledger.posted(kind, cause):
        return journal
    journal = ledger.post(kind, cause=cause, lines={ledger.clearing(provider): -amount, other: amount}, memo=one.type)
    audit.record(None, "journal.booked", journal, cause=cause, amount=amount.as_string(), currency=amount.currency)
    return journal


# --- Matching -----------------------------------------------------------------------------------


def _arrivals(rows: Sequence[ProviderTransaction]) -> Causes:
    """Charges, by the intent of a payment, or our mark on it."""
    intents = {row.parent_id for row in rows} - {""}
    tokens = {token for intent in intents if (token := _token(intent))}
    causes: dict[str, list[tuple[JournalKind, str]]] = {}
    for one in Payment.objects.filter(Q(intent_id__in=intents) | Q(token__in=tokens)):
        likely = [(kind, one.cause) for kind in (JournalKind.FUND, JournalKind.CREDIT, JournalKind.SUBSCRIPTION)]
        causes |= {str(one.intent_id): likely, str(one.token): likely}
    return {row.source_id: causes[row.parent_id] for row in rows if row.parent_id in causes}


def _token(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _refunds(rows: Sequence[ProviderTransaction], kind: JournalKind = JournalKind.REFUND_SENT) -> Causes:
    refunds = Refund.objects.filter(refund_id__in=[row.source_id for row in rows])
    return {str(refund.refund_id): [(kind, f"refund:{refund.reference}")] for refund in refunds}


def _refunds_that_came_back(rows: Sequence[ProviderTransaction]) -> Causes:
    return _refunds(rows, JournalKind.REVERSAL)


def _transfers(rows: Sequence[ProviderTransaction]) -> Causes:
    payouts = Payout.objects.filter(transfer_id__in=[row.source_id for row in rows])
    return {str(payout.transfer_id): [(JournalKind.PAYOUT_SENT, f"payout:{payout.pk}")] for payout in payouts}


def _transfers_taken_back(rows: Sequence[ProviderTransaction]) -> Causes:
    """By the transfer that was reversed."""
    transfers = {row.parent_id for row in rows} - {""}
    payouts = dict(Payout.objects.filter(transfer_id__in=transfers).values_list("transfer_id", "pk"))
    return {
        row.source_id: [(JournalKind.REVERSAL, f"payout:{payouts[row.parent_id]}")]
        for row in rows
        if row.parent_id in payouts
    }


def _disputes(rows: Sequence[ProviderTransaction]) -> Causes:
    """One dispute takes, and may give back: two movements of one source, which at PayPal bear our mark on the payment."""
    tokens = {token for row in rows if (token := _token(row.parent_id))}
    about = Q(dispute_id__in=[row.source_id for row in rows]) | Q(payment__token__in=tokens)
    known: dict[str, int] = {}
    for one in Chargeback.objects.filter(about).select_related("payment"):
        known[one.dispute_id] = known[f"{one.payment.token}:{one.amount_minor}"] = one.pk
    causes: dict[str, list[tuple[JournalKind, str]]] = {}
    for row in rows:
        if pk := known.get(row.source_id) or known.get(f"{row.parent_id}:{abs(row.amount_minor)}"):
            kind = JournalKind.CHARGEBACK if row.amount_minor < 0 else JournalKind.CHARGEBACK_WON
            causes[row.transaction_id] = [(kind, f"chargeback:{pk}")]
    return causes


MATCHERS: Mapping[str, Callable[[Sequence[ProviderTransaction]], Causes]] = {
    "charge": _arrivals,
    "payment": _arrivals,
    "refund": _refunds,
    "payment_refund": _refunds,
    "refund_failure": _refunds_that_came_back,
    "payment_failure_refund": _refunds_that_came_back,
    "transfer": _transfers,
    "transfer_refund": _transfers_taken_back,
    "adjustment": _disputes,
}
"""How the journal of a movement is found, by the provider's word for it."""


def _match(provider: ProviderName) -> int:
    """Give movements their journals. How many found theirs."""
    unmatched = ProviderTransaction.objects.filter(provider=provider, journal=None)
    count = 0
    for type_, matcher in MATCHERS.items():
        for rows in _chunks(unmatched.filter(type=type_).order_by("pk")):
            causes = matcher(rows)
            wanted = {cause for candidates in causes.values() for cause in candidates}
            journals = {
                (JournalKind(journal.kind), journal.cause): journal
                for journal in Journal.objects.filter(cause__in=[cause for _, cause in wanted])
                if (journal.kind, journal.cause) in wanted
            }
            for row in rows:
                likely = causes.get(row.transaction_id) or causes.get(row.source_id, ())
                found = [journals[one] for one in likely if one in journals]
                if found:  # at most one: a payment becomes a hold's money or credit, never both
                    row.journal = found[0]
                    row.save(update_fields=["journal"])
                    count += 1
    return count


# --- Judging ------------------------------------------------------------------------------------

DIFFERENCES = f"""
WITH written_off (about, currency, minor) AS (
    SELECT about, currency, sum(amount_minor) FROM payments_reconciliationexception
    WHERE resolution = '{Resolution.WRITTEN_OFF}' GROUP BY about, currency
),
clearing AS (
    SELECT line.journal_id, line.currency, line.amount_minor, journal.kind, journal.cause, journal.created_at
    FROM payments_account AS account
    JOIN payments_line AS line ON line.account_id = account.id
    JOIN payments_journal AS journal ON journal.id = line.journal_id
    WHERE account.kind = %(clearing)s
),
moved AS (
    SELECT journal_id, one.currency, sum(amount_minor - coalesce(minor, 0)) AS minor
    FROM payments_providertransaction AS one
    LEFT JOIN written_off ON about = 'transaction:' || transaction_id AND written_off.currency = one.currency
    WHERE provider = %(provider)s AND journal_id IS NOT NULL
    GROUP BY journal_id, one.currency
)
SELECT '{ExceptionKind.NOT_IN_BOOKS}', 'transaction:' || transaction_id, amount_minor - coalesce(minor, 0), one.currency,
    concat_ws(' ', type, nullif(source_id, ''))
FROM payments_providertransaction AS one
LEFT JOIN written_off ON about = 'transaction:' || transaction_id AND written_off.currency = one.currency
WHERE provider = %(provider)s AND journal_id IS NULL AND stored_at <= %(until)s
    AND amount_minor <> coalesce(minor, 0)
UNION ALL
SELECT '{ExceptionKind.OTHER_AMOUNT}', 'journal:' || journal_id,
    moved.minor + coalesce(clearing.amount_minor, 0) - coalesce(written_off.minor, 0), moved.currency,
    concat_ws(' ', kind, cause)
FROM moved
LEFT JOIN clearing USING (journal_id, currency)
LEFT JOIN written_off ON about = 'journal:' || journal_id AND written_off.currency = moved.currency
WHERE moved.minor + coalesce(clearing.amount_minor, 0) <> coalesce(written_off.minor, 0)
UNION ALL
SELECT '{ExceptionKind.NOT_AT_PROVIDER}', 'journal:' || journal_id,
    clearing.amount_minor - coalesce(written_off.minor, 0), clearing.currency, concat_ws(' ', kind, cause)
FROM clearing
LEFT JOIN written_off ON about = 'journal:' || journal_id AND written_off.currency = clearing.currency
WHERE created_at <= %(until)s AND kind <> '{JournalKind.WRITE_OFF}'
    AND NOT EXISTS (
        SELECT FROM payments_providertransaction
        WHERE kind = '{JournalKind.PROVIDER_FEE}' AND 'balance_transaction:' || transaction_id = cause
    )
    AND NOT EXISTS (SELECT FROM moved WHERE moved.journal_id = clearing.journal_id AND moved.currency = clearing.currency)
    AND clearing.amount_minor <> coalesce(written_off.minor, 0)
"""  # noqa: S608 - our own words; values are parameters


@transaction.atomic
def _judge(
    provider: ProviderName, *, since: datetime | None, started: datetime, fetched: int, stored: int
) -> ReconciliationRun:
    """Match, and bring the exceptions up to date, in one transaction: the proof counts on both being of one moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.reconcile'))")
    matched = _match(provider)
    until = started - GRACE - LISTED_WITHIN.get(provider, timedelta(0))
    changed = list_exceptions(MONEY_EXCEPTIONS, _differences(provider, until), provider=provider)
    ReconciliationRun.objects.filter(provider=provider, started_at__lt=started - RUNS_KEPT_FOR).delete()
    return ReconciliationRun.objects.create(
        provider=provider,
        since=since,
        started_at=started,
        finished_at=timezone.now(),
        judged_until=until,
        fetched=fetched,
        stored=stored,
        matched=matched,
        opened=changed.opened,
        closed=changed.closed,
    )


def _differences(provider: ProviderName, until: datetime) -> Iterator[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, {"provider": provider, "clearing": CLEARING[provider], "until": until})
        for kind, about, minor, currency, detail in cursor.fetchall():
            yield Difference(kind, about, provider, int(minor), currency, detail[:300])


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rest = iter(rows)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk
