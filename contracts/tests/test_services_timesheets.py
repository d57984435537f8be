"""A week from being paid in to being paid out."""

import pytest
import time_machine

from accounts.tests.factories import ClientFactory, UserFactory
from contracts import tasks
from contracts.models import Timesheet
from contracts.rules.time import TIMESHEET_LIFECYCLE, TimesheetStatus
from contracts.services import (
    approve_timesheet,
    bill_due_weeks,
    fund_week,
    pause_contract,
    prepare_week,
    reject_timesheet,
    send_due_weeks,
    start_timer,
    submit_timesheet,
)
from contracts.tests.factories import DAY, HOUR, MONDAY, funded_week, make_hourly, sent_week, week, worked_week
from contracts.tests.weeks import FRIDAY, NOON, SECOND, earned, given_back, refused, usd
from core.errors import Conflict, Forbidden, NotFound
from core.money import Money
from notifications.models import Notification
from payments.models import Journal, Refund
from payments.selectors import wallet
from payments.tests.fakes import DECLINED, VISA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def test_paying_a_week_in_holds_the_cap_and_tells_the_freelancer(at):
    at(MONDAY)
    contract = make_hourly(rate=60_00, cap=600)
    timesheet, payment = fund_week(contract.client, timesheet_id=week(contract).pk, payment_method=VISA)
    assert (timesheet.status, payment.status) == ("open", "succeeded")
    hold = week(contract).hold
    assert (hold.held, hold.purpose, hold.payee, hold.fee_bps) == (usd(600_00), "timesheet", contract.freelancer, 1000)
    assert Notification.objects.filter(user=contract.freelancer, kind="timesheet_funded").count() == 1


def test_a_declined_card_leaves_the_week_unpaid(at):
    at(MONDAY)
    contract = make_hourly()
    timesheet, payment = fund_week(contract.client, timesheet_id=week(contract).pk, payment_method=DECLINED)
    assert (timesheet.status, payment.status) == ("pending", "failed")


def test_the_next_week_can_be_paid_in_ahead_but_not_one_that_is_over(at):
    at(MONDAY)
    contract = make_hourly()
    assert funded_week(contract, 1).status == "open"
    at(MONDAY + 7 * DAY)
    refused(lambda: prepare_week(contract.client, timesheet_id=week(contract).pk), "week_over")


def test_only_the_client_pays_in_and_not_while_the_contract_stands_still(at):
    at(MONDAY)
    contract = make_hourly()
    with pytest.raises(Forbidden):
        prepare_week(contract.freelancer, timesheet_id=week(contract).pk)
    with pytest.raises(NotFound):
        prepare_week(ClientFactory.create(), timesheet_id=week(contract).pk)
    pause_contract(contract.client, contract_id=contract.pk)
    refused(lambda: prepare_week(contract.client, timesheet_id=week(contract).pk), "contract_paused")


def test_a_week_is_sent_early_by_the_freelancer(at):
    timesheet = sent_week(at, hours=10)
    assert (timesheet.status, timesheet.submitted_at, timesheet.review_until) == ("submitted", MONDAY + DAY, FRIDAY)
    assert Notification.objects.filter(user=timesheet.contract.client, kind="timesheet_submitted").count() == 1
    assert submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk).status == "submitted"


def test_an_empty_week_one_with_a_running_timer_and_one_not_paid_in_are_not_sent(at):
    timesheet = worked_week(at)
    freelancer = timesheet.contract.freelancer
    refused(lambda: submit_timesheet(freelancer, timesheet_id=timesheet.pk), "timesheet_empty")
    start_timer(freelancer, contract_id=timesheet.contract_id)
    refused(lambda: submit_timesheet(freelancer, timesheet_id=timesheet.pk), "timer_running")
    refused(lambda: submit_timesheet(freelancer, timesheet_id=week(timesheet.contract, 1).pk), "timesheet_not_open")


