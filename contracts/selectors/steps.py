"""What happens next in a contract, for whom it waits, and what the site does by itself if nobody acts.

Pages, the API and the calendar all read this.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from contracts.models import ChangeRequest, Contract, Dispute, Milestone, RefundRequest, Timesheet
from contracts.rules import (
    HELD_MILESTONES,
    ChangeStatus,
    ContractStatus,
    DisputeStatus,
    MilestoneStatus,
    RefundRequestStatus,
)
from contracts.rules.clocks import REMIND_BEFORE, Automatic, early_reminder_at, hold_clock, overdue_from
from contracts.rules.dispute import ALARM_BEFORE
from contracts.rules.dispute import REMIND_BEFORE as REMIND_OF_DISPUTE
from contracts.rules.time import FUND_AHEAD_FROM, REVIEWED_WEEKS, WEEK, TimesheetStatus, week_of

OTHER_ROLE = {"client": "freelancer", "freelancer": "client"}


# What comes of a dispute when nobody answers the claim, or the counter-offer.
_AFTER_SILENCE = {DisputeStatus.OPEN: "dispute_unanswered", DisputeStatus.ANSWERED: "dispute_to_staff"}
# Of hourly work: all else that waits has a date which a pause does not move.
_STOPPED_BY_PAUSE = {"fund_week", "fund_next_week", "log_hours"}


class Step(NamedTuple):
    """One thing to be done: `who` is client, freelancer, both or nobody; `at` is when silence decides, or its due date."""

    kind: str
    who: str
    at: datetime | date | None = None
    milestone: Milestone | None = None
    change: ChangeRequest | None = None
    refund_request: RefundRequest | None = None
    week: Timesheet | None = None
    dispute: Dispute | None = None


class Planned(NamedTuple):
    """What the site does by itself at `at`, unless somebody acts before."""

    kind: str
    at: datetime
    milestone: Milestone | None = None
    week: Timesheet | None = None


def next_steps(contract: Contract) -> list[Step]:
    """All that waits for somebody, the most pressing first; never empty. Needs `with_parties()`."""
    if contract.status == ContractStatus.COMPLETED:
        return [Step("review", "both", contract.ended_at)]
    if contract.status == ContractStatus.CANCELLED:
        return [Step("cancelled", "nobody", contract.ended_at)]
    if contract.status != ContractStatus.ACTIVE:
        weeks = [step for step in _waiting_weeks(contract) if step.kind not in _STOPPED_BY_PAUSE]
        return [*weeks, Step(contract.status, "both")]
    waiting = _waiting_weeks(contract) if contract.is_hourly else _waiting(contract)
    return [*waiting] or [Step("nothing", "client")]


def automatic_actions(contract: Contract) -> list[Planned]:
    """What the site will do by itself, the soonest first. Needs `with_parties()`."""
    return sorted(_planned(contract), key=lambda planned: planned.at)


def open_refund_request(milestone: Milestone) -> RefundRequest | None:
    """Without a query of its own, so that lists may ask for each."""
    return next((asked for asked in milestone.refund_requests.all() if asked.status == RefundRequestStatus.OPEN), None)


def open_changes(contract: Contract) -> list[ChangeRequest]:
    """Those that wait for an answer, the oldest first. Without a query of its own."""
    return [change for change in reversed(contract.changes.all()) if change.status == ChangeStatus.PROPOSED]


def open_change_of(milestone: Milestone) -> ChangeRequest | None:
    """The proposal about this milestone that waits for an answer. Reads the contract's changes."""
    return next((change for change in open_changes(milestone.contract) if change.milestone_id == milestone.pk), None)


def refund_possible_from(milestone: Milestone) -> datetime | None:
    """From when the client may ask the money back, if nothing is handed in; None when that is not the question (any more)."""
    is_owed = milestone.status == MilestoneStatus.FUNDED and milestone.rolled_into_id is None
    if not is_owed or milestone.submissions.all() or open_refund_request(milestone):
        return None
    assert milestone.hold and milestone.hold.funded_at  # a CHECK: funded milestones have a hold
    return overdue_from(milestone.due_date, milestone.hold.funded_at)


def _waiting(contract: Contract) -> Iterator[Step]:
    milestones = [step for step in contract.milestones.all() if step.is_agreed and step.rolled_into_id is None]

    def those(status: MilestoneStatus) -> list[Milestone]:
        return [step for step in milestones if step.status == status]

    for step in those(MilestoneStatus.SUBMITTED):
        yield Step("answer", "client", step.release_at, step)
    for step in those(MilestoneStatus.FUNDED):
        if asked := open_refund_request(step):
            yield Step("answer_refund", "freelancer", asked.answer_by, step, refund_request=asked)
    for change in open_changes(contract):
        proposer = "client" if change.proposer_id == contract.client_id else "freelancer"
        yield Step("answer_change", OTHER_ROLE[proposer], change=change)
    for step in those(MilestoneStatus.REVISION_REQUESTED):
        yield Step("make_changes", "freelancer", None, step)
    for step in those(MilestoneStatus.FUNDED):
        yield Step("hand_in", "freelancer", step.due_date, step)
    if any(step.status in HELD_MILESTONES for step in milestones):
        return  # the next one is paid in when this one is done, or earlier if people like
    for step in those(MilestoneStatus.PENDING):
        yield Step("pay_in", "client", None, step)


