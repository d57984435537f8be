"""Measuring time.

A timer ends by itself where its time ends: at the cap of the week, when the contract stops being active, or at the
end of the week, where it goes on in the next one if that is paid in. Whoever comes first after that moment writes it
down: a person's next step, or the job; the moment is the same.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from contracts import policies
from contracts.models import TimeEntry, Timesheet
from contracts.rules import ContractStatus
from contracts.rules.time import MINUTE, TimesheetStatus, week_of, whole_minute
from contracts.services.loading import lock_time_entry, lock_week_by_system
from contracts.services.settling import settle_each
from contracts.services.writing import (
    cap_reached,
    finished_minutes,
    lock_for_logging,
    open_week_at,
    room_in,
    write_down,
)
from core.clock import database_now, hours_text
from core.errors import Conflict, require
from notifications.services import notify


@transaction.atomic
def start_timer(actor: User, *, contract_id: UUID, memo: str = "") -> TimeEntry:
    """Start measuring. Conflict: `week_not_funded`, `week_closed`, `timer_running`, `weekly_cap_reached`."""
    settle_timer_of(actor)
    contract = lock_for_logging(actor, contract_id)
    now = database_now()
    if TimeEntry.objects.running().filter(freelancer=actor).exists():
        raise Conflict("timer_running", "A timer of yours is running. Stop it before you start another.")
    start = whole_minute(now)
    timesheet = open_week_at(contract, start, now)
    if room_in(timesheet, now) <= 0:
        raise cap_reached(timesheet, 0)
    return write_down(TimeEntry(timesheet=timesheet, freelancer=actor, started_at=start, memo=memo, created_at=now))


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


def close_timers(timesheet: Timesheet, now: datetime) -> None:
    """Of a locked week: write down the end of a timer whose time has ended."""
    for entry in timesheet.entries.running().select_for_update(no_key=True):
        entry.timesheet = timesheet
        _settle(entry, now)


def settle_timer_of(actor: User) -> None:
    """The person's running timer, brought up to now."""
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
    room = max(0, timesheet.cap_minutes - finished_minutes(timesheet))
    capped_at = entry.started_at + room * MINUTE
    stopped_at = _stopped_being_active(entry)
    limit = min(capped_at, timesheet.ends_at, stopped_at or timesheet.ends_at)
    if now < limit:
        return [entry]
    _close(entry, limit)
    ran_out = limit == timesheet.ends_at and (stopped_at is None or stopped_at > limit)
    if ran_out and (following := _continue(entry)):
        return [entry, *_settle(following, now)]
    if limit == capped_at:
        _tell_capped(entry)
    elif ran_out:
        _tell_unfunded(entry)
    return [entry]


def _continue(entry: TimeEntry) -> TimeEntry | None:
    """The timer goes on in the next week, if that is paid in: from its beginning, whenever that is written down."""
    contract = entry.timesheet.contract
    following = (
        contract.timesheets.select_for_update(no_key=True)
        .filter(week_start=week_of(entry.timesheet.ends_at), status=TimesheetStatus.OPEN)
        .first()
    )
    if following is None:
        return None
    following.contract = contract
    return write_down(
        TimeEntry(
            timesheet=following,
            freelancer_id=entry.freelancer_id,
            started_at=following.starts_at,
            memo=entry.memo,
            created_at=following.starts_at,
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
