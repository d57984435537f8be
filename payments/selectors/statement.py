"""A person's statement: one account, one month, every line adding up to the balance beside it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from accounts.models import User
from core.money import Money, total
from payments.errors import SettlementMismatch
from payments.models import Line
from payments.querysets import LineQuerySet
from payments.rules import AccountKind, JournalKind, Quote

MAX_LINES = 500
MONTHS_OF_EARNINGS = 12


class Statement(NamedTuple):
    """The lines of `month` (its first moment), newest first.

    `opening` is the balance before the first of them; `released` what clients released in the month, if they did;
    `months` are all that have lines, newest first.
    """

    kind: AccountKind
    month: datetime
    months: list[datetime]
    lines: list[Line]
    opening: Money
    released: Quote | None


class Booked(NamedTuple):
    """A line, and the balance after it among the lines in the order of time."""

    line: Line
    balance: Money


class MonthStatement(NamedTuple):
    """opening + the amounts of the lines = closing."""

    kind: AccountKind
    month: datetime
    opening: Money
    lines: list[Booked]
    closing: Money


class Earned(NamedTuple):
    """What was released in a month, after the fee."""

    month: datetime
    net: Money


def statement(user: User, kind: AccountKind, currency: str, wanted: datetime | None = None) -> Statement | None:
    """The month `wanted`, or else the latest that has lines. None if nothing ever happened on the account."""
    account = _account_lines(user, kind, currency)
    months = list(account.datetimes("journal__created_at", "month", order="DESC"))
    if not months:
        return None
    month = wanted if wanted in months else months[0]
    in_month = account.filter(journal__created_at__gte=month, journal__created_at__lt=next_month(month))
    lines = list(in_month.with_story()[:MAX_LINES])
    first = lines[-1]
    return Statement(kind, month, months, lines, first.balance_after - first.amount, _released(lines, currency))


def month_statement(user: User, kind: AccountKind, currency: str, month: datetime) -> MonthStatement:
    """The whole of one month, oldest line first, for paper and spreadsheets.

    It is added up again from every line of the account; if that is not the balance which the database keeps, there is
    no statement but a SettlementMismatch.
    """
    account = _account_lines(user, kind, currency)
    newest = account.first()
    nothing = Money(0, currency)
    if newest is None:
        return MonthStatement(kind, month, nothing, [], nothing)
    known = account.filter(pk__lte=newest.pk)  # what comes in while we read is of another statement
    end = next_month(month)
    before = known.filter(journal__created_at__lt=month).aggregate(sum=Sum("amount_minor", default=0))["sum"]
    after = known.filter(journal__created_at__gte=end).aggregate(sum=Sum("amount_minor", default=0))["sum"]
    in_month = known.filter(journal__created_at__gte=month, journal__created_at__lt=end)
    lines = []
    balance = opening = Money(before, currency)
    for line in in_month.with_story().order_by("journal__created_at", "id"):
        balance = balance + line.amount
        lines.append(Booked(line, balance))
    if balance + Money(after, currency) != newest.balance_after:
        raise SettlementMismatch(f"the {kind} statement of person {user.pk} for {month:%Y-%m} does not add up")
    return MonthStatement(kind, month, opening, lines, balance)


def statement_months(user: User, kind: AccountKind, currency: str) -> list[datetime]:
    """The months in which something happened on the account, newest first."""
    return list(_account_lines(user, kind, currency).datetimes("journal__created_at", "month", order="DESC"))


def earnings(user: User, currency: str) -> list[Earned]:
    """The last twelve months, oldest first, those without earnings as well. Empty if there never were any in them."""
    months = _last_months(MONTHS_OF_EARNINGS)
    rows = (
        _account_lines(user, AccountKind.AVAILABLE, currency)
        .filter(journal__kind=JournalKind.RELEASE, journal__created_at__gte=months[0])
        .annotate(month=TruncMonth("journal__created_at"))
        .order_by()
        .values_list("month")
        .annotate(net=Sum("amount_minor"))
    )
    net = dict(rows)
    return [Earned(month, Money(net.get(month, 0), currency)) for month in months] if net else []


def _account_lines(user: User, kind: AccountKind, currency: str) -> LineQuerySet:
    return Line.objects.visible_to(user).filter(account__kind=kind, account__currency=currency).order_by("-id")


def _released(lines: Iterable[Line], currency: str) -> Quote | None:
    figures = [line.figures for line in lines if line.figures]
    if not figures:
        return None
    return Quote(
        total((each.gross for each in figures), currency),
        total((each.fee for each in figures), currency),
        total((each.net for each in figures), currency),
    )


def next_month(month: datetime) -> datetime:
    """The first moment of the month after, in the reader's time zone."""
    later = month.replace(tzinfo=None) + timedelta(days=32)
    return timezone.make_aware(later.replace(day=1))


def _last_months(count: int) -> list[datetime]:
    month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    months = [month]
    while len(months) < count:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return [timezone.make_aware(each) for each in reversed(months)]
