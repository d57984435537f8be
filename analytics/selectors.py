"""Numbers of the whole marketplace for the staff console."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Appeal, IdentityCheck, User
from contracts.models import Contract, Dispute, MilestoneEvent
from core.money import Money
from gigs.models import Gig, GigEvent
from gigs.rules import GigStatus
from payments.models import Account, Hold, ProviderEvent, ReconciliationException, Refund
from payments.rules import AccountKind, RefundStatus
from projects.models import Project, Proposal
from projects.rules import ProjectStatus

PERIOD_DAYS = 30


class Figure(NamedTuple):
    """One number, what it counts, and the console page behind it."""

    label: str
    value: str
    note: str = ""
    url_name: str = ""


class Series(NamedTuple):
    """A line of a chart: one value for each of its days."""

    label: str
    values: list[int]


def days(today: date | None = None) -> list[date]:
    """The last PERIOD_DAYS days, oldest first, today included."""
    last = today or timezone.now().date()
    return [last - timedelta(days=back) for back in range(PERIOD_DAYS - 1, -1, -1)]


def activity(today: date | None = None) -> list[Series]:
    """What happened on each of these days."""
    span = days(today)
    return [
        Series("Proposals sent", _per_day(Proposal.objects.all(), span)),
        Series("Hires", _per_day(Contract.objects.all(), span, "started_at")),
        Series("Gigs accepted", _per_day(GigEvent.objects.filter(move="accept"), span)),
        Series("Milestones released", _per_day(MilestoneEvent.objects.filter(move="release"), span)),
    ]


def _per_day(rows: QuerySet[Any], span: list[date], column: str = "created_at") -> list[int]:
    counts = dict(
        rows.filter(**{f"{column}__date__gte": span[0]})
        .annotate(day=TruncDate(column))
        .order_by()
        .values_list("day")
        .annotate(count=Count("pk"))
    )
    return [counts.get(day, 0) for day in span]


def figures() -> list[Figure]:
    since = timezone.now() - timedelta(days=PERIOD_DAYS)
    people = User.objects.active()
    return [
        Figure(
            "People", f"{people.count():,}", f"{people.filter(date_joined__gte=since).count():,} new", "accounts_user"
        ),
        Figure(
            "Open projects",
            f"{Project.objects.filter(status=ProjectStatus.OPEN).count():,}",
            f"{Project.objects.filter(published_at__gte=since).count():,} posted",
            "projects_project",
        ),
        Figure(
            "Running contracts",
            f"{Contract.objects.running().count():,}",
            f"{Contract.objects.filter(ended_at__gte=since).count():,} ended",
            "contracts_contract",
        ),
        Figure(
            "Open gigs",
            f"{Gig.objects.filter(status=GigStatus.PENDING).count():,}",
            f"{Gig.objects.filter(completed_at__gte=since).count():,} done",
            "gigs_gig",
        ),
    ]


def waiting() -> list[Figure]:
    """What needs somebody's hand."""
    return [
        Figure(
            "Refunds that failed",
            str(Refund.objects.filter(status=RefundStatus.FAILED).count()),
            url_name="payments_refund",
        ),
        Figure(
            "Provider events not processed",
            str(ProviderEvent.objects.filter(processed_at=None).count()),
            url_name="payments_providerevent",
        ),
        Figure("Disputes to decide", str(Dispute.objects.in_mediation().count()), url_name="contracts_dispute"),
        Figure(
            "Money that does not match",
            str(ReconciliationException.objects.open().count()),
            url_name="payments_reconciliationexception",
        ),
        Figure("Appeals to decide", str(Appeal.objects.waiting().count()), url_name="accounts_appeal"),
        Figure("Documents to look at", str(IdentityCheck.objects.waiting().count()), url_name="accounts_identitycheck"),
    ]


class MoneyRow(NamedTuple):
    """The books in one currency."""

    held: Money
    released: Money
    fees: Money
    refunded: Money


def money() -> list[MoneyRow]:
    """Held now, and released, earned in fees and refunded ever, for each currency, from holds and the fee accounts."""
    sums = Hold.objects.values("currency").annotate(
        held=Sum("held_minor"), released=Sum("released_minor"), refunded=Sum("refunded_minor")
    )
    fees = dict(Account.objects.filter(kind=AccountKind.FEES).values_list("currency", "balance_minor"))
    return [_row(row, fees.get(row["currency"], 0)) for row in sums.order_by("currency")]


def _row(row: dict[str, Any], fees: int) -> MoneyRow:
    currency = row["currency"]
    return MoneyRow(
        Money(row["held"], currency),
        Money(row["released"], currency),
        Money(fees, currency),
        Money(row["refunded"], currency),
    )
