"""Reads that span models, and what the pages of a contract say."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.hooks import Exported, Tie
from accounts.models import Upload, User
from chat.hooks import RoomContext
from chat.models import Room
from contracts.models import (
    Contract,
    ContractEvent,
    Milestone,
    MilestoneEvent,
    Submission,
    TimeEntry,
    Timesheet,
    TimesheetEvent,
)
from contracts.policies import role_in
from contracts.rules import CONTRACT_LIFECYCLE, HELD_MILESTONES, WORKED_ON, ContractStatus, MilestoneStatus
from contracts.rules.time import (
    FUND_AHEAD_FROM,
    WEEK,
    WORKED_WEEKS,
    TimesheetStatus,
    minutes_between,
    week_of,
)
from core.lifecycle import Badge, LifecycleEvent
from core.money import Money, price_of_time, total
from payments.rules import Quote, quote


def history(contract: Contract) -> list[LifecycleEvent]:
    """Every move of the contract and of its milestones or weeks, oldest first, with actor (and milestone, week) loaded."""
    events: list[LifecycleEvent] = [
        *ContractEvent.objects.filter(contract=contract).select_related("actor"),
        *MilestoneEvent.objects.filter(milestone__contract=contract).select_related("actor", "milestone"),
        *TimesheetEvent.objects.filter(timesheet__contract=contract)
        .exclude(move="open")
        .select_related("actor", "timesheet"),
    ]
    return sorted(events, key=attrgetter("created_at"))


def files(contract: Contract) -> QuerySet[Upload]:
    """Everything handed in or sent in the contract's chat, newest first."""
    handed_in = Upload.objects.filter(submissions__milestone__contract=contract)
    sent = Upload.objects.filter(messages__room=contract.room_id, messages__deleted_at=None)
    return (handed_in | sent).select_related("owner").distinct().order_by("-id")


def room_context(reader: User, room: Room) -> RoomContext | None:
    """What chat shows beside the conversation of a contract."""
    mine = Contract.objects.visible_to(reader).prefetch_related("milestones__hold").with_weeks()
    contract = mine.filter(room=room).first()
    if contract is None:
        return None
    sums = workspace_of(contract, reader).sums
    facts = [(label, sums[kind]) for kind, label in (("held", "Held"), ("due", "To pay in"), ("released", "Released"))]
    return RoomContext(contract.title, contract.badge, [(label, amount) for label, amount in facts if amount])


def rooms_of_project(reader: User, project_id: int) -> list[int]:
    """The rooms of a project's contracts that this person is in."""
    contracts = Contract.objects.visible_to(reader).filter(project_id=project_id)
    return list(contracts.values_list("room_id", flat=True))


@dataclass(frozen=True)
class NextStep:
    """What happens next: for whom it waits, and how to do it (a page `action` or the dialog `open`)."""

    kind: str
    waiting: bool = False
    milestone: Milestone | None = None
    person: User | None = None
    until: datetime | date | None = None
    week: Timesheet | None = None


