"""Logging time: what may be written down, by whom, and where a timer ends."""

from datetime import datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent
from accounts.tests.factories import ClientFactory, FreelancerFactory
from contracts.models import TimeEntry
from contracts.services import (
    add_time,
    cancel_contract,
    delete_time,
    edit_time,
    pause_contract,
    resume_contract,
    start_timer,
    stop_overdue_timers,
    stop_timer,
    submit_timesheet,
)
from contracts.tests.factories import (
    DAY,
    HOUR,
    MONDAY,
    funded_week,
    log,
    make_contract,
    make_hourly,
    sent_week,
    week,
    worked_week,
)
from core import clock
from core.errors import Conflict, Forbidden, Invalid, NotFound
from notifications.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

MINUTE = timedelta(minutes=1)


def refused(act, *, code="") -> Conflict:
    with pytest.raises(Conflict) as refusal:
        act()
    assert refusal.value.code == code
    return refusal.value


# --- Timer --------------------------------------------------------------------------------------


def test_a_timer_measures_whole_minutes(at):
    at(MONDAY + 9 * HOUR + timedelta(seconds=42))
    contract = funded_week().contract
    entry = start_timer(contract.freelancer, contract_id=contract.pk, memo="Sketches")
    assert entry.is_running and not entry.is_manual
    at(MONDAY + 10 * HOUR + timedelta(minutes=5, seconds=10))
    [stopped] = stop_timer(contract.freelancer, entry_id=entry.pk)
    assert (stopped.started_at, stopped.ended_at, stopped.minutes) == (
        MONDAY + 9 * HOUR,
        MONDAY + 10 * HOUR + 5 * MINUTE,
        65,
    )


def test_stopping_twice_returns_the_same(at):
    at(MONDAY + 9 * HOUR)
    contract = funded_week().contract
    entry = start_timer(contract.freelancer, contract_id=contract.pk)
    at(MONDAY + 10 * HOUR)
    first = stop_timer(contract.freelancer, entry_id=entry.pk)
    at(MONDAY + 12 * HOUR)
    assert [part.minutes for part in stop_timer(contract.freelancer, entry_id=entry.pk)] == [60] == [first[0].minutes]


def test_a_timer_stopped_within_its_first_minute_counts_nothing(at):
    at(MONDAY + 9 * HOUR)
    contract = funded_week().contract
    entry = start_timer(contract.freelancer, contract_id=contract.pk)
    [stopped] = stop_timer(contract.freelancer, entry_id=entry.pk)
    assert stopped.minutes == 0


def test_one_timer_runs_at_a_time_on_whatever_contract(at):
    at(MONDAY + 9 * HOUR)
    first = funded_week().contract
    second = funded_week(make_hourly(freelancer=first.freelancer)).contract
    start_timer(first.freelancer, contract_id=first.pk)
    refused(lambda: start_timer(first.freelancer, contract_id=second.pk), code="timer_running")
    refused(lambda: start_timer(first.freelancer, contract_id=first.pk), code="timer_running")


def test_a_timer_stops_at_the_cap_of_the_week_and_says_so(at):
    at(MONDAY)
    contract = make_hourly(cap=120)
    timesheet = funded_week(contract)
    at(MONDAY + 9 * HOUR)
    log(timesheet, 0.5, after=8 * HOUR)
    entry = start_timer(contract.freelancer, contract_id=contract.pk)
    at(MONDAY + 10 * HOUR)
    stop_overdue_timers()
    entry.refresh_from_db()
    assert entry.is_running
    at(MONDAY + 30 * HOUR)
    stop_overdue_timers()
    entry.refresh_from_db()
    assert (entry.ended_at, entry.minutes) == (MONDAY + 10.5 * HOUR, 90)
    assert Notification.objects.filter(user=contract.freelancer, kind="timesheet_capped").count() == 1
    refused(lambda: start_timer(contract.freelancer, contract_id=contract.pk), code="weekly_cap_reached")


