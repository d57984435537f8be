"""Weeks of hours in the staff console."""

from datetime import timedelta

import pytest
from django.db.models import F

from accounts.tests.factories import staff_of
from contracts.models import Contract, TimeEntry, Timesheet
from contracts.services import add_time, bill_due_weeks, reject_timesheet, submit_timesheet
from contracts.tests.factories import HOUR, funded_week, make_hourly, week
from core.clock import database_now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture
def contested() -> Timesheet:
    """By the real clock, since signing in to the console reads it: two hours of a past week that are not agreed."""
    timesheet = funded_week(make_hourly())
    back = timedelta(days=14)
    Contract.objects.update(started_at=F("started_at") - 2 * back)
    later = database_now() + HOUR
    Timesheet.objects.filter(pk=timesheet.pk).update(week_start=timesheet.week_start - back, edits_until=later)
    timesheet = week(timesheet.contract)
    start = timesheet.starts_at
    [entry] = add_time(
        timesheet.contract.freelancer, contract_id=timesheet.contract_id, started_at=start, ended_at=start + 2 * HOUR
    )
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "Not ours."})
    Timesheet.objects.filter(pk=timesheet.pk).update(review_until=database_now() - HOUR)
    bill_due_weeks()
    return week(timesheet.contract)


def test_moderators_decide_on_hours_that_are_not_agreed(console_as, contested):
    browser = console_as(staff_of("moderator"))
    page = f"/admin/contracts/timesheet/{contested.pk}/decide/"
    given = {"_form_submitted": "True", "amount": "60.001", "reason": "Half of it was agreed on."}
    browser.post(page, given)
    contested.refresh_from_db()
    assert contested.status == "contested"
    browser.post(page, given | {"amount": "60.00"})
    contested.refresh_from_db()
    assert (contested.status, contested.billed_minor) == ("billed", 60_00)
    assert contested.events.latest("id").reason == "Half of it was agreed on."


def test_others_only_look(console_as, contested):
    browser = console_as(staff_of("support"))
    given = {"_form_submitted": "True", "amount": "60.00", "reason": "x"}
    assert browser.post(f"/admin/contracts/timesheet/{contested.pk}/decide/", given).status_code == 403
    entry = TimeEntry.objects.get()
    for page in (
        "timesheet/?status__exact=contested",
        f"timesheet/{contested.pk}/change/",
        "timeentry/",
        f"timeentry/{entry.pk}/change/",
        f"contract/{contested.contract_id}/change/",
    ):
        assert browser.get(f"/admin/contracts/{page}").status_code == 200
    week_page = browser.get(f"/admin/contracts/timesheet/{contested.pk}/change/").content.decode()
    assert "2:00 of 40:00" in week_page and "$120.00" in week_page
    contested.refresh_from_db()
    assert contested.status == "contested"
