"""Pages of hourly work."""

import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import FreelancerFactory
from contracts.forms import HoursForm, WeeklyCapForm
from contracts.models import Contract, TimeEntry
from contracts.selectors import WeekView
from contracts.services import (
    approve_timesheet,
    bill_due_weeks,
    give_bonus,
    pause_contract,
    reject_timesheet,
    start_timer,
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
from core.money import Money
from payments.rules import quote
from payments.tests.fakes import VISA
from projects.tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def text(response) -> str:
    return response.content.decode()


def home(contract) -> str:
    return reverse("contracts:detail", args=[contract.pk])


def rejected_week(at):
    timesheet = sent_week(at)
    entry = timesheet.entries.get()
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "Too long."})
    return week(timesheet.contract)


def contested_week(at):
    timesheet = rejected_week(at)
    at(MONDAY + 12 * DAY)
    bill_due_weeks()
    return week(timesheet.contract)


def billed_week(at):
    timesheet = sent_week(at)
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    return week(timesheet.contract)


def new_week(at):
    at(MONDAY)
    return week(make_hourly())


def over_week(at):
    timesheet = worked_week(at, hours=1)
    at(MONDAY + 7 * DAY + HOUR)
    return timesheet


def friday_week(at):
    timesheet = worked_week(at, hours=1)
    at(MONDAY + 4 * DAY)
    return timesheet


STATES = {
    "new": new_week,
    "open": worked_week,
    "friday": friday_week,
    "over": over_week,
    "sent": sent_week,
    "returned": rejected_week,
    "contested": contested_week,
    "billed": billed_week,
}
SAID = {
    ("new", "client"): "Pay in $2,400.00",
    ("new", "freelancer"): "is not paid in yet",
    ("open", "client"): "is held for the week",
    ("open", "freelancer"): "Log your time",
    ("friday", "client"): "for the next week before it begins",
    ("over", "freelancer"): "is over. Check your hours",
    ("sent", "client"): "Look them over by",
    ("sent", "freelancer"): "are being looked over",
    ("returned", "client"): "You sent hours back",
    ("returned", "freelancer"): "sent 10:00 hours back",
    ("contested", "client"): "stays held",
    ("contested", "freelancer"): "stays held",
}


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


@pytest.mark.parametrize(("state", "side"), SAID)
def test_both_sides_are_told_what_happens_next(pages_as, at, state, side):
    contract = STATES[state](at).contract
    answer = pages_as(getattr(contract, side)).get(home(contract))
    assert answer.status_code == 200
    assert SAID[state, side] in plain(text(answer))


@pytest.mark.parametrize("state", STATES)
def test_every_page_opens_in_every_state(pages_as, at, state):
    timesheet = STATES[state](at)
    contract = timesheet.contract
    pages = [reverse(f"contracts:{tab}", args=[contract.pk]) for tab in ("detail", "files", "money", "history")]
    pages += [reverse(f"contracts:{name}", args=[timesheet.pk]) for name in ("week", "send-back")]
    pages += [reverse(f"contracts:{name}", args=[contract.pk]) for name in ("add-time", "weekly-cap")]
    pages += [reverse("contracts:edit-time", args=[entry.pk]) for entry in timesheet.entries.all()]
    for reader in (contract.client, contract.freelancer):
        browser = pages_as(reader)
        for page in [*pages, reverse("contracts:list"), reverse("dashboard")]:
            assert browser.get(page).status_code == 200, page


TASKS = {
    ("new", "client"): "once the week is paid in",
    ("open", "freelancer"): "Log your time",
    ("over", "freelancer"): "Check your hours",
    ("sent", "client"): "sent a week of hours",
    ("returned", "freelancer"): "sent hours back to you",
    ("contested", "client"): "do not agree on some hours",
}


@pytest.mark.parametrize(("state", "side"), TASKS)
def test_the_dashboard_says_what_waits(pages_as, at, state, side):
    contract = STATES[state](at).contract
    answer = pages_as(getattr(contract, side)).get(reverse("dashboard"))
    assert TASKS[state, side] in text(answer)


def test_hiring_on_the_page_agrees_on_the_cap(pages_as, at):
    at(MONDAY)
    offer = ProposalFactory.create(bid_amount_minor=60_00, steps=[], project__budget_type="hourly")
    compare = reverse("projects:proposals", args=[offer.project_id])
    assert "Hours a week, at most" in text(pages_as(offer.project.client).get(compare))
    accept = reverse("contracts:accept-proposal", args=[offer.pk])
    pages_as(offer.project.client).post(accept, {"weekly_cap_hours": "12.5"})
    assert Contract.objects.get().weekly_cap_minutes == 750


