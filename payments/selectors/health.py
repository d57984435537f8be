"""How healthy the money is: the last proof, what waits and for how long, and what the providers say."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from core.money import Money
from payments.models import (
    Account,
    Hold,
    Journal,
    LedgerCheck,
    Line,
    Payment,
    Payout,
    ProviderEvent,
    ProviderTransaction,
    ReconciliationException,
    ReconciliationRun,
    Refund,
)
from payments.rules import (
    CLEARING,
    MONEY_EXCEPTIONS,
    OPEN_PAYMENTS,
    RESERVED_PAYOUTS,
    ProviderName,
    RefundStatus,
)
from payments.selectors.proof import TRUTHS

STALE_AFTER = timedelta(minutes=30)
AGES = {
    "under an hour": timedelta(hours=1),
    "under a day": timedelta(days=1),
    "under a week": timedelta(days=7),
    "older": timedelta.max,
}
# Both sides are warned at 75 days, staff at 85, and nothing is held beyond 90.
AGES_OF_HOLDS = {
    "under 30 days": timedelta(days=30),
    "under 75": timedelta(days=75),
    "under 85": timedelta(days=85),
    "under 90": timedelta(days=90),
    "90 and more": timedelta.max,
}


class Truth(NamedTuple):
    """One of TRUTHS as the last run found it. Without checks it is not proven by SQL here."""

    number: int
    text: str
    checks: list[dict[str, Any]]

    @property
    def offenders(self) -> int:
        return sum(check["offenders"] for check in self.checks)


class Waiting(NamedTuple):
    """How many of one kind wait, by age: as many counts as the ages it was asked with."""

    label: str
    url_name: str
    counts: list[int]

    @property
    def total(self) -> int:
        return sum(self.counts)


class AtProvider(NamedTuple):
    """One currency at one provider: by its own movements, by our books, and what open exceptions explain of the difference."""

    provider: ProviderName
    theirs: Money
    ours: Money
    explained: Money

    @property
    def difference(self) -> Money:
        return self.theirs - self.ours


class HeldByAge(NamedTuple):
    """What has been held for so long: paid in after `after` (None: however long ago), and not after `until`."""

    age: str
    after: datetime | None
    until: datetime | None
    count: int
    amounts: list[Money]


class MoneyHealth(NamedTuple):
    last: LedgerCheck | None
    is_stale: bool
    truths: list[Truth]
    waiting: list[Waiting]
    exceptions: list[Waiting]
    at_providers: list[AtProvider]
    reconciled: list[ReconciliationRun]
    holds: list[HeldByAge]

    @property
    def is_right(self) -> bool:
        """The books are proven right, lately."""
        return bool(self.last and self.last.is_right and not self.is_stale)


def money_health() -> MoneyHealth:
    last = LedgerCheck.objects.first()
    return MoneyHealth(
        last=last,
        is_stale=last is None or last.started_at < timezone.now() - STALE_AFTER,
        truths=_truths(last),
        waiting=_waiting(),
        exceptions=_exceptions(),
        at_providers=_at_providers(),
        reconciled=list(ReconciliationRun.objects.order_by("provider", "-id").distinct("provider")),
        holds=_holds(),
    )


def figures() -> dict[str, Any]:
    """Size and sums of the books, as JSON: `counts` of rows, and `sums` per kind of account and currency."""
    sums = Account.objects.values("kind", "currency").annotate(minor=Sum("balance_minor"), accounts=Count("pk"))
    return {
        "counts": {
            "journals": Journal.objects.count(),
            "lines": Line.objects.count(),
            "accounts": Account.objects.count(),
        },
        "sums": [
            {**row, "minor": int(row["minor"]), "amount": str(Money(int(row["minor"]), row["currency"]))}
            for row in sums.order_by("kind", "currency")
        ],
    }


def _truths(last: LedgerCheck | None) -> list[Truth]:
    checks = last.checks if last else []
    return [Truth(number, text, [one for one in checks if number in one["proves"]]) for number, text in TRUTHS.items()]


def _waiting() -> list[Waiting]:
    refunds = Refund.objects.filter(status=RefundStatus.PENDING)
    return [
        _by_age("Payments without an outcome", "payments_payment", Payment.objects.filter(status__in=OPEN_PAYMENTS)),
        _by_age("Refunds not sent yet", "payments_refund", refunds.filter(refund_id=None)),
        _by_age("Refunds on their way", "payments_refund", refunds.exclude(refund_id=None)),
        _by_age(
            "Refunds that failed", "payments_refund", Refund.objects.filter(status=RefundStatus.FAILED), "updated_at"
        ),
        _by_age("Payouts that have not arrived", "payments_payout", Payout.objects.filter(status__in=RESERVED_PAYOUTS)),
        _by_age(
            "Provider events not processed",
            "payments_providerevent",
            ProviderEvent.objects.filter(processed_at=None),
            "received_at",
        ),
    ]


def _exceptions() -> list[Waiting]:
    rows = ReconciliationException.objects.open()
    kinds = rows.order_by("kind").values_list("kind", flat=True).distinct()
    labels = dict(ReconciliationException._meta.get_field("kind").flatchoices)
    url_name = "payments_reconciliationexception"
    return [_by_age(labels[kind], url_name, rows.filter(kind=kind), "opened_at") for kind in kinds]


def _by_age(label: str, url_name: str, rows: QuerySet[Any], column: str = "created_at") -> Waiting:
    counts = rows.aggregate(
        **{f"n{place}": Count("pk", filter=between) for place, between in enumerate(_between(column, AGES))}
    )
    return Waiting(label, url_name, list(counts.values()))


def _between(column: str, ages: Mapping[str, timedelta]) -> Sequence[Q]:
    """A filter for each age."""
    return [
        (Q(**{f"{column}__gt": after}) if after else Q()) & (Q(**{f"{column}__lte": until}) if until else Q())
        for after, until in _spans(ages)
    ]


def _spans(ages: Mapping[str, timedelta]) -> list[tuple[datetime | None, datetime | None]]:
    """For each age: after when and until when, so that it is younger than that, and not younger than the one before."""
    now = timezone.now()
    limits: list[datetime | None] = [None if age == timedelta.max else now - age for age in ages.values()]
    return list(zip(limits, [None, *limits], strict=False))


def _at_providers() -> list[AtProvider]:
    theirs = _sums(ProviderTransaction.objects.all(), "net_minor", F("provider"))
    ours = {
        (str(provider), currency): -minor
        for provider, kind in CLEARING.items()
        for currency, minor in Account.objects.filter(kind=kind).values_list("currency", "balance_minor")
    }
    explained = _sums(
        ReconciliationException.objects.open().filter(kind__in=MONEY_EXCEPTIONS), "amount_minor", F("provider")
    )
    return [
        AtProvider(
            ProviderName(provider),
            *(Money(sums.get((provider, currency), 0), currency) for sums in (theirs, ours, explained)),
        )
        for provider, currency in sorted({*theirs, *ours, *explained})
    ]


def _sums(rows: QuerySet[Any], column: str, provider: Any) -> dict[tuple[str, str], int]:
    grouped = rows.order_by().values_list(provider, "currency").annotate(minor=Sum(column))
    return {(name, currency): int(minor) for name, currency, minor in grouped}


def _holds() -> list[HeldByAge]:
    held = Hold.objects.filter(held_minor__gt=0)
    found = []
    spans, filters = _spans(AGES_OF_HOLDS), _between("funded_at", AGES_OF_HOLDS)
    for age, (after, until), between in zip(AGES_OF_HOLDS, spans, filters, strict=True):
        sums = held.filter(between).order_by("currency").values_list("currency")
        rows = list(sums.annotate(minor=Sum("held_minor"), count=Count("pk")))
        amounts = [Money(int(minor), currency) for currency, minor, _ in rows]
        found.append(HeldByAge(age, after, until, sum(row[2] for row in rows), amounts))
    return found
