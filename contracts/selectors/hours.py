"""An hourly contract and its weeks as the two sides see them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import User
from chat.hooks import RoomContext
from chat.models import Room
from contracts.models import Contract, Dispute, TimeEntry, Timesheet
from contracts.rules import CONTRACT_LIFECYCLE, ContractStatus
from contracts.rules.time import REVIEWED_WEEKS, WEEK, WORKED_WEEKS, TimesheetStatus, minutes_between, pay_for, week_of
from contracts.selectors.disputes import DisputeView
from contracts.selectors.steps import live_weeks
from contracts.selectors.workspace import Workspace
from core.lifecycle import Badge
from core.money import Money
from payments.rules import Quote, quote


@dataclass
class HourlyWorkspace(Workspace):
    """The same of an hourly contract. Needs `with_parties()`."""

    now: datetime = field(default_factory=timezone.now)  # for what is shown; services ask the database's clock

    @cached_property
    def weeks(self) -> list[Timesheet]:
        """What is not settled, earliest first."""
        return live_weeks(self.contract)

    @property
    def this_week(self) -> Timesheet | None:
        return self._week_from(week_of(self.now))

    @property
    def next_week(self) -> Timesheet | None:
        return self._week_from(week_of(self.now) + WEEK)

    def _week_from(self, monday: date) -> Timesheet | None:
        return next((week for week in self.weeks if week.week_start == monday), None)

    @cached_property
    def moves(self) -> list[str]:
        moves = CONTRACT_LIFECYCLE.available(self.contract.status, self.role)
        hours = TimeEntry.objects.filter(timesheet__contract=self.contract)
        unsettled = any(week.minutes or week.status in WORKED_WEEKS for week in self.weeks)  # type: ignore[attr-defined]
        gone = {"cancel"}  # ending says what becomes of the money, also before any hour
        if unsettled or hours.running().exists():
            gone |= {"end", "complete"}
        if not self.contract.timesheets.filter(status=TimesheetStatus.BILLED).exists():
            gone.add("complete")
        return [name for name in moves if name not in gone]

    @cached_property
    def sums(self) -> dict[str, Money]:
        """Of all weeks: released, held, to be paid in now, and returned; gross."""
        currency = self.contract.currency
        names = ("released_minor", "fee_minor", "held_minor", "refunded_minor")
        sums = self.contract.timesheets.aggregate(**{name: Sum(f"hold__{name}") for name in names})
        released, fee, held, refunded = (Money(sums[name] or 0, currency) for name in names)
        due = self.this_week if self.is_active else None
        return {
            "released": released + fee,
            "held": held,
            "due": due.price if due and due.status == TimesheetStatus.PENDING else Money(0, currency),
            "refunded": refunded,
        }

    @cached_property
    def quote(self) -> Quote:
        """Of one hour."""
        assert self.contract.hourly_rate is not None
        return quote(self.contract.hourly_rate, self.contract.fee_bps)

    @cached_property
    def running(self) -> TimeEntry | None:
        """The freelancer's timer, on whatever contract."""
        timers = TimeEntry.objects.running().filter(freelancer=self.contract.freelancer_id)
        return timers.select_related("timesheet__contract").first()


def workspace_of(contract: Contract, reader: User, *, reviewed: bool = False) -> Workspace:
    """Needs `with_parties()`."""
    kind = HourlyWorkspace if contract.is_hourly else Workspace
    return kind(contract, reader, reviewed=reviewed)


class HoursRow(NamedTuple):
    """An entry with its minutes so far, and whether the reader may change it."""

    entry: TimeEntry
    minutes: int
    can_change: bool


class Day(NamedTuple):
    """The entries that begin on a day of the reader's own calendar."""

    date: date
    rows: list[HoursRow]

    @property
    def minutes(self) -> int:
        return sum(row.minutes for row in self.rows)


