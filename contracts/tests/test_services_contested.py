"""Hours that nobody agrees on: their money is held for 90 days at most, like any other."""

from datetime import timedelta

import pytest
from django.urls import reverse

from contracts.models import Contract, Timesheet
from contracts.selectors import automatic_actions, next_steps
from contracts.services import reject_timesheet, submit_timesheet, watch_contested_weeks
from contracts.services.disputes import open_week_dispute
from contracts.services.timesheets import bill_due_weeks
from contracts.tests.factories import DAY, HOUR, MONDAY, log, week, worked_week
from core.money import Money

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def contested_week(at, hours: int = 2) -> Timesheet:
    """So many hours were paid by silence; three that were sent back stay held. The week was paid in on its Monday."""
    timesheet = worked_week(at, hours)
    entry = log(timesheet, 3, after=12 * HOUR)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "We agreed on two."})
    at(MONDAY + 12 * DAY)
    bill_due_weeks()
    return week(timesheet.contract)


def told(timesheet: Timesheet, kind: str) -> list[int]:
    people = (timesheet.contract.client, timesheet.contract.freelancer)
    return [person.notifications.filter(kind=kind).count() for person in people]


def test_both_are_warned_once_at_seventy_five_days(at):
    timesheet = contested_week(at)
    at(MONDAY + 75 * DAY - HOUR)
    assert watch_contested_weeks() == 0
    at(MONDAY + 75 * DAY)
    assert [watch_contested_weeks(), watch_contested_weeks()] == [1, 0]
    assert told(timesheet, "hold_limit_near") == [1, 1]
    assert week(timesheet.contract).hold.held == Money(180_00, "USD")


@pytest.mark.parametrize(("hours", "status"), [(2, "billed"), (0, "refunded")])
def test_their_money_goes_back_a_day_before_the_limit(at, hours, status):
    timesheet = contested_week(at, hours)
    at(MONDAY + 89 * DAY)
    watch_contested_weeks()
    settled = week(timesheet.contract)
    assert (settled.status, settled.billed_minor, settled.hold.held_minor) == (status, hours * 60_00, 0)
    assert settled.hold.refunded_minor == 2400_00 - hours * 60_00
    assert told(timesheet, "timesheet_settled") == [1, 1]
    assert watch_contested_weeks() == 0


def test_a_dispute_about_them_waits_for_its_outcome(at):
    timesheet = contested_week(at)
    open_week_dispute(
        timesheet.contract.freelancer,
        timesheet_id=timesheet.pk,
        reason="other",
        explanation="I worked them.",
        claim=Money(180_00, "USD"),
    )
    at(MONDAY + 91 * DAY)
    assert watch_contested_weeks() == 0
    assert week(timesheet.contract).hold.held == Money(180_00, "USD")


def test_the_day_is_named_to_both(at):
    timesheet = contested_week(at)
    limit = timesheet.held_until
    contract = Contract.objects.with_parties().get(pk=timesheet.contract_id)
    assert limit == MONDAY + timedelta(days=89)
    assert [(step.who, step.at) for step in next_steps(contract) if step.kind == "agree"] == [("both", limit)]
    planned = {action.kind: action.at for action in automatic_actions(contract) if action.week == timesheet}
    assert planned == {"hold_warning": MONDAY + timedelta(days=75), "hold_limit": limit}


def test_pages_of_both_sides_say_the_day(at, client):
    timesheet = contested_week(at)
    for person in (timesheet.contract.client, timesheet.contract.freelancer):
        client.force_login(person)
        for name, pk in (("detail", timesheet.contract_id), ("week", timesheet.pk)):
            page = client.get(reverse(f"contracts:{name}", args=[pk])).content.decode()
            assert "it goes back to the client on its own" in page
            assert "29 May 2027" in page
