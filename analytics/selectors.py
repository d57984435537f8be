"""Numbers of the whole marketplace for the staff console."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Appeal, IdentityCheck, User
from contracts.models import Contract, Dispute, MilestoneEvent, Timesheet
from contracts.rules import DisputeStatus
from contracts.rules.time import TimesheetStatus
from core.money import Money
from gigs.models import Gig, GigEvent
from gigs.rules import GigStatus
from payments.models import Account, Chargeback, Hold, Payout, ProviderEvent, ReconciliationException, Refund
from payments.rules import ANSWERABLE, HOLD_QUEUE, AccountKind, PayoutStatus, RefundStatus
from projects.models import Project, Proposal
from projects.rules import ProjectStatus

PERIOD_DAYS = 30


class Figure(NamedTuple):
    """One number, what it counts, and the console page behind it, with its filters."""

    label: str
    value: str
    note: str = ""
    url_name: str = ""
    only: Mapping[str, Any] | None = None


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
    disputes = Dispute.objects.in_mediation()
    payouts = Payout.objects.filter(status=PayoutStatus.AWAITING_APPROVAL)
    chargebacks = Chargeback.objects.filter(status__in=ANSWERABLE, evidence_asked_at=None, accepted_at=None)
    hours = Timesheet.objects.filter(status=TimesheetStatus.CONTESTED, hold__frozen_at=None)
    exceptions = ReconciliationException.objects.open()
    failed = Refund.objects.filter(status=RefundStatus.FAILED)
    events = ProviderEvent.objects.filter(processed_at=None)
    return [
        _count("Disputes to decide", "contracts_dispute", disputes, status__exact=DisputeStatus.MEDIATION),
        _count("Payouts to approve", "payments_payout", payouts, status__exact=PayoutStatus.AWAITING_APPROVAL),
        _count("Chargebacks to answer", "payments_chargeback", chargebacks),
        _count("Hours that are not agreed", "contracts_timesheet", hours, status__exact=TimesheetStatus.CONTESTED),
        _count("Money that does not match", "payments_reconciliationexception", exceptions, resolved_at__isempty=1),
        _count("Funds held for 85 days and more", "payments_hold", Hold.objects.held_for(HOLD_QUEUE), held_for=85),
        _count("Refunds that failed", "payments_refund", failed, status__exact=RefundStatus.FAILED),
        _count("Provider events not processed", "payments_providerevent", events, processed_at__isempty=1),
        _count("Appeals to decide", "accounts_appeal", Appeal.objects.waiting()),
        _count("Documents to look at", "accounts_identitycheck", IdentityCheck.objects.waiting()),
    ]


def _count(label: str, url_name: str, rows: QuerySet[Any], **only: Any) -> Figure:
    return Figure(label, f"{rows.count():,}", url_name=url_name, only=only)


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
