"""Named filters of contracts, milestones and what belongs to them."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Prefetch, Q, Sum, Value
from django.db.models.functions import Coalesce, Now

from contracts.rules import (
    HELD_MILESTONES,
    LIVE_DISPUTES,
    RUNNING_CONTRACTS,
    ChangeStatus,
    ContractStatus,
    DisputeStatus,
    MilestoneStatus,
    RefundRequestStatus,
)
from contracts.rules import dispute as disputes
from contracts.rules.clocks import REMIND_AFTER, REMIND_BEFORE
from contracts.rules.time import FUND_UNASKED, REVIEWED_WEEKS, UNSETTLED_WEEKS, WEEK, ContractKind, TimesheetStatus
from payments.rules import HOLD_ENDS, HoldStatus

if TYPE_CHECKING:
    from accounts.models import User


class ContractQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(client=user) | Q(freelancer=user))

    def running(self) -> Self:
        return self.filter(status__in=RUNNING_CONTRACTS)

    def with_parties(self) -> Self:
        """Everything that a list or the page of a contract shows, in a fixed number of queries."""
        parties = self.select_related("client__client_profile", "freelancer__freelancer_profile", "project", "room")
        return parties.with_weeks().prefetch_related(
            "milestones__hold",
            "milestones__submissions__files",
            "milestones__refund_requests",
            "changes",
            "disputes__milestone",
            "reviews",  # by its reverse name: reviews stands above contracts
        )

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
        return self.select_related("contract", "hold").prefetch_related(
            "submissions__files", "contract__changes", "refund_requests"
        )

    def agreed(self) -> Self:
        return self.filter(agreed_at__isnull=False)

    def due_for_release(self, now: Any) -> Self:
        """Handed in, and the time to answer has passed."""
        return self.filter(
            status=MilestoneStatus.SUBMITTED,
            release_at__lte=now,
            contract__status=ContractStatus.ACTIVE,
            hold__frozen_at__isnull=True,
        )

    def unanswered(self) -> Self:
        """Handed in, and time is left to answer."""
        return self.filter(
            status=MilestoneStatus.SUBMITTED, release_at__gt=Now(), contract__status=ContractStatus.ACTIVE
        )

    def due_for_early_reminder(self) -> Self:
        """Five days have passed since the hand-in, and the later reminder is not due."""
        passed = ExpressionWrapper(
            F("contract__approval_days") * Value(timedelta(days=1)) - Value(REMIND_AFTER), output_field=DurationField()
        )
        waiting = self.unanswered().filter(release_at__gt=Now() + REMIND_BEFORE, release_at__lte=Now() + passed)
        return waiting.exclude(self._told("early_reminder"))

    def due_for_late_reminder(self) -> Self:
        """In two days silence is approval."""
        return self.unanswered().filter(release_at__lte=Now() + REMIND_BEFORE).exclude(self._told("late_reminder"))

    def held_for(self, period: timedelta) -> Self:
        """Some of its money has been held for so long."""
        return self.filter(status__in=HELD_MILESTONES, hold__held_minor__gt=0, hold__funded_at__lte=Now() - period)

    def due_for_notice(self, kind: str, period: timedelta) -> Self:
        """Held for so long, and not told yet."""
        return self.held_for(period).exclude(Exists(self._notices.filter(milestone=OuterRef("pk"), kind=kind)))

    def at_hold_limit(self) -> Self:
        """To be settled now. Disputed money waits for the outcome, and so does a rest that goes with it."""
        return self.held_for(HOLD_ENDS).filter(hold__frozen_at__isnull=True, rolled_into__hold__frozen_at__isnull=True)

    def _told(self, kind: str) -> Exists:
        """A reminder of that kind was sent since the latest hand-in."""
        return Exists(
            self._notices.filter(milestone=OuterRef("pk"), kind=kind, created_at__gte=OuterRef("submitted_at"))
        )

    @property
    def _notices(self) -> models.QuerySet[Any]:
        return self.model._meta.get_field("notices").related_model.objects.all()


class ChangeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(contract__client=user) | Q(contract__freelancer=user))

    def open(self) -> Self:
        return self.filter(status=ChangeStatus.PROPOSED)


class RefundRequestQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(milestone__contract__client=user) | Q(milestone__contract__freelancer=user))

    def open(self) -> Self:
        return self.filter(status=RefundRequestStatus.OPEN)

    def unanswered(self) -> Self:
        """The time to answer has passed, by the database's clock."""
        return self.open().filter(
            answer_by__lte=Now(),
            milestone__contract__status=ContractStatus.ACTIVE,
            milestone__hold__frozen_at__isnull=True,
        )


class BonusQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        """The client's; of the freelancer's those that were paid."""
        paid = Q(contract__freelancer=user, hold__status=HoldStatus.RELEASED)
        return self.filter(Q(contract__client=user) | paid)

    def paid(self) -> Self:
        return self.filter(hold__status=HoldStatus.RELEASED)


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

    def to_ask_for(self, week: date, now: datetime) -> Self:
        """That week, where it is not paid in although work goes on: the one before it was, or it is the first."""
        last = Q(week_start=week - WEEK, status__in=[TimesheetStatus.PENDING, TimesheetStatus.CANCELLED])
        return self.filter(
            status=TimesheetStatus.PENDING,
            week_start=week,
            contract__status=ContractStatus.ACTIVE,
            contract__started_at__lte=now - FUND_UNASKED,
        ).exclude(Exists(self.model.objects.filter(last, contract=OuterRef("contract"))))

    def to_bill(self, now: datetime) -> Self:
        """The time to review them has passed, and no dispute keeps their money."""
        return self.filter(status__in=REVIEWED_WEEKS, review_until__lt=now, hold__frozen_at__isnull=True)

    def contested_for(self, period: timedelta, now: datetime) -> Self:
        """Not agreed and not in dispute, though their money has been held for so long."""
        return self.filter(
            status=TimesheetStatus.CONTESTED, hold__frozen_at__isnull=True, hold__funded_at__lte=now - period
        )


class TimeEntryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(timesheet__contract__client=user) | Q(timesheet__contract__freelancer=user))

    def running(self) -> Self:
        return self.filter(ended_at=None)

    def with_week(self) -> Self:
        return self.select_related("timesheet__contract")


class DisputeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(contract__client=user) | Q(contract__freelancer=user))

    def live(self) -> Self:
        return self.filter(status__in=LIVE_DISPUTES)

    def ended(self) -> Self:
        return self.exclude(status__in=LIVE_DISPUTES)

    def overdue(self, now: Any) -> Self:
        """Nobody answered, or decided, in time."""
        return self.filter(Q(answer_by__lte=now) | Q(mediation_by__lte=now))

    def to_warn(self, now: Any) -> Self:
        """Whose deadline is near, of which nobody was told."""
        near = Q(answer_by__lte=now + disputes.REMIND_BEFORE) | Q(mediation_by__lte=now + disputes.ALARM_BEFORE)
        return self.filter(near, warned_at=None)

    def awaiting(self, user: "User") -> Self:
        """In which this person's answer is missing: the other side's to the claim, the opener's to a counter-offer."""
        mine = Q(status=DisputeStatus.ANSWERED, opener=user) | (Q(status=DisputeStatus.OPEN) & ~Q(opener=user))
        return self.visible_to(user).filter(mine)

    def in_mediation(self) -> Self:
        """The staff's queue, the nearest deadline first."""
        return self.filter(status=DisputeStatus.MEDIATION).order_by("mediation_by", "id")

    def open_first(self) -> Self:
        """Those that run, the nearest deadline first; then those that ended, the newest first."""
        return self.order_by(Coalesce("answer_by", "mediation_by").asc(nulls_last=True), "-id")

    def with_parties(self) -> Self:
        """What a list of them shows."""
        return self.select_related("contract__client", "contract__freelancer", "milestone", "hold__timesheet", "opener")

    def with_record(self) -> Self:
        """Everything that a page of it shows, in a fixed number of queries."""
        return self.with_parties().prefetch_related("offers__by", "evidence__by", "evidence__files")


class DisputeOfferQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        return self.filter(ended_at=None)


class DisputeDecisionQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """For a second member of staff."""
        return self.filter(confirmed_at=None, refused_at=None)