def test_paying_a_week_in_leads_to_the_payment_page(pages_as, at):
    at(MONDAY)
    contract = make_hourly()
    browser = pages_as(contract.client)
    answer = browser.post(reverse("contracts:fund-week", args=[week(contract).pk]))
    assert answer.url == reverse("pay", args=[week(contract).hold_id])
    assert browser.get(answer.url).status_code == 200
    funded = funded_week(contract)
    again = browser.post(reverse("contracts:fund-week", args=[funded.pk]))
    assert again.url == reverse("contracts:week", args=[funded.pk])


def test_the_timer_is_started_and_stopped(pages_as, at):
    at(MONDAY + 9 * HOUR)
    contract = funded_week().contract
    browser = pages_as(contract.freelancer)
    assert "Start" in text(browser.get(home(contract)))
    browser.post(reverse("contracts:start-timer", args=[contract.pk]), {"memo": "Sketches"})
    at(MONDAY + 10.5 * HOUR)
    page = text(browser.get(home(contract)))
    assert "Timer running" in page and "Sketches" in page and ">1:30<" in page
    assert "Timer running" not in text(pages_as(contract.client).get(home(contract)))
    entry = TimeEntry.objects.get()
    answer = browser.post(reverse("contracts:stop-timer", args=[entry.pk]))
    assert answer.url == home(contract)
    entry.refresh_from_db()
    assert entry.minutes == 90


def test_a_timer_of_less_than_a_minute_says_that_it_does_not_count(pages_as, at):
    at(MONDAY + 9 * HOUR)
    contract = funded_week().contract
    entry = start_timer(contract.freelancer, contract_id=contract.pk)
    stop = reverse("contracts:stop-timer", args=[entry.pk])
    assert "less than a minute" in text(pages_as(contract.freelancer).post(stop, follow=True))


def test_a_timer_elsewhere_is_named(pages_as, at):
    at(MONDAY + 9 * HOUR)
    first = funded_week().contract
    second = funded_week(make_hourly(freelancer=first.freelancer)).contract
    start_timer(first.freelancer, contract_id=first.pk)
    page = text(pages_as(first.freelancer).get(home(second)))
    assert "Your timer runs on" in page and home(first) in page


def test_hours_are_written_on_the_reader_s_own_clock(pages_as, at):
    timesheet = worked_week(at)
    freelancer = timesheet.contract.freelancer
    freelancer.time_zone = "Asia/Tokyo"
    freelancer.save()
    add = reverse("contracts:add-time", args=[timesheet.contract_id])
    body = {"day": "2027-03-01", "start": "22:00", "end": "01:30", "memo": "Late"}
    answer = pages_as(freelancer).post(add, body)
    assert answer.url == home(timesheet.contract)
    entry = TimeEntry.objects.get()
    assert (entry.started_at, entry.minutes) == (datetime(2027, 3, 1, 13, tzinfo=UTC), 210)
    edit = reverse("contracts:edit-time", args=[entry.pk])
    page = text(pages_as(freelancer).get(edit))
    assert 'value="22:00"' in page and 'value="01:30"' in page
    pages_as(freelancer).post(edit, body | {"end": "23:00"})
    entry.refresh_from_db()
    assert entry.minutes == 60


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"day": ""}, "required"),
        ({"day": "2027-03-09"}, "has not happened yet"),
        ({"day": "2027-02-20"}, "had not begun yet"),
    ],
)
def test_impossible_hours_are_said_at_the_field(pages_as, at, body, said):
    timesheet = worked_week(at)
    hours = {"day": "2027-03-01", "start": "09:00", "end": "10:00", "memo": ""} | body
    answer = pages_as(timesheet.contract.freelancer).post(
        reverse("contracts:add-time", args=[timesheet.contract_id]), hours
    )
    assert answer.status_code == 200
    assert said in text(answer)
    assert not TimeEntry.objects.exists()


@pytest.mark.parametrize(
    ("day", "start", "field"), [("2027-03-28", "02:30", "start"), ("2027-10-31", "02:30", "start")]
)
def test_an_hour_that_clocks_skip_or_strike_twice_is_refused(settings, day, start, field):
    with timezone.override("Europe/Brussels"):
        form = HoursForm({"day": day, "start": start, "end": "09:00"})
        assert not form.is_valid()
        assert "Clocks were changed" in form.errors[field][0]