@dataclass
class WeekView:
    """One week as one of the two sides sees it, with its hours so far."""

    week: Timesheet
    reader: User
    now: datetime

    @cached_property
    def entries(self) -> list[TimeEntry]:
        entries = list(self.week.entries.all())
        for entry in entries:
            entry.timesheet = self.week
        return entries

    @property
    def is_client(self) -> bool:
        return self.week.contract.client_id == self.reader.pk

    @cached_property
    def running(self) -> TimeEntry | None:
        return next((entry for entry in self.entries if entry.is_running), None)

    @cached_property
    def finished_minutes(self) -> int:
        return sum(entry.minutes for entry in self.entries)

    @cached_property
    def minutes(self) -> int:
        """With the running timer, which ends by itself at the cap and with the week."""
        return self.finished_minutes + (self.minutes_of(self.running) if self.running else 0)

    def minutes_of(self, entry: TimeEntry) -> int:
        if not entry.is_running:
            return entry.minutes
        measured = minutes_between(entry.started_at, min(self.now, self.week.ends_at))
        return max(0, min(measured, self.week.cap_minutes - self.finished_minutes))

    @property
    def room(self) -> int:
        return self.week.cap_minutes - self.minutes

    @cached_property
    def rejected(self) -> list[TimeEntry]:
        return [entry for entry in self.entries if entry.rejected_at]

    @cached_property
    def quote(self) -> Quote:
        """What the hours come to."""
        return quote(pay_for(self.minutes, self.week.rate), self.week.contract.fee_bps)

    @property
    def most(self) -> Quote:
        """What all hours of its limit come to."""
        return quote(self.week.price, self.week.contract.fee_bps)

    @property
    def comes_back(self) -> Money:
        """What is held for time that was not worked."""
        return max(self.week.price - self.quote.gross, Money(0, self.week.currency))

    @cached_property
    def days(self) -> list[Day]:
        """The days of the week by the reader's calendar, also empty ones: seven, and away from UTC an eighth with hours."""
        first, last = (
            timezone.localtime(moment).date()
            for moment in (self.week.starts_at, self.week.ends_at - timedelta(minutes=1))
        )
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        by_day: dict[date, list[HoursRow]] = {day: [] for day in days}
        for entry in self.entries:
            row = HoursRow(entry, self.minutes_of(entry), self.can_change(entry))
            by_day[timezone.localtime(entry.started_at).date()].append(row)
        if len(days) > WEEK.days:  # a few hours of it belong to the week, at one end
            is_east = timezone.localtime(self.week.starts_at).hour < 12
            edge = last if is_east else first
            if not by_day[edge]:
                del by_day[edge]
        return [Day(day, rows) for day, rows in by_day.items()]

    @property
    def can_log(self) -> bool:
        """Whether the reader may add hours now."""
        return (
            not self.is_client
            and self.week.status == TimesheetStatus.OPEN
            and self.week.contract.status == ContractStatus.ACTIVE
            and self.week.starts_at <= self.now < self.week.edits_until
        )

    def can_change(self, entry: TimeEntry) -> bool:
        if self.is_client:
            return False
        if self.week.status == TimesheetStatus.OPEN:
            return self.now < self.week.edits_until
        is_late = self.now > self.week.review_until
        return self.week.status == TimesheetStatus.RETURNED and entry.rejected_at is not None and not is_late

    @property
    def can_send(self) -> bool:
        may = self.week.status in {TimesheetStatus.OPEN, TimesheetStatus.RETURNED}
        has_hours = bool(self.finished_minutes) or self.week.status == TimesheetStatus.RETURNED
        return not self.is_client and may and has_hours and self.running is None

    @property
    def can_approve(self) -> bool:
        is_contested = self.week.status == TimesheetStatus.CONTESTED and not self.live_dispute
        return self.is_client and (self.week.status in REVIEWED_WEEKS or is_contested)

    @property
    def can_concede(self) -> bool:
        return not self.is_client and self.week.status == TimesheetStatus.CONTESTED and not self.live_dispute

    @cached_property
    def disputes(self) -> list[DisputeView]:
        """About these hours, the newest first."""
        about = Dispute.objects.filter(hold=self.week.hold_id) if self.week.hold_id else []
        for dispute in about:
            dispute.contract = self.week.contract
        return [DisputeView(dispute, self.reader) for dispute in about]

    @property
    def live_dispute(self) -> Dispute | None:
        return next((view.dispute for view in self.disputes if view.dispute.is_live), None)

    @property
    def disputable(self) -> Money:
        """What is held for the hours."""
        held = self.week.hold.held if self.week.hold else Money(0, self.week.currency)
        return held if self.week.status == TimesheetStatus.CONTESTED else min(self.quote.gross, held)

    @property
    def can_dispute(self) -> bool:
        if self.live_dispute or not self.disputable:
            return False
        in_review = self.week.status in REVIEWED_WEEKS and self.now <= self.week.review_until
        return self.week.status == TimesheetStatus.CONTESTED or (self.is_client and in_review)

    @property
    def badge(self) -> Badge:
        """Brass only for what waits for the reader."""
        badge = self.week.badge
        mine = {TimesheetStatus.SUBMITTED: self.is_client, TimesheetStatus.RETURNED: not self.is_client}
        return badge if mine.get(TimesheetStatus(self.week.status), True) else badge._replace(tone="info")


def settled_weeks(contract: Contract) -> QuerySet[Timesheet]:
    """What is behind, newest first, with minutes and hold; weeks that were never used are left out."""
    return (
        contract.timesheets.filter(status__in=[TimesheetStatus.BILLED, TimesheetStatus.REFUNDED])
        .with_sums()
        .select_related("hold")
    )


def room_context(reader: User, room: Room) -> RoomContext | None:
    """What chat shows beside the conversation of a contract."""
    mine = Contract.objects.visible_to(reader).prefetch_related("milestones__hold").with_weeks()
    contract = mine.filter(room=room).first()
    if contract is None:
        return None
    sums = workspace_of(contract, reader).sums
    facts = [(label, sums[kind]) for kind, label in (("held", "Held"), ("due", "To pay in"), ("released", "Released"))]
    shown = [(label, amount) for label, amount in facts if amount]
    return RoomContext(contract.title, contract.badge, shown, reverse("contracts:money", args=[contract.pk]))