def test_a_week_is_sent_by_itself_on_monday_at_noon_with_what_the_timer_measured(at):
    timesheet = worked_week(at, hours=1)
    at(MONDAY + 7 * DAY - HOUR)
    start_timer(timesheet.contract.freelancer, contract_id=timesheet.contract_id)
    at(NOON - SECOND)
    assert send_due_weeks() == 0
    at(NOON)
    assert send_due_weeks() == 1
    assert send_due_weeks() == 0
    timesheet.refresh_from_db()
    assert timesheet.status == "submitted"
    assert [entry.minutes for entry in timesheet.entries.all()] == [60, 60]


def test_a_week_without_work_goes_back_in_full(at):
    timesheet = worked_week(at)
    at(NOON)
    send_due_weeks()
    timesheet.refresh_from_db()
    assert (timesheet.status, given_back(timesheet)) == ("refunded", usd(2400_00))
    assert earned(timesheet) == usd(0)


def test_a_week_that_was_never_paid_in_lapses_and_a_late_payment_goes_back(at, provider, run_jobs):
    at(MONDAY)
    contract = make_hourly()
    prepare_week(contract.client, timesheet_id=week(contract).pk)
    at(NOON)
    send_due_weeks()
    timesheet = week(contract)
    assert (timesheet.status, timesheet.hold.status) == ("cancelled", "cancelled")
    refused(lambda: fund_week(contract.client, timesheet_id=timesheet.pk, payment_method=VISA), "hold_closed")


def test_a_week_is_due_by_the_database_s_clock(at):
    timesheet = worked_week(at, hours=1)
    with time_machine.travel(NOON + 2 * DAY, tick=False):
        assert send_due_weeks() == 0
    at(NOON)
    with time_machine.travel(NOON - 2 * DAY, tick=False):
        assert send_due_weeks() == 1
    at(FRIDAY)
    with time_machine.travel(FRIDAY + 2 * DAY, tick=False):
        assert bill_due_weeks() == 0
    at(FRIDAY + SECOND)
    with time_machine.travel(FRIDAY - 2 * DAY, tick=False):
        assert bill_due_weeks() == 1
    timesheet.refresh_from_db()
    assert timesheet.status == "billed"


def test_approval_pays_the_hours_and_gives_the_rest_back(at):
    timesheet = sent_week(at, hours=10.25, rate=33_33)
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    timesheet = week(timesheet.contract)
    assert (timesheet.status, timesheet.billed) == ("billed", usd(341_63))  # 341.6325
    hold = timesheet.hold
    assert (hold.released, hold.fee, hold.refunded) == (usd(307_47), usd(34_16), hold.amount - usd(341_63))
    assert earned(timesheet) == usd(307_47)
    assert set(Journal.objects.filter(kind__in=["release", "refund"]).values_list("kind", "cause")) == {
        ("release", f"timesheet:{timesheet.pk}"),
        ("refund", f"timesheet:{timesheet.pk}"),
    }
    told = Notification.objects.filter(kind__in=["payment_received", "payment_sent"])
    assert {news.user for news in told} == {timesheet.contract.client, timesheet.contract.freelancer}


def test_a_full_week_gives_nothing_back(at):
    timesheet = sent_week(at, hours=10, cap=600)
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    assert (week(timesheet.contract).hold.status, Refund.objects.count()) == ("released", 0)


@pytest.mark.parametrize(("rate", "currency", "net"), [(3_000, "JPY", 2_700 * 10), (12_345, "KWD", 111_105)])
def test_other_currencies_come_out_to_the_unit(at, rate, currency, net):
    timesheet = sent_week(at, hours=10, rate=rate, currency=currency)
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    available = {balance.currency: balance.available for balance in wallet(timesheet.contract.freelancer)}
    assert available[currency] == Money(net, currency)


@pytest.mark.parametrize(
    ("rate", "currency", "hours", "price", "gross"),
    [
        (12_347, "KWD", 10.25, 463_010, 126_560),  # 463.0125 and 126.55675: in tens of fils
        (9_999_33, "HUF", 1.5, 374_975_00, 14_999_00),  # 374,974.875 and 14,998.995: whole forints
    ],
)
def test_hours_are_paid_in_amounts_whose_rest_can_be_sent_back(at, rate, currency, hours, price, gross):
    timesheet = sent_week(at, hours=hours, rate=rate, currency=currency, cap=2250)
    assert timesheet.hold.amount == timesheet.price == Money(price, currency)
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    timesheet = week(timesheet.contract)
    assert (timesheet.status, timesheet.billed) == ("billed", Money(gross, currency))
    assert given_back(timesheet) == Money(price - gross, currency)


