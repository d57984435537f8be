"""Weeks of hourly work, and the stretches of time in them."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from contracts.querysets import TimeEntryQuerySet, TimesheetQuerySet
from contracts.rules.clocks import hold_ends_at
from contracts.rules.time import TIMESHEET_LIFECYCLE, TimesheetStatus, end_of, pay_for, start_of
from core.lifecycle import Badge, LifecycleEvent
from core.money import EXPONENTS, Money


class Timesheet(models.Model):
    """One week of an hourly contract, from being paid in to being paid out. Rate and cap are the week's own.

    A CHECK says that time can only be logged, sent and approved while the week's money has been held.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="timesheets")
    week_start = models.DateField(help_text="A Monday; the week is Monday to Sunday in UTC.")
    rate_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    cap_minutes = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=TimesheetStatus, default=TimesheetStatus.PENDING, editable=False)
    hold = models.OneToOneField(
        "payments.Hold", null=True, blank=True, on_delete=models.PROTECT, related_name="timesheet"
    )
    edits_until = models.DateTimeField()
    review_until = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    billed_at = models.DateTimeField(null=True, blank=True, editable=False)
    billed_minor = models.BigIntegerField(default=0, editable=False, help_text="Gross, what was released.")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = TimesheetQuerySet.as_manager()

    class Meta:
        ordering = ["-week_start", "-id"]
        indexes = [
            models.Index(
                fields=["edits_until"], condition=Q(status__in=["pending", "open"]), name="contracts_week_to_send"
            ),
            models.Index(
                fields=["review_until"],
                condition=Q(status__in=["submitted", "returned"]),
                name="contracts_week_to_bill",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["contract", "week_start"], name="contracts_timesheet_week_once"),
            models.CheckConstraint(
                condition=Q(status__in=TimesheetStatus.values), name="contracts_timesheet_status_known"
            ),
            models.CheckConstraint(condition=Q(week_start__iso_week_day=1), name="contracts_timesheet_from_monday"),
            models.CheckConstraint(condition=Q(rate_minor__gt=0), name="contracts_timesheet_rate_positive"),
            models.CheckConstraint(
                condition=Q(cap_minutes__gt=0, cap_minutes__lte=7 * 24 * 60), name="contracts_timesheet_cap_sane"
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(EXPONENTS)), name="contracts_timesheet_currency_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "cancelled"]) | Q(hold__isnull=False),
                name="contracts_timesheet_held_before_work",
            ),
            models.CheckConstraint(
                condition=Q(status="billed", billed_at__isnull=False)
                | (~Q(status="billed") & Q(billed_at__isnull=True)),
                name="contracts_timesheet_billed_at_when_billed",
            ),
            models.CheckConstraint(condition=Q(billed_minor__gte=0), name="contracts_timesheet_billed_not_negative"),
        ]

    def __str__(self) -> str:
        return f"Week of {self.week_start:%-d %B %Y}"

    @property
    def name(self) -> str:
        """Within a sentence."""
        return f"week of {self.week_start:%-d %B %Y}"

    @property
    def rate(self) -> Money:
        return Money(self.rate_minor, self.currency)

    @property
    def price(self) -> Money:
        """What the whole week is paid in with: the cap at the week's rate."""
        return pay_for(self.cap_minutes, self.rate)

    @property
    def worth(self) -> Money:
        """What its hours come to. Needs `with_sums()`."""
        return pay_for(self.minutes, self.rate)  # type: ignore[attr-defined]  # by with_sums

    @property
    def billed(self) -> Money:
        return Money(self.billed_minor, self.currency)

    @property
    def starts_at(self) -> datetime:
        return start_of(self.week_start)

    @property
    def ends_at(self) -> datetime:
        return end_of(self.week_start)

    @property
    def held_until(self) -> datetime | None:
        """When what is held can be held no longer; None before the week is paid in."""
        return hold_ends_at(self.hold.funded_at) if self.hold and self.hold.funded_at else None

    @property
    def badge(self) -> Badge:
        return TIMESHEET_LIFECYCLE.badge(self.status)


class TimesheetEvent(LifecycleEvent):
    timesheet = models.ForeignKey(Timesheet, on_delete=models.CASCADE, related_name="events")


class TimeEntry(models.Model):
    """A stretch of work, in whole minutes, within one week. Without an end, its timer runs.

    The database lets no two stretches of one person overlap; a running timer reaches into all the future.
    """

    timesheet = models.ForeignKey(Timesheet, on_delete=models.PROTECT, related_name="entries")
    freelancer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="time_entries")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    minutes = models.GeneratedField(
        expression=Func(
            F("ended_at"),
            F("started_at"),
            template="coalesce(extract(epoch FROM %(expressions)s)::integer / 60, 0)",
            arg_joiner=" - ",
        ),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    memo = models.CharField(max_length=500, blank=True)
    is_manual = models.BooleanField(default=False, help_text="Written down afterwards, not measured by the timer.")
    rejection = models.CharField(max_length=500, blank=True, help_text="Why the client does not agree.")
    rejected_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = TimeEntryQuerySet.as_manager()

    class Meta:
        ordering = ["started_at", "id"]
        verbose_name_plural = "time entries"
        constraints = [
            ExclusionConstraint(
                name="contracts_timeentry_no_overlap",
                expressions=[
                    (F("freelancer"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("started_at"),
                            F("ended_at"),
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.UniqueConstraint(
                fields=["freelancer"], condition=Q(ended_at__isnull=True), name="contracts_timeentry_one_running"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="contracts_timeentry_forwards",
            ),
            models.CheckConstraint(
                condition=Q(started_at__second=0) & (Q(ended_at__isnull=True) | Q(ended_at__second=0)),
                name="contracts_timeentry_whole_minutes",
            ),
            models.CheckConstraint(
                condition=Q(rejected_at__isnull=True, rejection="") | (Q(rejected_at__isnull=False) & ~Q(rejection="")),
                name="contracts_timeentry_rejected_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.memo or f"Time entry {self.pk}"

    @property
    def is_running(self) -> bool:
        return self.ended_at is None
