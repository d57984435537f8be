"""Weeks that are not paid in: who is reminded, when, and what becomes of a running timer."""

from datetime import timedelta

import pytest

from contracts import tasks
from contracts.services import (
    ask_for_weeks,
    open_due_weeks,
    pause_contract,
    send_due_weeks,
    start_timer,
    stop_overdue_timers,
)
from contracts.tests.factories import DAY, HOUR, MONDAY, funded_week, make_hourly, week
from notifications.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

SECOND = timedelta(seconds=1)
FRIDAY = MONDAY + 4 * DAY


def told(person) -> list[str]:
    kinds = ["timesheet_due", "timesheet_unfunded"]
    return list(Notification.objects.filter(user=person, kind__in=kinds).order_by("id").values_list("kind", flat=True))


@pytest.fixture
def contract(at):
    """Its first week is paid in, the second is not."""
    at(MONDAY)
    return funded_week().contract


def test_the_next_week_is_asked_for_on_friday_once(at, contract, run_jobs):
    at(FRIDAY - SECOND)
    assert ask_for_weeks() == 0
    at(FRIDAY)
    assert (ask_for_weeks(), ask_for_weeks()) == (1, 0)
    assert (told(contract.client), told(contract.freelancer)) == (["timesheet_due"], [])
    assert [event.move for event in week(contract, 1).events.all()] == ["open", "ask_ahead"]


def test_both_are_told_when_it_begins_without_money(at, contract):
    at(FRIDAY)
    ask_for_weeks()
    at(MONDAY + 7 * DAY)
    assert (ask_for_weeks(), ask_for_weeks()) == (1, 0)
    assert told(contract.client) == ["timesheet_due", "timesheet_due"]
    assert told(contract.freelancer) == ["timesheet_unfunded"]


def test_a_new_client_has_a_day_before_anybody_reminds(at):
    at(MONDAY + 9 * HOUR)
    contract = make_hourly()
    at(MONDAY + 33 * HOUR - SECOND)
    assert ask_for_weeks() == 0
    at(MONDAY + 33 * HOUR)
    assert ask_for_weeks() == 1
    assert told(contract.client) == ["timesheet_due"]


def test_what_is_paid_in_or_stands_still_is_not_asked_for(at, contract):
    funded_week(contract, 1)
    at(FRIDAY)
    paused = make_hourly()
    pause_contract(paused.client, contract_id=paused.pk)
    at(MONDAY + 8 * DAY)
    assert ask_for_weeks() == 0


def test_a_contract_that_sleeps_is_left_in_peace(at, contract):
    at(MONDAY + 7 * DAY)
    assert ask_for_weeks() == 1
    for number in (2, 3):
        at(MONDAY + number * 7 * DAY - 3 * DAY)
        open_due_weeks()
        assert ask_for_weeks() == 0
        at(MONDAY + number * 7 * DAY + 13 * HOUR)
        send_due_weeks()
        open_due_weeks()
        assert ask_for_weeks() == 0


def test_the_job_asks(at, contract):
    at(FRIDAY)
    tasks.turn_weeks()
    assert told(contract.client) == ["timesheet_due"]


def test_a_timer_that_ended_with_the_last_paid_week_says_so(at, contract):
    at(MONDAY + 7 * DAY - HOUR)
    start_timer(contract.freelancer, contract_id=contract.pk)
    at(MONDAY + 7 * DAY + HOUR)
    stop_overdue_timers()
    assert told(contract.freelancer) == ["timesheet_unfunded"]


def test_a_timer_that_a_pause_ended_does_not(at, contract):
    at(MONDAY + 7 * DAY - HOUR)
    start_timer(contract.freelancer, contract_id=contract.pk)
    pause_contract(contract.client, contract_id=contract.pk)
    at(MONDAY + 7 * DAY + HOUR)
    stop_overdue_timers()
    assert told(contract.freelancer) == []