@dataclass
class Workspace:
    """One contract as one of its two sides sees it."""

    contract: Contract
    reader: User
    reviewed: bool = False
    milestones: list[Milestone] = field(init=False)

    def __post_init__(self) -> None:
        self.milestones = list(self.contract.milestones.all())
        for milestone in self.milestones:
            milestone.contract = self.contract

    @cached_property
    def role(self) -> str:
        return role_in(self.contract, self.reader)

    @property
    def is_client(self) -> bool:
        return self.role == "client"

    @property
    def other(self) -> User:
        return self.contract.freelancer if self.is_client else self.contract.client

    @property
    def is_active(self) -> bool:
        return self.contract.status == ContractStatus.ACTIVE

    @cached_property
    def moves(self) -> list[str]:
        """What the reader can do with the contract now."""
        moves = CONTRACT_LIFECYCLE.available(self.contract.status, self.role)
        statuses = {milestone.status for milestone in self.milestones}
        if statuses & set(WORKED_ON):
            moves = [name for name in moves if name != "cancel"]
        if MilestoneStatus.RELEASED not in statuses or statuses & set(HELD_MILESTONES):
            moves = [name for name in moves if name != "complete"]
        return moves

    @cached_property
    def sums(self) -> dict[str, Money]:
        """Released, held, still to pay in, and returned: gross, over all milestones."""
        currency = self.contract.currency
        holds = [milestone.hold for milestone in self.milestones if milestone.hold]
        running = self.contract.status not in {ContractStatus.CANCELLED, ContractStatus.COMPLETED}
        return {
            "released": total((hold.released + hold.fee for hold in holds), currency),
            "held": total((hold.held for hold in holds), currency),
            "due": total(
                (step.amount for step in self.milestones if running and step.status == MilestoneStatus.PENDING),
                currency,
            ),
            "refunded": total((hold.refunded for hold in holds), currency),
        }

    @cached_property
    def money_parts(self) -> list[dict[str, Any]]:
        """For components/money_split.html; parts of nothing are left out, but held and released always show."""
        labels = {"released": "Released", "held": "Held", "due": "To pay in", "refunded": "Returned"}
        return [
            {"kind": kind, "label": labels[kind], "amount": amount}
            for kind, amount in self.sums.items()
            if amount or kind in {"released", "held"}
        ]

    @cached_property
    def quote(self) -> Quote:
        return quote(self.contract.total, self.contract.fee_bps)

    @property
    def handed_in(self) -> int:
        return sum(milestone.status in WORKED_ON for milestone in self.milestones)

    def first(self, *statuses: str) -> Milestone | None:
        return next((milestone for milestone in self.milestones if milestone.status in statuses), None)

    @cached_property
    def next_step(self) -> NextStep:
        """One thing: the reader's own task before what the other side has to do."""
        status = self.contract.status
        if status == ContractStatus.COMPLETED:
            return NextStep("done" if self.reviewed else "review", waiting=not self.reviewed, person=self.other)
        if status != ContractStatus.ACTIVE:
            return NextStep(status, until=self.contract.ended_at)
        return self._client_step() if self.is_client else self._freelancer_step()

    def _client_step(self) -> NextStep:
        person = self.contract.freelancer
        if step := self.first(MilestoneStatus.SUBMITTED):
            return NextStep("answer", True, step, person, step.release_at)
        if step := self.first(MilestoneStatus.REVISION_REQUESTED):
            return NextStep("changes_coming", False, step, person)
        if step := self.first(MilestoneStatus.FUNDED):
            return NextStep("work_under_way", False, step, person, step.due_date)
        if step := self.first(MilestoneStatus.PENDING):
            return NextStep("pay_in", True, step, person)
        return NextStep("nothing")

    def _freelancer_step(self) -> NextStep:
        person = self.contract.client
        if step := self.first(MilestoneStatus.REVISION_REQUESTED):
            return NextStep("make_changes", True, step, person)
        if step := self.first(MilestoneStatus.FUNDED):
            return NextStep("hand_in", True, step, person, step.due_date)
        if step := self.first(MilestoneStatus.SUBMITTED):
            return NextStep("answer_coming", False, step, person, step.release_at)
        if step := self.first(MilestoneStatus.PENDING):
            return NextStep("pay_in_coming", False, step, person)
        return NextStep("nothing")

    def badge_of(self, milestone: Milestone) -> Badge:
        """Brass only for what waits for the reader; the other side sees the same state calmly."""
        badge = milestone.badge
        mine = {
            MilestoneStatus.SUBMITTED: self.is_client,
            MilestoneStatus.REVISION_REQUESTED: not self.is_client,
        }.get(MilestoneStatus(milestone.status), True)
        return badge if mine else badge._replace(tone="info")


@dataclass
class HourlyWorkspace(Workspace):
    """The same of an hourly contract. Needs `with_weeks()`."""

    now: datetime = field(default_factory=timezone.now)  # for what is shown; services ask the database's clock

    @cached_property
    def weeks(self) -> list[Timesheet]:
        """What is not settled, earliest first."""
        weeks: list[Timesheet] = self.contract.live_weeks  # type: ignore[attr-defined]  # by with_weeks
        for week in weeks:
            week.contract = self.contract
        return weeks

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
        if unsettled or hours.running().exists():
            return [name for name in moves if name not in {"cancel", "complete"}]
        is_paid = self.contract.timesheets.filter(status=TimesheetStatus.BILLED).exists()
        return [name for name in moves if name != ("cancel" if is_paid else "complete")]

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

    def _first_week(self, *statuses: str) -> Timesheet | None:
        return next((week for week in self.weeks if week.status in statuses), None)

    def _client_step(self) -> NextStep:
        person, this_week, next_week = self.contract.freelancer, self.this_week, self.next_week
        if week := self._first_week(TimesheetStatus.SUBMITTED):
            return NextStep("review_week", True, None, person, week.review_until, week)
        if week := self._first_week(TimesheetStatus.CONTESTED):
            return NextStep("agree", True, None, person, None, week)
        if this_week and this_week.status == TimesheetStatus.PENDING:
            return NextStep("fund_week", True, None, person, None, this_week)
        ahead = this_week is not None and this_week.starts_at + FUND_AHEAD_FROM <= self.now
        if ahead and next_week and next_week.status == TimesheetStatus.PENDING:
            return NextStep("fund_next_week", True, None, person, next_week.starts_at, next_week)
        if week := self._first_week(TimesheetStatus.RETURNED):
            return NextStep("correction_coming", False, None, person, week.review_until, week)
        if week := self._first_week(TimesheetStatus.OPEN):
            return NextStep("hours_under_way", False, None, person, week.edits_until, week)
        return NextStep("nothing")

    def _freelancer_step(self) -> NextStep:
        person, this_week = self.contract.client, self.this_week
        if week := self._first_week(TimesheetStatus.RETURNED):
            return NextStep("correct_hours", True, None, person, week.review_until, week)
        opened = self._first_week(TimesheetStatus.OPEN)
        if opened and opened.ends_at <= self.now and opened.entry_count:  # type: ignore[attr-defined]  # by with_weeks
            return NextStep("send_week", True, None, person, opened.edits_until, opened)
        if week := self._first_week(TimesheetStatus.CONTESTED):
            return NextStep("agree", True, None, person, None, week)
        if this_week and this_week.status == TimesheetStatus.OPEN:
            return NextStep("log_hours", True, None, person, this_week.edits_until, this_week)
        if week := self._first_week(TimesheetStatus.SUBMITTED):
            return NextStep("review_coming", False, None, person, week.review_until, week)
        if this_week and this_week.status == TimesheetStatus.PENDING:
            return NextStep("funding_coming", False, None, person, None, this_week)
        return NextStep("nothing")