def test_the_night_of_the_changed_clock_has_its_true_length():
    with timezone.override("Europe/Brussels"):
        for day, hours in (("2027-03-27", 7), ("2027-10-30", 9)):
            form = HoursForm({"day": day, "start": "22:00", "end": "06:00"})
            assert form.is_valid()
            assert form.cleaned_data["ended_at"] - form.cleaned_data["started_at"] == hours * HOUR


def test_days_are_those_of_the_reader_s_calendar(at):
    timesheet = worked_week(at)
    log(timesheet, 1, after=16 * HOUR)
    for zone, days, day in (("UTC", 7, date(2027, 3, 1)), ("Asia/Tokyo", 7, date(2027, 3, 2))):
        with timezone.override(zone):
            view = WeekView(timesheet, timesheet.contract.freelancer, MONDAY + DAY)
            assert len(view.days) == days
            assert [each.date for each in view.days if each.rows] == [day]


@pytest.mark.parametrize(("zone", "after", "day"), [("Asia/Tokyo", 164, 8), ("America/New_York", 1, 28)])
def test_an_eighth_day_is_shown_for_hours_at_the_edge_of_the_week(at, zone, after, day):
    timesheet = worked_week(at)
    at(MONDAY + 7 * DAY)
    log(timesheet, 1, after=after * HOUR)
    with timezone.override(zone):
        view = WeekView(timesheet, timesheet.contract.freelancer, MONDAY + 7 * DAY)
        assert (len(view.days), [each.date.day for each in view.days if each.rows]) == (8, [day])


def test_a_week_is_sent_sent_back_corrected_and_approved(pages_as, at):
    timesheet = worked_week(at, hours=2)
    entry = timesheet.entries.get()
    client, freelancer = pages_as(timesheet.contract.client), pages_as(timesheet.contract.freelancer)
    page = reverse("contracts:week", args=[timesheet.pk])
    assert "Send the week" in text(freelancer.get(page))
    freelancer.post(reverse("contracts:submit-week", args=[timesheet.pk]))
    assert "Send hours back" in text(client.get(page))
    back = reverse("contracts:send-back", args=[timesheet.pk])
    empty = client.post(back, {f"reason_{entry.pk}": ""})
    assert "Choose the hours" in text(empty)
    client.post(back, {f"reason_{entry.pk}": "One hour, I think."})
    assert "One hour, I think." in text(freelancer.get(page))
    freelancer.post(
        reverse("contracts:edit-time", args=[entry.pk]), {"day": "2027-03-01", "start": "09:00", "end": "10:00"}
    )
    freelancer.post(reverse("contracts:submit-week", args=[timesheet.pk]))
    answer = client.post(reverse("contracts:approve-week", args=[timesheet.pk]))
    assert answer.url == page
    assert "$60.00" in text(client.get(page))
    timesheet.refresh_from_db()
    assert timesheet.status == "billed"


def test_each_question_about_hours_sent_back_names_its_entry(pages_as, at):
    timesheet = worked_week(at, hours=1)
    log(timesheet, after=12 * HOUR)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    form = text(pages_as(timesheet.contract.client).get(reverse("contracts:send-back", args=[timesheet.pk])))
    labels = re.findall(r'<label for="id_reason_\d+">(.+?)</label>', form, re.DOTALL)
    assert len(labels) == len(set(labels)) == 2


def test_hours_are_given_up_and_taken_away(pages_as, at):
    timesheet = worked_week(at, hours=2)
    entry = timesheet.entries.get()
    browser = pages_as(timesheet.contract.freelancer)
    answer = browser.post(reverse("contracts:delete-time", args=[entry.pk]))
    assert answer.url == reverse("contracts:week", args=[timesheet.pk])
    contested = contested_week(at)
    page = text(pages_as(contested.contract.freelancer).get(reverse("contracts:week", args=[contested.pk])))
    assert "Give these hours up" in page
    pages_as(contested.contract.freelancer).post(reverse("contracts:concede-week", args=[contested.pk]))
    contested.refresh_from_db()
    assert contested.status == "refunded"