def _waiting_weeks(contract: Contract) -> Iterator[Step]:
    """Of an hourly contract."""
    weeks, now = live_weeks(contract), datetime.now(UTC)
    by_start = {week.week_start: week for week in weeks}
    this_week, next_week = by_start.get(week_of(now)), by_start.get(week_of(now) + WEEK)

    def those(status: TimesheetStatus) -> list[Timesheet]:
        return [week for week in weeks if week.status == status]

    for week in those(TimesheetStatus.RETURNED):
        yield Step("correct_hours", "freelancer", week.review_until, week=week)
    for week in those(TimesheetStatus.SUBMITTED):
        yield Step("review_week", "client", week.review_until, week=week)
    for week in those(TimesheetStatus.OPEN):
        if week.ends_at <= now and week.entry_count:  # type: ignore[attr-defined]  # by with_sums
            yield Step("send_week", "freelancer", week.edits_until, week=week)
    disputes = {dispute.hold_id: dispute for dispute in contract.disputes.all() if dispute.is_live}
    for week in those(TimesheetStatus.CONTESTED):
        if dispute := disputes.get(week.hold_id):
            yield Step("dispute", dispute.awaits, dispute.deadline, week=week, dispute=dispute)
        else:
            yield Step("agree", "both", week.held_until, week=week)
    if this_week and this_week.status == TimesheetStatus.PENDING:
        yield Step("fund_week", "client", week=this_week)
    is_soon = this_week is not None and this_week.starts_at + FUND_AHEAD_FROM <= now
    if is_soon and next_week and next_week.status == TimesheetStatus.PENDING:
        yield Step("fund_next_week", "client", next_week.starts_at, week=next_week)
    if this_week and this_week.status == TimesheetStatus.OPEN:
        yield Step("log_hours", "freelancer", this_week.edits_until, week=this_week)


def live_weeks(contract: Contract) -> list[Timesheet]:
    """What is not settled, earliest first. Without a query of its own."""
    weeks: list[Timesheet] = contract.live_weeks  # type: ignore[attr-defined]  # by with_parties
    for week in weeks:
        week.contract = contract
    return weeks


def _planned(contract: Contract) -> Iterator[Planned]:
    if contract.status == ContractStatus.COMPLETED:
        for review in contract.reviews.all():  # by its reverse name: reviews stands above contracts
            if review.published_at is None:
                yield Planned("reviews_shown", review.reveal_at)
    is_running = contract.status == ContractStatus.ACTIVE
    for week in live_weeks(contract):
        yield from _week_clock(week)
    by_hold = {week.hold_id: week for week in live_weeks(contract)}
    for dispute in contract.disputes.all():
        yield from _dispute_clock(dispute, by_hold.get(dispute.hold_id))
    in_dispute = {step.pk for step in contract.milestones.all() if step.status == MilestoneStatus.DISPUTED}
    for step in contract.milestones.all():
        if is_running:
            yield from _contract_clock(contract, step)
        if step.status in HELD_MILESTONES and step.hold and step.hold.funded_at and step.hold.frozen_at is None:
            for kind, at in _ahead(hold_clock(step.hold.funded_at)):
                if kind != "hold_limit" or step.rolled_into_id not in in_dispute:
                    yield Planned(kind, at, step)


def _contract_clock(contract: Contract, step: Milestone) -> Iterator[Planned]:
    """The clocks that a pause stops."""
    if step.status == MilestoneStatus.SUBMITTED and step.release_at:
        reminders = [early_reminder_at(step.release_at, contract.approval_days), step.release_at - REMIND_BEFORE]
        for kind, at in _ahead([Automatic("reminder", moment) for moment in reminders if moment]):
            yield Planned(kind, at, step)
        yield Planned("release_by_silence", step.release_at, step)
    if asked := open_refund_request(step):
        yield Planned("refund_by_silence", asked.answer_by, step)


def _dispute_clock(dispute: Dispute, week: Timesheet | None) -> Iterator[Planned]:
    """`week`: the one that it is about, if it is about hours."""
    deadlines = [
        (_AFTER_SILENCE.get(dispute.status, ""), dispute.answer_by, "dispute_reminder", REMIND_OF_DISPUTE),
        ("dispute_undecided", dispute.mediation_by, "dispute_alarm", ALARM_BEFORE),
    ]
    for kind, deadline, warning, ahead in deadlines:
        if deadline and dispute.warned_at is None:
            yield Planned(warning, deadline - ahead, dispute.milestone, week)
        if deadline:
            yield Planned(kind, deadline, dispute.milestone, week)


def _week_clock(week: Timesheet) -> Iterator[Planned]:
    if week.status == TimesheetStatus.OPEN:
        kind = "week_sent" if week.entry_count else "week_unworked"  # type: ignore[attr-defined]  # by with_sums
        yield Planned(kind, week.edits_until, week=week)
    if week.status in REVIEWED_WEEKS and week.hold and week.hold.frozen_at is None:
        is_agreed = not week.rejected_minutes  # type: ignore[attr-defined]  # by with_sums
        yield Planned("week_paid_by_silence" if is_agreed else "week_contested", week.review_until, week=week)
    if week.status == TimesheetStatus.CONTESTED and week.hold and week.hold.frozen_at is None:
        assert week.hold.funded_at  # what was not paid in has no hours
        for kind, at in _ahead(hold_clock(week.hold.funded_at)):
            if kind != "hold_review":  # our staff see such weeks all along
                yield Planned(kind, at, week=week)


def _ahead(clock: list[Automatic]) -> list[Automatic]:
    """Reminders that were sent are past; the settlement itself is told until it has happened."""
    now = datetime.now(UTC)
    return [planned for planned in clock if planned.at > now or planned.kind == "hold_limit"]


def moment_of(at: datetime | date | None) -> datetime | None:
    """A due date as the moment in which its day ends."""
    if at is None or isinstance(at, datetime):
        return at
    return datetime.combine(at + timedelta(days=1), time(), UTC)
