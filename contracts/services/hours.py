"""Time written down afterwards, changed, and taken away."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from contracts import policies
from contracts.models import Contract, TimeEntry, Timesheet
from contracts.rules import ContractStatus
from contracts.rules.time import TimesheetStatus, by_week, minutes_between, whole_minute
from contracts.services.loading import lock_time_entry
from contracts.services.timers import settle_timer_of
from contracts.services.writing import cap_reached, lock_for_logging, open_week_at, room_in, write_down
from core.clock import database_now
from core.errors import Conflict, Invalid, require

LONGEST = timedelta(hours=24)


@transaction.atomic
def add_time(
    actor: User, *, contract_id: UUID, started_at: datetime, ended_at: datetime, memo: str = ""
) -> list[TimeEntry]:
    """Write time down afterwards; cut at the end of a week.

    Conflict: `time_overlaps`, `week_not_funded`, `week_closed`, `weekly_cap_reached`, `contract_was_paused`.
    """
    settle_timer_of(actor)
    contract = lock_for_logging(actor, contract_id)
    now = database_now()
    start, end = whole_minute(started_at), whole_minute(ended_at)
    _check_span(contract, start, end, now)
    entries = []
    for first, last in by_week(start, end):
        timesheet = open_week_at(contract, first, now)
        _check_room(timesheet, minutes_between(first, last), room_in(timesheet, now))
        entry = TimeEntry(
            timesheet=timesheet,
            freelancer=actor,
            started_at=first,
            ended_at=last,
            memo=memo,
            is_manual=True,
            created_at=now,
        )
        entries.append(write_down(entry))
        audit.record(actor, "time.added", entries[-1], minutes=entries[-1].minutes)
    return entries


@transaction.atomic
def edit_time(actor: User, *, entry_id: int, **changes: Any) -> TimeEntry:
    """Change `started_at`, `ended_at` or `memo` until Monday noon, or of hours that were sent back.

    Conflict: `week_closed`, `timer_running` for the times of a running timer, and those of `add_time`.
    """
    settle_timer_of(actor)
    entry = lock_time_entry(actor, entry_id)
    require(policies.why_not_freelancer(actor, entry.timesheet.contract))
    now = database_now()
    _require_changeable(entry, now)
    before = {"started_at": entry.started_at, "ended_at": entry.ended_at, "memo": entry.memo}
    entry.memo = changes.get("memo", entry.memo)
    if "started_at" in changes or "ended_at" in changes:
        _move(entry, changes, now)
    entry.updated_at = now
    entry = write_down(entry)
    audit.record(actor, "time.changed", entry, before={name: str(value or "") for name, value in before.items()})
    return entry


@transaction.atomic
def delete_time(actor: User, *, entry_id: int) -> None:
    """Take hours away, as long as they could be changed. Conflict `week_closed`."""
    settle_timer_of(actor)
    entry = lock_time_entry(actor, entry_id)
    require(policies.why_not_own_time(actor, entry.timesheet.contract))
    _require_changeable(entry, database_now())
    audit.record(actor, "time.deleted", entry, started_at=str(entry.started_at), minutes=entry.minutes, memo=entry.memo)
    entry.delete()


def _require_changeable(entry: TimeEntry, now: datetime) -> None:
    timesheet = entry.timesheet
    is_open = timesheet.status == TimesheetStatus.OPEN and now < timesheet.edits_until
    is_sent_back = (
        timesheet.status == TimesheetStatus.RETURNED and entry.rejected_at is not None and now <= timesheet.review_until
    )
    if not (is_open or is_sent_back):
        raise Conflict("week_closed", "That week is closed, so its hours stand as they are.")


def _move(entry: TimeEntry, changes: dict[str, Any], now: datetime) -> None:
    if entry.ended_at is None:
        raise Conflict("timer_running", "This timer is running. Stop it, then change its times.")
    start = whole_minute(changes.get("started_at", entry.started_at))
    end = whole_minute(changes.get("ended_at", entry.ended_at))
    timesheet = entry.timesheet
    if not (timesheet.starts_at <= start and end <= timesheet.ends_at):
        raise Invalid(fields={"started_at": ["Stay within the same week, or add the time there anew."]})
    _check_span(timesheet.contract, start, end, now)
    _check_room(timesheet, minutes_between(start, end), room_in(timesheet, now) + entry.minutes)
    entry.started_at, entry.ended_at = start, end


def _check_span(contract: Contract, start: datetime, end: datetime, now: datetime) -> None:
    if end <= start:
        raise Invalid(fields={"ended_at": ["The end must come after the start."]})
    if end > now:
        raise Invalid(fields={"ended_at": ["This has not happened yet."]})
    if end - start > LONGEST:
        raise Invalid(fields={"ended_at": ["At most 24 hours at once."]})
    if start < whole_minute(contract.started_at):
        began = timezone.localtime(contract.started_at)
        raise Invalid(fields={"started_at": [f"The contract had not begun yet: it did on {began:%-d %B %Y, %H:%M}."]})
    for paused, resumed in _idle_spans(contract):
        if start < (resumed or end) and end > paused:
            raise Conflict("contract_was_paused", "The contract was paused during that time.")


def _idle_spans(contract: Contract) -> list[tuple[datetime, datetime | None]]:
    """When the contract was not active, in whole minutes; without an end, it still is not."""
    spans: list[tuple[datetime, datetime | None]] = []
    for event in contract.events.order_by("id"):
        if event.from_status == ContractStatus.ACTIVE != event.to_status:
            spans.append((whole_minute(event.created_at), None))
        elif spans and event.to_status == ContractStatus.ACTIVE != event.from_status:
            spans[-1] = (spans[-1][0], whole_minute(event.created_at))
    return spans


def _check_room(timesheet: Timesheet, minutes: int, room: int) -> None:
    if minutes > room:
        raise cap_reached(timesheet, max(0, room))