def test_hours_are_disputed_on_their_page_and_withdrawing_pays_them(pages_as, at):
    timesheet = sent_week(at)
    contract = timesheet.contract
    client, freelancer = pages_as(contract.client), pages_as(contract.freelancer)
    week_page = reverse("contracts:week", args=[timesheet.pk])
    form = reverse("contracts:dispute-week", args=[timesheet.pk])
    assert form in text(client.get(week_page))
    assert form not in text(freelancer.get(week_page))
    assert re.search(r"\$600.00.* is held for .*10:00", text(client.get(form)))
    body = {"reason": "not_as_agreed", "explanation": "Ten hours for a label.", "amount": "600.01"}
    assert "held for these hours" in str(client.post(form, body).context["form"].errors["amount"])
    opened = client.post(form, body | {"amount": "200"})["Location"]
    for side, browser in (("client", client), ("freelancer", freelancer)):
        page = text(browser.get(week_page))
        assert opened in page and form not in page and "approve-week" not in page
        assert opened in text(browser.get(home(contract)))
        assert ("Waiting for you" in text(browser.get(home(contract)))) == (side == "freelancer")
        assert "Hours of the week of" in text(browser.get(f"{opened}transcript/"))
    question = text(client.get(opened)).partition('id="withdraw"')[2]
    assert "The hours are paid out" in question and "$200.00" in question and "$180.00" in question
    client.post(f"{opened}withdraw/")
    assert week(contract).billed_minor == 600_00


def test_hours_that_are_not_agreed_are_disputed_by_the_freelancer(pages_as, at):
    timesheet = contested_week(at)
    freelancer = pages_as(timesheet.contract.freelancer)
    form = reverse("contracts:dispute-week", args=[timesheet.pk])
    assert form in text(freelancer.get(reverse("contracts:week", args=[timesheet.pk])))
    body = {"reason": "other", "explanation": "They were agreed on.", "amount": "600"}
    opened = freelancer.post(form, body)["Location"]
    page = text(freelancer.get(opened))
    assert "time to answer with what was left" in page


def test_the_weekly_limit_is_changed_on_its_page(pages_as, at):
    at(MONDAY)
    contract = make_hourly()
    page = reverse("contracts:weekly-cap", args=[contract.pk])
    browser = pages_as(contract.client)
    assert 'value="40"' in text(browser.get(page))
    assert "hours." in text(browser.post(page, {"hours": "0.1"}))
    browser.post(page, {"hours": "12.5"})
    contract.refresh_from_db()
    assert contract.weekly_cap_minutes == 750
    assert WeeklyCapForm({"hours": "7.25"}).is_valid()


def test_a_paused_contract_offers_no_timer(pages_as, at):
    contract = worked_week(at).contract
    pause_contract(contract.client, contract_id=contract.pk)
    assert "start-timer" not in text(pages_as(contract.freelancer).get(home(contract)))


def test_a_pause_of_hourly_work_promises_no_clock_that_stands_still(pages_as, at):
    contract = sent_week(at).contract
    pause_contract(contract.client, contract_id=contract.pk)
    page = text(pages_as(contract.client).get(home(contract)))
    assert "Look them over by" in page and "Go on with the contract" in page
    page = text(pages_as(contract.freelancer).get(home(contract)))
    assert "No time is logged until one of you goes on" in page and "Every clock" not in page


def test_strangers_find_nothing(pages_as, at):
    timesheet = sent_week(at)
    stranger = pages_as(FreelancerFactory.create())
    entry = timesheet.entries.get()
    for name, pk in (("week", timesheet.pk), ("send-back", timesheet.pk), ("edit-time", entry.pk)):
        assert stranger.get(reverse(f"contracts:{name}", args=[pk])).status_code == 404
    for name in ("fund-week", "submit-week", "approve-week", "concede-week"):
        assert stranger.post(reverse(f"contracts:{name}", args=[timesheet.pk])).status_code == 404
    for name in ("stop-timer", "delete-time"):
        assert stranger.post(reverse(f"contracts:{name}", args=[entry.pk])).status_code == 404
    for name in ("start-timer", "add-time", "weekly-cap"):
        assert stranger.post(reverse(f"contracts:{name}", args=[timesheet.contract_id])).status_code == 404


def test_lists_of_hourly_contracts_count_their_queries(pages_as, at, django_assert_max_num_queries):
    first = worked_week(at, hours=1).contract
    at(MONDAY + 2 * DAY)
    for _ in range(4):
        make_hourly(project__client=first.client)
    make_contract(project__client=first.client)
    reader = pages_as(first.client)
    with django_assert_max_num_queries(14):
        assert text(reader.get(reverse("contracts:list"))).count("card-row--figures") == 6


def test_paying_in_for_a_week_says_that_what_is_not_worked_goes_back(pages_as, at):
    timesheet = new_week(at)
    client = pages_as(timesheet.contract.client)
    paying = client.post(reverse("contracts:fund-week", args=[timesheet.pk]), follow=True)
    assert "What is not worked goes back to you" in text(paying)
    assert "receives, at most" in text(paying)