def test_a_timer_that_reached_its_cap_is_no_obstacle_elsewhere(at):
    at(MONDAY + 9 * HOUR)
    first = make_hourly(cap=60)
    funded_week(first)
    second = funded_week(make_hourly(freelancer=first.freelancer)).contract
    start_timer(first.freelancer, contract_id=first.pk)
    at(MONDAY + 12 * HOUR)
    assert start_timer(first.freelancer, contract_id=second.pk).started_at == MONDAY + 12 * HOUR
    assert TimeEntry.objects.get(timesheet__contract=first).minutes == 60


def test_a_timer_goes_on_in_the_next_week_if_that_is_paid_in(at):
    at(MONDAY)
    contract = make_hourly()
    funded_week(contract), funded_week(contract, 1)
    at(MONDAY + 7 * DAY - 2 * HOUR)
    entry = start_timer(contract.freelancer, contract_id=contract.pk, memo="Night shift")
    at(MONDAY + 7 * DAY + 3 * HOUR)
    parts = stop_timer(contract.freelancer, entry_id=entry.pk)
    assert [(part.timesheet, part.minutes, part.memo) for part in parts] == [
        (week(contract, 0), 120, "Night shift"),
        (week(contract, 1), 180, "Night shift"),
    ]
    assert parts[0].ended_at == parts[1].started_at == MONDAY + 7 * DAY


def test_a_timer_ends_with_the_week_if_the_next_one_is_not_paid_in(at):
    at(MONDAY)
    contract = funded_week().contract
    at(MONDAY + 7 * DAY - 2 * HOUR)
    entry = start_timer(contract.freelancer, contract_id=contract.pk)
    at(MONDAY + 7 * DAY + 3 * HOUR)
    [stopped] = stop_timer(contract.freelancer, entry_id=entry.pk)
    assert stopped.ended_at == MONDAY + 7 * DAY


def test_a_pause_stops_the_timer_at_its_moment_also_when_work_goes_on_before_the_job_comes(at):
    at(MONDAY + 9 * HOUR)
    contract = funded_week().contract
    entry = start_timer(contract.freelancer, contract_id=contract.pk)
    at(MONDAY + 10 * HOUR)
    pause_contract(contract.client, contract_id=contract.pk)
    at(MONDAY + 11 * HOUR)
    resume_contract(contract.client, contract_id=contract.pk)
    at(MONDAY + 12 * HOUR)
    stop_overdue_timers()
    entry.refresh_from_db()
    assert entry.minutes == 60


def test_a_pause_in_the_next_week_takes_no_hours_before_it_from_a_timer_that_nobody_cut_at_monday(at):
    at(MONDAY)
    contract = make_hourly()
    funded_week(contract), funded_week(contract, 1)
    at(MONDAY + 7 * DAY - 2 * HOUR)
    start_timer(contract.freelancer, contract_id=contract.pk)
    at(MONDAY + 7 * DAY + 3 * HOUR)
    pause_contract(contract.client, contract_id=contract.pk)
    at(MONDAY + 7 * DAY + 4 * HOUR)
    stop_overdue_timers()
    assert [entry.minutes for entry in TimeEntry.objects.order_by("started_at")] == [120, 180]


def test_another_clock_of_the_web_server_changes_nothing(at):
    at(MONDAY + 9 * HOUR)
    contract = funded_week().contract
    for skew in (2 * DAY, -2 * DAY):
        with time_machine.travel(MONDAY + 9 * HOUR + skew, tick=False):
            entry = start_timer(contract.freelancer, contract_id=contract.pk)
            stop_timer(contract.freelancer, entry_id=entry.pk)
            assert entry.started_at == MONDAY + 9 * HOUR


def test_moments_come_from_the_database():
    long_ago = MONDAY.replace(year=2001)
    with time_machine.travel(long_ago, tick=False):
        assert clock.database_now() - long_ago > DAY


