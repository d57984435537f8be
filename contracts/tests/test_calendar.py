"""Due dates and automatic dates under a secret address."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event
from structlog.testing import capture_logs

from accounts.tests.factories import ClientFactory
from contracts.models import CalendarFeed, Milestone
from contracts.services import (
    add_milestone,
    cancel_contract,
    close_calendar,
    open_calendar,
    pause_contract,
    resume_contract,
)
from contracts.tests.factories import first_step, make_contract, submitted_step
from core.errors import Forbidden
from core.money import Money

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def address(feed: CalendarFeed) -> str:
    return reverse("calendar-feed", args=[feed.key])


def events(client, feed: CalendarFeed) -> dict[str, object]:
    """Summary: start."""
    answer = client.get(address(feed))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return {
        str(event["SUMMARY"]): event.decoded("DTSTART") for event in Calendar.from_ical(answer.content).walk("VEVENT")
    }


def test_both_sides_have_due_dates_and_what_happens_by_itself(client):
    milestone = submitted_step([500_00])
    Milestone.objects.filter(pk=milestone.pk).update(due_date=date(2099, 1, 1), title="Drafts")
    for person in (milestone.contract.client, milestone.contract.freelancer):
        shown = events(client, open_calendar(person))
        assert shown["Due: Drafts"] == date(2099, 1, 1)
        assert shown["Approved by silence: Drafts"] == milestone.release_at.replace(microsecond=0)
        assert "Held funds are settled: Drafts" in shown
        assert "Reminder of unanswered work: Drafts" in shown


def test_what_is_over_or_only_proposed_is_not_in_it(client):
    over, running = make_contract(), make_contract()
    Milestone.objects.filter(contract=over).update(due_date=date(2099, 1, 1))
    cancel_contract(over.client, contract_id=over.pk)
    add_milestone(
        running.client,
        contract_id=running.pk,
        title="Only proposed",
        amount=Money(1_00, "USD"),
        due_date=date(2099, 1, 1),
    )
    Milestone.objects.filter(contract=running, agreed_at__isnull=False).update(due_date=None)
    Milestone.objects.filter(pk=first_step(running).pk).update(due_date=date(2099, 2, 2), title="Agreed")
    assert events(client, open_calendar(over.client)) == {}
    assert events(client, open_calendar(running.client)) == {"Due: Agreed": date(2099, 2, 2)}


def test_another_address_makes_the_old_one_worthless_and_so_does_switching_off(client):
    person = ClientFactory.create()
    old = address(open_calendar(person))
    renewed = open_calendar(person)
    assert client.get(old).status_code == 404
    assert client.get(address(renewed)).status_code == 200
    close_calendar(person)
    assert client.get(address(renewed)).status_code == 404


def test_a_suspended_person_has_no_calendar(client):
    person = ClientFactory.create()
    feed = open_calendar(person)
    person.suspended_at = timezone.now()
    person.save()
    assert client.get(address(feed)).status_code == 404
    with pytest.raises(Forbidden):
        open_calendar(person)


def test_the_secret_address_is_in_no_log(client):
    feed = open_calendar(ClientFactory.create())
    with capture_logs() as lines:
        client.get(address(feed))
    assert [line["path"] for line in lines if line["event"] == "request"] == ["/calendar/secret.ics"]
    assert feed.key not in str(lines)


def test_the_settings_page_switches_it(pages_as):
    person = ClientFactory.create()
    browser = pages_as(person)
    page, switch = reverse("calendar:settings"), reverse("calendar:switch")
    assert "Switch it on" in browser.get(page).content.decode()
    browser.post(switch, {"do": "on"})
    feed = CalendarFeed.objects.get(user=person)
    assert address(feed) in browser.get(page).content.decode()
    browser.post(switch, {"do": "off"})
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "Europe/Berlin"])
def test_every_reader_sees_the_same_moments_and_whole_days_whatever_their_time_zone(client, zone):
    milestone = submitted_step([500_00])
    Milestone.objects.filter(pk=milestone.pk).update(due_date=date(2099, 1, 1), title="Drafts")
    person = milestone.contract.client
    person.time_zone = zone
    person.save()
    feed = open_calendar(person)
    with timezone.override(zone):
        answer = client.get(address(feed))
    calendar = Calendar.from_ical(answer.content)
    assert calendar["VERSION"] == "2.0" and not calendar.errors
    shown = {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}
    assert all(event["UID"] and event.decoded("DTSTAMP").utcoffset() == timedelta(0) for event in shown.values())
    released = shown["Approved by silence: Drafts"].decoded("DTSTART")
    assert released.utcoffset() == timedelta(0)
    assert released.astimezone(ZoneInfo(zone)) == milestone.release_at.replace(microsecond=0)
    due = shown["Due: Drafts"]  # a day without a time: the same date everywhere
    assert (due.decoded("DTSTART"), due.decoded("DTEND")) == (date(2099, 1, 1), date(2099, 1, 2))
    assert due["DTSTART"].params["VALUE"] == "DATE"


def test_titles_with_line_breaks_and_signs_stay_one_event(client):
    contract = make_contract([500_00])
    title = "Labels; two,\r\nBEGIN:VEVENT"
    Milestone.objects.filter(pk=first_step(contract).pk).update(due_date=date(2099, 1, 1), title=title)
    [summary] = events(client, open_calendar(contract.client))
    assert "BEGIN:VEVENT" in summary


def named(client, feed: CalendarFeed) -> dict[str, Event]:
    """By UID, of which none is there twice."""
    found = Calendar.from_ical(client.get(address(feed)).content).walk("VEVENT")
    shown = {str(event["UID"]): event for event in found}
    assert len(shown) == len(found)
    return shown


def test_what_moves_in_time_stays_the_same_event(client):
    milestone = submitted_step([500_00])
    contract, feed = milestone.contract, open_calendar(milestone.contract.client)
    before = named(client, feed)
    [released] = [uid for uid, event in before.items() if "Approved by silence" in event["SUMMARY"]]
    assert len([event for event in before.values() if "Reminder" in event["SUMMARY"]]) == 2
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        pause_contract(contract.client, contract_id=contract.pk)
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        resume_contract(contract.client, contract_id=contract.pk)
        after = named(client, feed)
    assert after.keys() == before.keys()
    for moved in ("DTSTART", "DTSTAMP"):
        assert after[released].decoded(moved) > before[released].decoded(moved)
    with time_machine.travel(timezone.now() + timedelta(days=12)):  # the earlier reminder is over
        left = named(client, feed)
    [over] = before.keys() - left.keys()
    [later] = [uid for uid, event in left.items() if "Reminder" in event["SUMMARY"]]
    assert after[over].decoded("DTSTART") < after[later].decoded("DTSTART") == left[later].decoded("DTSTART")
