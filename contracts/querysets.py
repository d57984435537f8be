"""Named filters of contracts and milestones."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Prefetch, Q, Sum
from django.db.models.functions import Coalesce

from contracts.rules import ContractStatus, MilestoneStatus
from contracts.rules.time import REVIEWED_WEEKS, UNSETTLED_WEEKS, ContractKind, TimesheetStatus

if TYPE_CHECKING:
    from accounts.models import User


class ContractQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(client=user) | Q(freelancer=user))

    def running(self) -> Self:
        return self.filter(status__in=[ContractStatus.ACTIVE, ContractStatus.PAUSED, ContractStatus.DISPUTED])

    def with_parties(self) -> Self:
        """Everything that a list or the page of a contract shows, in a fixed number of queries."""
        return self.select_related(
            "client__client_profile", "freelancer__freelancer_profile", "project", "room"
        ).prefetch_related("milestones__hold", "milestones__submissions__files")

    def with_weeks(self) -> Self:
        """Also `live_weeks`: the unsettled weeks of hourly contracts, earliest first, with their minutes and hold."""
        weeks: Any = self.model._meta.get_field("timesheets").related_model
        live = weeks.objects.unsettled().with_sums().select_related("hold").order_by("week_start")
        return self.prefetch_related(Prefetch("timesheets", queryset=live, to_attr="live_weeks"))

    def taking_hours(self) -> Self:
        """Hourly ones on which somebody may be working."""
        return self.filter(kind=ContractKind.HOURLY, status=ContractStatus.ACTIVE)


class MilestoneQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(contract__client=user) | Q(contract__freelancer=user))

    def with_work(self) -> Self:
        return self.select_related("contract", "hold").prefetch_related("submissions__files")

    def due_for_release(self, now: Any) -> Self:
        """Handed in, and the time to answer has passed."""
        return self.filter(
            status=MilestoneStatus.SUBMITTED,
            release_at__lte=now,
            contract__status=ContractStatus.ACTIVE,
        )


class TimesheetQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(contract__client=user) | Q(contract__freelancer=user))

    def unsettled(self) -> Self:
        return self.filter(status__in=UNSETTLED_WEEKS)

    def with_sums(self) -> Self:
        """Newest first, with `minutes` and `rejected_minutes` of finished entries, and `entry_count`."""
        return self.annotate(
            minutes=Coalesce(Sum("entries__minutes"), 0),
            rejected_minutes=Coalesce(Sum("entries__minutes", filter=Q(entries__rejected_at__isnull=False)), 0),
            entry_count=Count("entries"),
        ).order_by("-week_start", "-id")

    def to_send(self, now: datetime) -> Self:
        """Their time to be written down has passed."""
        return self.filter(status__in=[TimesheetStatus.PENDING, TimesheetStatus.OPEN], edits_until__lte=now)

    def to_bill(self, now: datetime) -> Self:
        """The time to review them has passed, and no dispute keeps their money."""
        return self.filter(status__in=REVIEWED_WEEKS, review_until__lt=now, hold__frozen_at__isnull=True)


class TimeEntryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(timesheet__contract__client=user) | Q(timesheet__contract__freelancer=user))

    def running(self) -> Self:
        return self.filter(ended_at=None)

    def with_week(self) -> Self:
        return self.select_related("timesheet__contract")