def workspace_of(contract: Contract, reader: User, *, reviewed: bool = False) -> Workspace:
    """Needs `with_weeks()` beside `with_parties()`."""
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
        return quote(price_of_time(self.minutes, self.week.rate), self.week.contract.fee_bps)

    @property
    def comes_back(self) -> Money:
        """What is held for time that was not worked."""
        return max(self.week.price - self.quote.gross, Money(0, self.week.currency))

    @cached_property
    def days(self) -> list[Day]:
        """Every day of the week by the reader's calendar, also empty ones: seven, or eight away from UTC."""
        first, last = (
            timezone.localtime(moment).date()
            for moment in (self.week.starts_at, self.week.ends_at - timedelta(minutes=1))
        )
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        by_day: dict[date, list[HoursRow]] = {day: [] for day in days}
        for entry in self.entries:
            row = HoursRow(entry, self.minutes_of(entry), self.can_change(entry))
            by_day[timezone.localtime(entry.started_at).date()].append(row)
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
    def can_review(self) -> bool:
        return self.is_client and self.week.status in {TimesheetStatus.SUBMITTED, TimesheetStatus.RETURNED}

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


def ties(user: User) -> Iterable[Tie]:
    """Contracts that somebody else relies on."""
    running = Contract.objects.visible_to(user).running().count()
    if running:
        text = f"{running} of your contracts {'is' if running == 1 else 'are'} running."
        yield Tie("contracts_running", text, reverse("contracts:list"))


def export(user: User) -> Iterable[Exported]:
    contracts = Contract.objects.visible_to(user).order_by("started_at")
    yield Exported("contracts", contracts.values(*EXPORTED_CONTRACT).iterator())
    milestones = Milestone.objects.visible_to(user).order_by("contract", "position")
    yield Exported("milestones", milestones.values(*EXPORTED_MILESTONE).iterator())
    handed_in = Submission.objects.filter(milestone__contract__in=Contract.objects.visible_to(user)).order_by("id")
    yield Exported("submissions", handed_in.values("milestone_id", "note", "revision_note", "created_at").iterator())
    weeks = Timesheet.objects.visible_to(user).order_by("contract", "week_start")
    yield Exported("timesheets", weeks.values(*EXPORTED_WEEK).iterator())
    hours = TimeEntry.objects.visible_to(user).order_by("started_at")
    yield Exported("time_entries", hours.values(*EXPORTED_HOURS).iterator())


EXPORTED_CONTRACT = (
    "id", "title", "terms", "client_id", "freelancer_id", "currency", "kind", "hourly_rate_minor", "weekly_cap_minutes", "fee_bps",
    "approval_days", "status", "started_at", "ended_at",
)  # fmt: skip
EXPORTED_MILESTONE = (
    "id", "contract_id", "position", "title", "description", "amount_minor", "currency", "due_date", "status",
    "submitted_at", "released_at",
)  # fmt: skip
EXPORTED_WEEK = (
    "id", "contract_id", "week_start", "rate_minor", "currency", "cap_minutes", "status", "submitted_at", "billed_at",
    "billed_minor",
)  # fmt: skip
EXPORTED_HOURS = (
    "id", "timesheet_id", "started_at", "ended_at", "minutes", "memo", "is_manual", "rejection", "created_at",
)  # fmt: skip