def test_a_week_says_before_it_is_paid_in_what_it_comes_to_at_most(pages_as, at):
    timesheet = new_week(at)
    contract = timesheet.contract
    gross, fee, net = quote(timesheet.price, contract.fee_bps)
    for reader, receives in ((contract.client, "receives, at most"), (contract.freelancer, "You receive, at most")):
        page = text(pages_as(reader).get(reverse("contracts:week", args=[timesheet.pk])))
        assert receives in page
        for figure in (f"{gross}", f"−{fee}", f"{net}"):
            assert f'<bdi dir="ltr" class="num">{figure}</bdi>' in page


def test_every_figure_of_a_week_leads_to_its_ledger_entries(pages_as, at):
    timesheet = billed_week(at)
    contract = timesheet.contract
    give_bonus(contract.client, contract_id=contract.pk, amount=Money(50_00, "USD"), payment_method=VISA)
    for reader in (contract.client, contract.freelancer):
        money = text(pages_as(reader).get(reverse("contracts:money", args=[contract.pk])))
        for hold in (timesheet.hold, contract.bonuses.get().hold):
            assert f'href="#entries-{hold.pk}"' in money and f'id="entries-{hold.pk}"' in money
            for journal in hold.journals.all():
                assert reverse("movement", args=[journal.pk]) in money
                assert pages_as(reader).get(reverse("movement", args=[journal.pk])).status_code == 200
        week_page = text(pages_as(reader).get(reverse("contracts:week", args=[timesheet.pk])))
        for figure in ("$600.00", "−$60.00", "$540.00"):
            link = rf'<a class="plain" href="{timesheet.hold.entries_url}"><bdi[^>]*>{re.escape(figure)}</bdi>'
            assert re.search(link, week_page), figure


def test_what_hours_come_to_is_shown_before_they_are_released_given_up_or_limited(pages_as, at):
    timesheet = contested_week(at)
    contract = timesheet.contract
    address = reverse("contracts:week", args=[timesheet.pk])
    question = text(pages_as(contract.client).get(address)).partition('id="approve-week"')[2]
    assert all(figure in question for figure in ("$600.00", "−$60.00", "$540.00"))
    question = text(pages_as(contract.freelancer).get(address)).partition('id="concede-week"')[2]
    assert "$600.00 goes back to the client" in question
    limit = text(pages_as(contract.client).get(reverse("contracts:weekly-cap", args=[contract.pk])))
    assert all(figure in limit for figure in ("$60.00", "−$6.00", "$54.00"))


def test_other_words_leave_the_times_of_a_timer_that_ran_for_more_than_a_day(pages_as, at):
    at(MONDAY + 9 * HOUR)
    contract = funded_week().contract
    entry = start_timer(contract.freelancer, contract_id=contract.pk)
    at(MONDAY + 37 * HOUR)
    stop_timer(contract.freelancer, entry_id=entry.pk)
    edit = reverse("contracts:edit-time", args=[entry.pk])
    body = {"day": "2027-03-01", "start": "09:00", "end": "13:00", "memo": "Icons"}
    pages_as(contract.freelancer).post(edit, body)
    entry.refresh_from_db()
    assert (entry.memo, entry.minutes) == ("Icons", 28 * 60)


def test_other_words_leave_the_times_of_a_timer_that_ran_while_clocks_were_set_back(pages_as, at):
    at(datetime(2027, 10, 31, 0, 15, tzinfo=UTC))
    timesheet = funded_week()
    freelancer = timesheet.contract.freelancer
    freelancer.time_zone = "Europe/Brussels"
    freelancer.save()
    entry = start_timer(freelancer, contract_id=timesheet.contract_id)
    at(datetime(2027, 10, 31, 1, 45, tzinfo=UTC))
    stop_timer(freelancer, entry_id=entry.pk)
    edit = reverse("contracts:edit-time", args=[entry.pk])
    pages_as(freelancer).post(edit, {"day": "2027-10-31", "start": "02:15", "end": "02:45", "memo": "Icons"})
    entry.refresh_from_db()
    assert (entry.memo, entry.minutes) == ("Icons", 90)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_is_refused_beside_its_field(day):
    with timezone.override("Europe/Brussels"):
        form = HoursForm({"day": day, "start": "00:00", "end": "00:00"})
        assert form.errors["day"] == ["Choose another day."]