def test_silence_pays_the_week_out_after_friday(at):
    timesheet = sent_week(at)
    at(FRIDAY)
    assert bill_due_weeks() == 0
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 1
    assert bill_due_weeks() == 0
    timesheet.refresh_from_db()
    assert (timesheet.status, earned(timesheet)) == ("billed", usd(540_00))
    assert [event.actor for event in timesheet.events.filter(move__in=["approve", "bill"])] == [None, None]


def test_the_jobs_turn_weeks_and_stop_timers(at):
    timesheet = worked_week(at, hours=1)
    entry = start_timer(timesheet.contract.freelancer, contract_id=timesheet.contract_id)
    at(NOON)
    tasks.stop_timers()
    tasks.turn_weeks()
    entry.refresh_from_db()
    timesheet.refresh_from_db()
    assert (entry.ended_at - entry.started_at, timesheet.status) == (39 * HOUR, "submitted")  # 40 hours in all
    assert timesheet.contract.timesheets.count() == 3
    at(FRIDAY + SECOND)
    tasks.turn_weeks()
    timesheet.refresh_from_db()
    assert (timesheet.status, timesheet.billed) == ("billed", usd(2400_00))


def test_a_pause_does_not_keep_worked_hours_from_being_paid(at):
    timesheet = sent_week(at)
    pause_contract(timesheet.contract.client, contract_id=timesheet.contract_id)
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 1


def test_a_week_is_paid_once(at):
    timesheet = sent_week(at)
    client = timesheet.contract.client
    approve_timesheet(client, timesheet_id=timesheet.pk)
    refused(lambda: approve_timesheet(client, timesheet_id=timesheet.pk), "timesheet_already_billed")
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 0
    assert Journal.objects.filter(kind="release").count() == 1


def test_an_open_week_is_neither_approved_nor_sent_back(at):
    timesheet = worked_week(at, hours=1)
    client = timesheet.contract.client
    entry = timesheet.entries.get()
    refused(lambda: approve_timesheet(client, timesheet_id=timesheet.pk), "timesheet_not_submitted")
    refused(
        lambda: reject_timesheet(client, timesheet_id=timesheet.pk, reasons={entry.pk: "No"}),
        "timesheet_not_submitted",
    )


def test_only_the_client_reviews(at):
    timesheet = sent_week(at)
    entry = timesheet.entries.get()
    for act in (
        lambda actor: approve_timesheet(actor, timesheet_id=timesheet.pk),
        lambda actor: reject_timesheet(actor, timesheet_id=timesheet.pk, reasons={entry.pk: "No"}),
    ):
        with pytest.raises(Forbidden):
            act(timesheet.contract.freelancer)
        with pytest.raises(NotFound):
            act(UserFactory.create())


@pytest.mark.parametrize("move", TIMESHEET_LIFECYCLE.moves)
@pytest.mark.parametrize("status", TimesheetStatus.values)
def test_a_move_is_possible_exactly_from_its_sources(at, status, move):
    at(MONDAY)
    timesheet = funded_week()
    ended = {"billed_at": MONDAY} if status == "billed" else {}
    Timesheet.objects.filter(pk=timesheet.pk).update(status=status, **ended)
    timesheet.refresh_from_db()
    step = TIMESHEET_LIFECYCLE.moves[move]
    changes = {"billed_at": MONDAY} if step.target == "billed" else {}
    if status in step.sources:
        TIMESHEET_LIFECYCLE.perform(timesheet, move, **changes)
        assert Timesheet.objects.get(pk=timesheet.pk).status == step.target
    else:
        with pytest.raises(Conflict):
            TIMESHEET_LIFECYCLE.perform(timesheet, move, **changes)