# --- Written down -------------------------------------------------------------------------------


def test_time_is_written_down_and_cut_at_monday_in_utc(at):
    at(MONDAY)
    contract = make_hourly()
    funded_week(contract), funded_week(contract, 1)
    at(MONDAY + 7 * DAY + 9 * HOUR)
    parts = add_time(
        contract.freelancer,
        contract_id=contract.pk,
        started_at=MONDAY + 7 * DAY - HOUR,
        ended_at=MONDAY + 7 * DAY + 2 * HOUR,
        memo="Over midnight",
    )
    assert [(part.timesheet, part.minutes) for part in parts] == [(week(contract), 60), (week(contract, 1), 120)]


def test_weeks_have_168_hours_where_clocks_are_changed(at):
    spring = MONDAY + 21 * DAY  # in Brussels, clocks go forward on its Sunday
    at(spring)
    contract = make_hourly(cap=7 * 24 * 60)
    timesheet = funded_week(contract)
    at(spring + 7 * DAY)
    for day in range(7):
        log(timesheet, 24, after=day * DAY)
    assert sum(entry.minutes for entry in timesheet.entries.all()) == 168 * 60


def test_a_night_in_which_clocks_are_changed_counts_its_true_hours(at):
    spring = MONDAY + 21 * DAY
    at(spring)
    contract = make_hourly(cap=7 * 60)
    funded_week(contract)
    at(spring + 6.5 * DAY)
    zone = ZoneInfo("Europe/Brussels")
    [entry] = add_time(  # eight hours by the clock on the wall
        contract.freelancer,
        contract_id=contract.pk,
        started_at=datetime(2027, 3, 27, 22, tzinfo=zone),
        ended_at=datetime(2027, 3, 28, 6, tzinfo=zone),
    )
    assert entry.minutes == 7 * 60


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (10 * HOUR, 10 * HOUR, "ended_at"),
        (10 * HOUR, 9 * HOUR, "ended_at"),
        (11 * HOUR, 12 * HOUR + MINUTE, "ended_at"),
        (-2 * HOUR, -1 * HOUR, "started_at"),
        (-24 * HOUR, 12 * HOUR, "ended_at"),
    ],
    ids=["empty", "backwards", "in the future", "before the contract", "too long"],
)
def test_impossible_times_are_said_at_their_field(at, start, end, field):
    at(MONDAY)
    contract = funded_week().contract
    at(MONDAY + 12 * HOUR)
    with pytest.raises(Invalid) as refusal:
        add_time(contract.freelancer, contract_id=contract.pk, started_at=MONDAY + start, ended_at=MONDAY + end)
    assert field in refusal.value.fields
    assert not TimeEntry.objects.exists()


def test_time_never_overlaps_also_not_between_contracts(at):
    at(MONDAY)
    first = funded_week()
    second = funded_week(make_hourly(freelancer=first.contract.freelancer))
    at(MONDAY + DAY)
    log(first, 2, after=9 * HOUR)
    log(second, 1, after=11 * HOUR)
    for start in (8.5, 9, 10, 10.5):
        refused(lambda start=start: log(second, 1, after=start * HOUR), code="time_overlaps")
    start_timer(first.contract.freelancer, contract_id=first.contract_id)
    at(MONDAY + DAY + 2 * HOUR)
    refused(lambda: log(second, 1, after=25 * HOUR), code="time_overlaps")


