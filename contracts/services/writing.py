"""Writing a stretch of time down: in a week that takes it, under the cap of the week, and never twice."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from accounts.models import User
from contracts import policies
from contracts.models import Contract, TimeEntry, Timesheet
from contracts.rules.time import MAX_ENTRIES_A_WEEK, TimesheetStatus, minutes_between, week_of
from contracts.services.loading import lock_contract, require_active
from contracts.services.weeks import require_hourly
from core.clock import hours_text
from core.errors import Conflict, require


def lock_for_logging(actor: User, contract_id: UUID) -> Contract:
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_freelancer(actor, contract))
    require_hourly(contract)
    require_active(contract)
    return contract


def open_week_at(contract: Contract, moment: datetime, now: datetime) -> Timesheet:
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


def finished_minutes(timesheet: Timesheet) -> int:
    minutes: int | None = timesheet.entries.aggregate(minutes=Sum("minutes"))["minutes"]
    return minutes or 0


def room_in(timesheet: Timesheet, now: datetime) -> int:
    """Minutes left under the cap, with the running timer as far as it is. The week's lock makes it true."""
    running = timesheet.entries.running().first()
    measured = max(0, minutes_between(running.started_at, now)) if running else 0
    return timesheet.cap_minutes - finished_minutes(timesheet) - measured


def cap_reached(timesheet: Timesheet, room: int) -> Conflict:
    cap = hours_text(timesheet.cap_minutes)
    return Conflict("weekly_cap_reached", f"Of the {cap} hours of that week, {hours_text(room)} are left.")


def write_down(entry: TimeEntry) -> TimeEntry:
    """Saved, unless it overlaps another stretch of the person's, on whatever contract: the database says so.

    Two that overlap and are written at the same moment would each wait for the other, so that the database ended one of
    them with an error: a person's stretches are written one after another.
    """
    timesheet = entry.timesheet
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"time of {entry.freelancer_id}"])
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
