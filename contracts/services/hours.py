"""Logging time: by the timer, or written down afterwards.

A timer ends by itself where its time ends: at the cap of the week, when the contract stops being active, or at the
end of the week, where it goes on in the next one if that is paid in. Whoever comes first after that moment writes it
down: a person's next step, or the job; the moment is the same.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from contracts import policies
from contracts.models import Contract, TimeEntry, Timesheet
from contracts.rules import ContractStatus
from contracts.rules.time import (
    MAX_ENTRIES_A_WEEK,
    MINUTE,
    TimesheetStatus,
    by_week,
    minutes_between,
    week_of,
    whole_minute,
)
from contracts.services.loading import lock_contract, lock_time_entry, lock_week_by_system, require_active
from contracts.services.settling import settle_each
from contracts.services.weeks import require_hourly
from core.clock import database_now, hours_text
from core.errors import Conflict, Invalid, require
from notifications.services import notify

LONGEST = timedelta(hours=24)


@transaction.atomic
def start_timer(actor: User, *, contract_id: UUID, memo: str = "") -> TimeEntry:
    """Start measuring. Conflict: `week_not_funded`, `week_closed`, `timer_running`, `weekly_cap_reached`."""
    _settle_timer_of(actor)
    contract = _lock_for_logging(actor, contract_id)
    now = database_now()
    if TimeEntry.objects.running().filter(freelancer=actor).exists():
        raise Conflict("timer_running", "A timer of yours is running. Stop it before you start another.")
    start = whole_minute(now)
    timesheet = _open_week_at(contract, start, now)
    if _room(timesheet, now) <= 0:
        raise _cap_reached(timesheet, 0)
    return _write(TimeEntry(timesheet=timesheet, freelancer=actor, started_at=start, memo=memo, created_at=now))


@transaction.atomic
def stop_timer(actor: User, *, entry_id: int) -> list[TimeEntry]:
    """Stop measuring. The stretches that came of it: more than one when the timer ran into another week."""
    entry = lock_time_entry(actor, entry_id)
    require(policies.why_not_own_time(actor, entry.timesheet.contract))
    if not entry.is_running:
        return [entry]
    now = database_now()
    parts = _settle(entry, now)
    if parts[-1].is_running:
        _close(parts[-1], max(whole_minute(now), parts[-1].started_at))
    audit.record(actor, "time.stopped", entry, minutes=sum(part.minutes for part in parts))
    return parts


def stop_overdue_timers() -> int:
    """Write down the end of timers whose time has ended. Returns how many were looked at."""
    return settle_each(TimeEntry.objects.running().order_by("pk").values_list("pk")[:1000], _settle_by_system)


@transaction.atomic
def add_time(
    actor: User, *, contract_id: UUID, started_at: datetime, ended_at: datetime, memo: str = ""
) -> list[TimeEntry]:
    """Write time down afterwards; cut at the end of a week.

    Conflict: `time_overlaps`, `week_not_funded`, `week_closed`, `weekly_cap_reached`, `contract_was_paused`.
    """
    _settle_timer_of(actor)
    contract = _lock_for_logging(actor, contract_id)
    now = database_now()
    start, end = whole_minute(started_at), whole_minute(ended_at)
    _check_span(contract, start, end, now)
    entries = []
    for first, last in by_week(start, end):
        timesheet = _open_week_at(contract, first, now)
        _check_room(timesheet, minutes_between(first, last), _room(timesheet, now))
        entry = TimeEntry(
            timesheet=timesheet,
            freelancer=actor,
            started_at=first,
            ended_at=last,
            memo=memo,
            is_manual=True,
            created_at=now,
        )
        entries.append(_write(entry))
        audit.record(actor, "time.added", entries[-1], minutes=entries[-1].minutes)
    return entries


@transaction.atomic
def edit_time(actor: User, *, entry_id: int, **changes: Any) -> TimeEntry:
    """Change `started_at`, `ended_at` or `memo` until Monday noon, or of hours that were sent back.

    Conflict: `week_closed`, `timer_running` for the times of a running timer, and those of `add_time`.
    """
    entry = lock_time_entry(actor, entry_id)
    timesheet, contract = entry.timesheet, entry.timesheet.contract
    require(policies.why_not_freelancer(actor, contract))
    now = database_now()
    _require_changeable(entry, now)
    before = {"started_at": entry.started_at, "ended_at": entry.ended_at, "memo": entry.memo}
    entry.memo = changes.get("memo", entry.memo)
    if "started_at" in changes or "ended_at" in changes:
        _move(entry, changes, now)
    entry.updated_at = now
    entry = _write(entry)
    entry.timesheet = timesheet
    audit.record(actor, "time.changed", entry, before={name: str(value or "") for name, value in before.items()})
    return entry


@transaction.atomic
def delete_time(actor: User, *, entry_id: int) -> None:
    """Take hours away, as long as they could be changed. Conflict `week_closed`."""
    entry = lock_time_entry(actor, entry_id)
    require(policies.why_not_own_time(actor, entry.timesheet.contract))
    _require_changeable(entry, database_now())
    audit.record(actor, "time.deleted", entry, started_at=str(entry.started_at), minutes=entry.minutes, memo=entry.memo)
    entry.delete()


def close_timers(timesheet: Timesheet, now: datetime) -> None:
    """Of a locked week: write down the end of a timer whose time has ended."""
    for entry in timesheet.entries.running().select_for_update(no_key=True):
        entry.timesheet = timesheet
        _settle(entry, now)


# --- Timers -------------------------------------------------------------------------------------


def _settle_timer_of(actor: User) -> None:
    for entry_id in TimeEntry.objects.running().filter(freelancer=actor).values_list("pk", flat=True):
        _settle_by_system(entry_id)


@transaction.atomic
def _settle_by_system(entry_id: int) -> bool:
    entry = TimeEntry.objects.with_week().filter(pk=entry_id).first()
    if entry is None:
        return False
    timesheet = lock_week_by_system(entry.timesheet_id, entry.timesheet.contract_id)
    locked = TimeEntry.objects.running().select_for_update(no_key=True).filter(pk=entry_id).first()
    if locked is None:
        return False
    locked.timesheet = timesheet
    _settle(locked, database_now())
    return True


def _settle(entry: TimeEntry, now: datetime) -> list[TimeEntry]:
    """The running timer brought up to now: itself, and where it went on in later weeks. The last one may still run."""
    timesheet = entry.timesheet
    room = max(0, timesheet.cap_minutes - _finished(timesheet))
    capped_at = entry.started_at + room * MINUTE
    limit = min(capped_at, timesheet.ends_at, _stopped_being_active(entry) or timesheet.ends_at)
    if now < limit:
        return [entry]
    _close(entry, limit)
    if limit == timesheet.ends_at and (following := _continue(entry, now)):
        return [entry, *_settle(following, now)]
    if limit == capped_at:
        _tell_capped(entry)
    elif limit == timesheet.ends_at and not _stopped_being_active(entry):
        _tell_unfunded(entry)
    return [entry]


def _continue(entry: TimeEntry, now: datetime) -> TimeEntry | None:
    """The timer goes on in the next week, if that is paid in."""
    contract = entry.timesheet.contract
    following = (
        contract.timesheets.select_for_update(no_key=True)
        .filter(week_start=week_of(entry.timesheet.ends_at), status=TimesheetStatus.OPEN)
        .first()
    )
    if following is None or _stopped_being_active(entry):
        return None
    following.contract = contract
    return _write(
        TimeEntry(
            timesheet=following,
            freelancer_id=entry.freelancer_id,
            started_at=following.starts_at,
            memo=entry.memo,
            created_at=now,
        )
    )


def _stopped_being_active(entry: TimeEntry) -> datetime | None:
    """When the contract was paused or ended under the running timer."""
    event = (
        entry.timesheet.contract.events.filter(from_status=ContractStatus.ACTIVE, created_at__gte=entry.created_at)
        .exclude(to_status=ContractStatus.ACTIVE)
        .order_by("id")
        .first()
    )
    return max(whole_minute(event.created_at), entry.started_at) if event else None


def _close(entry: TimeEntry, at: datetime) -> None:
    timesheet = entry.timesheet
    entry.ended_at = at
    entry.updated_at = timezone.now()
    entry.save(update_fields=["ended_at", "updated_at"])
    entry.refresh_from_db(fields=["minutes"])
    entry.timesheet = timesheet


def _tell_capped(entry: TimeEntry) -> None:
    cap = hours_text(entry.timesheet.cap_minutes)
    _tell(
        entry, "timesheet_capped", f"Your timer stopped at {cap} hours", "that is the most that is held for this week"
    )


def _tell_unfunded(entry: TimeEntry) -> None:
    _tell(entry, "timesheet_unfunded", "Your timer stopped with the week", "the next one is not paid in yet")


def _tell(entry: TimeEntry, kind: str, title: str, why: str) -> None:
    contract = entry.timesheet.contract
    notify(
        contract.freelancer,
        kind=kind,
        title=title,
        message=f"{contract.title}: {why}.",
        url=reverse("contracts:detail", args=[contract.pk]),
        data={"contract_id": str(contract.pk), "timesheet_id": entry.timesheet_id},
    )


# --- What may be logged -------------------------------------------------------------------------


def _lock_for_logging(actor: User, contract_id: UUID) -> Contract:
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_freelancer(actor, contract))
    require_hourly(contract)
    require_active(contract)
    return contract


def _open_week_at(contract: Contract, moment: datetime, now: datetime) -> Timesheet:
    """The locked week that the moment lies in, if time may be logged in it."""
    timesheet = contract.timesheets.select_for_update(no_key=True).filter(week_start=week_of(moment)).first()
    if timesheet is None or timesheet.status in {TimesheetStatus.PENDING, TimesheetStatus.CANCELLED}:
        raise Conflict("week_not_funded", "Nothing is held for that week, so no time can be logged in it.")
    if timesheet.status != TimesheetStatus.OPEN or timesheet.edits_until <= now:
        raise Conflict("week_closed", "That week is closed, so its hours stand as they are.")
    if timesheet.entries.count() >= MAX_ENTRIES_A_WEEK:
        raise Conflict("too_many_entries", f"A week has at most {MAX_ENTRIES_A_WEEK} entries.")
    timesheet.contract = contract
    return timesheet


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
    _check_room(timesheet, minutes_between(start, end), _room(timesheet, now) + entry.minutes)
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


def _finished(timesheet: Timesheet) -> int:
    minutes: int | None = timesheet.entries.aggregate(minutes=Sum("minutes"))["minutes"]
    return minutes or 0


def _room(timesheet: Timesheet, now: datetime) -> int:
    """Minutes left under the cap, with the running timer as far as it is. The week's lock makes it true."""
    running = timesheet.entries.running().first()
    measured = max(0, minutes_between(running.started_at, now)) if running else 0
    return timesheet.cap_minutes - _finished(timesheet) - measured


def _check_room(timesheet: Timesheet, minutes: int, room: int) -> None:
    if minutes > room:
        raise _cap_reached(timesheet, max(0, room))


def _cap_reached(timesheet: Timesheet, room: int) -> Conflict:
    cap = hours_text(timesheet.cap_minutes)
    return Conflict("weekly_cap_reached", f"Of the {cap} hours of that week, {hours_text(room)} are left.")


def _write(entry: TimeEntry) -> TimeEntry:
    """Saved, unless it overlaps another stretch of the person's, on whatever contract: the database says so."""
    timesheet = entry.timesheet
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError as error:
        if "contracts_timeentry_no_overlap" in str(error) or "contracts_timeentry_one_running" in str(error):
            raise Conflict("time_overlaps", "You have already logged time then.") from error
        raise
    entry.refresh_from_db()
    entry.timesheet = timesheet
    return entry