def test_the_database_itself_refuses_an_overlap_and_a_second_timer(at):
    timesheet = worked_week(at)
    entry = log(timesheet, 1)
    shared = {"timesheet": timesheet, "freelancer": entry.freelancer}
    with pytest.raises(IntegrityError), transaction.atomic():
        TimeEntry.objects.create(**shared, started_at=entry.started_at + MINUTE, ended_at=entry.ended_at + HOUR)
    TimeEntry.objects.create(**shared, started_at=MONDAY + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        TimeEntry.objects.create(**shared, started_at=MONDAY + 2 * DAY)


def test_the_cap_of_the_week_holds_together_with_a_running_timer(at):
    at(MONDAY)
    contract = make_hourly(cap=120)
    timesheet = funded_week(contract)
    at(MONDAY + 12 * HOUR)
    log(timesheet, 1, after=8 * HOUR)
    assert "1:00 are left" in refused(lambda: log(timesheet, 1.5, after=10 * HOUR), code="weekly_cap_reached").message
    start_timer(contract.freelancer, contract_id=contract.pk)
    at(MONDAY + 12.5 * HOUR)
    refused(lambda: log(timesheet, 0.75, after=10 * HOUR), code="weekly_cap_reached")
    assert log(timesheet, 0.5, after=10 * HOUR).minutes == 30


def test_nothing_is_logged_in_a_week_that_is_not_paid_in(at):
    at(MONDAY)
    contract = make_hourly()
    at(MONDAY + DAY)
    refused(lambda: log(week(contract)), code="week_not_funded")
    refused(lambda: start_timer(contract.freelancer, contract_id=contract.pk), code="week_not_funded")


def test_nothing_is_logged_on_a_fixed_price(at):
    at(MONDAY + DAY)
    contract = make_contract()
    refused(lambda: start_timer(contract.freelancer, contract_id=contract.pk), code="contract_not_hourly")


def test_nothing_is_logged_while_paused_nor_for_the_time_of_the_pause(at):
    at(MONDAY)
    timesheet = funded_week()
    contract = timesheet.contract
    at(MONDAY + 10 * HOUR)
    pause_contract(contract.client, contract_id=contract.pk)
    refused(lambda: log(timesheet, 1, after=8 * HOUR), code="contract_paused")
    refused(lambda: start_timer(contract.freelancer, contract_id=contract.pk), code="contract_paused")
    at(MONDAY + 12 * HOUR)
    resume_contract(contract.client, contract_id=contract.pk)
    at(MONDAY + 14 * HOUR)
    refused(lambda: log(timesheet, 1, after=9.5 * HOUR), code="contract_was_paused")
    refused(lambda: log(timesheet, 3, after=9.5 * HOUR), code="contract_was_paused")
    assert log(timesheet, 2, after=8 * HOUR).minutes == 120
    assert log(timesheet, 2, after=12 * HOUR).minutes == 120


def test_nothing_is_logged_after_the_end(at):
    timesheet = worked_week(at)
    contract = timesheet.contract
    cancel_contract(contract.client, contract_id=contract.pk)
    refused(lambda: log(timesheet), code="contract_cancelled")


def test_only_the_freelancer_logs_time(at):
    timesheet = worked_week(at)
    entry = log(timesheet)
    contract = timesheet.contract
    for act in (
        lambda actor: start_timer(actor, contract_id=contract.pk),
        lambda actor: stop_timer(actor, entry_id=entry.pk),
        lambda actor: edit_time(actor, entry_id=entry.pk, memo="Mine"),
        lambda actor: delete_time(actor, entry_id=entry.pk),
        lambda actor: submit_timesheet(actor, timesheet_id=timesheet.pk),
    ):
        with pytest.raises(Forbidden):
            act(contract.client)
        for stranger in (ClientFactory.create(), FreelancerFactory.create()):
            with pytest.raises(NotFound):
                act(stranger)


# --- Changing and taking away -------------------------------------------------------------------


def test_hours_are_changed_until_monday_noon(at):
    timesheet = worked_week(at)
    freelancer = timesheet.contract.freelancer
    entry = log(timesheet, 2)
    at(MONDAY + 7 * DAY + 12 * HOUR - MINUTE)
    changed = edit_time(freelancer, entry_id=entry.pk, ended_at=entry.ended_at + HOUR, memo="More drawings")
    assert (changed.minutes, changed.memo) == (180, "More drawings")
    at(MONDAY + 7 * DAY + 12 * HOUR)
    refused(lambda: edit_time(freelancer, entry_id=entry.pk, memo="Late"), code="week_closed")
    refused(lambda: delete_time(freelancer, entry_id=entry.pk), code="week_closed")
    refused(lambda: log(timesheet, 1, after=3 * DAY), code="week_closed")


def test_changed_hours_obey_the_same_rules(at):
    at(MONDAY)
    contract = make_hourly(cap=300)
    timesheet = funded_week(contract)
    at(MONDAY + DAY)
    entry, other = log(timesheet, 2, after=9 * HOUR), log(timesheet, 1, after=12 * HOUR)
    freelancer = contract.freelancer
    refused(lambda: edit_time(freelancer, entry_id=entry.pk, ended_at=other.ended_at), code="time_overlaps")
    refused(
        lambda: edit_time(freelancer, entry_id=other.pk, ended_at=other.ended_at + 3 * HOUR), code="weekly_cap_reached"
    )
    for changes in ({"ended_at": MONDAY + 2 * DAY}, {"started_at": MONDAY - HOUR}, {"ended_at": entry.started_at}):
        with pytest.raises(Invalid):
            edit_time(freelancer, entry_id=entry.pk, **changes)
    entry.refresh_from_db()
    assert entry.minutes == 120


def test_of_a_running_timer_only_the_memo_changes(at):
    at(MONDAY + DAY)
    contract = funded_week().contract
    entry = start_timer(contract.freelancer, contract_id=contract.pk)
    assert edit_time(contract.freelancer, entry_id=entry.pk, memo="Icons").memo == "Icons"
    refused(lambda: edit_time(contract.freelancer, entry_id=entry.pk, started_at=MONDAY), code="timer_running")


@pytest.mark.parametrize("change", ["delete", "shorten"])
def test_hours_are_changed_after_a_timer_has_reached_the_cap_where_it_stopped(at, change):
    at(MONDAY)
    contract = make_hourly(cap=120)
    timesheet, freelancer = funded_week(contract), contract.freelancer
    at(MONDAY + 9 * HOUR)
    entry = log(timesheet, 1, after=7 * HOUR)
    timer = start_timer(freelancer, contract_id=contract.pk)
    at(MONDAY + 12 * HOUR)
    if change == "delete":
        delete_time(freelancer, entry_id=entry.pk)
    else:
        edit_time(freelancer, entry_id=entry.pk, ended_at=entry.ended_at - 30 * MINUTE)
    stop_overdue_timers()
    timer.refresh_from_db()
    assert timer.ended_at == MONDAY + 10 * HOUR


def test_hours_that_were_taken_away_are_gone_and_in_the_audit_log(at):
    entry = log(worked_week(at), 2)
    delete_time(entry.freelancer, entry_id=entry.pk)
    assert not TimeEntry.objects.exists()
    event = AuditEvent.objects.get(action="time.deleted")
    assert (event.actor, event.data["minutes"]) == (entry.freelancer, 120)


def test_a_sent_week_takes_and_changes_nothing(at):
    timesheet = sent_week(at)
    entry = timesheet.entries.get()
    refused(lambda: log(timesheet, 1, after=HOUR), code="week_closed")
    refused(lambda: edit_time(entry.freelancer, entry_id=entry.pk, memo="Late"), code="week_closed")
    refused(lambda: start_timer(entry.freelancer, contract_id=timesheet.contract_id), code="week_closed")


def test_a_week_has_room_for_so_many_entries(at):
    timesheet = worked_week(at)
    with mock.patch("contracts.services.writing.MAX_ENTRIES_A_WEEK", 1):
        log(timesheet, 1, after=HOUR)
        refused(lambda: log(timesheet, 1, after=3 * HOUR), code="too_many_entries")
