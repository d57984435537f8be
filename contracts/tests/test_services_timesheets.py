"""A week from being paid in to being paid out."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.tests.factories import ClientFactory, UserFactory
from contracts import tasks
from contracts.models import Timesheet
from contracts.rules.time import TIMESHEET_LIFECYCLE, TimesheetStatus
from contracts.services import (
    accept_proposal,
    add_milestone,
    approve_timesheet,
    bill_due_weeks,
    cancel_contract,
    change_weekly_cap,
    complete_contract,
    concede_timesheet,
    decide_timesheet,
    delete_time,
    edit_time,
    fund_week,
    open_due_weeks,
    pause_contract,
    prepare_week,
    reject_timesheet,
    send_due_weeks,
    start_timer,
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
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.money import Money
from notifications.models import Notification
from payments.models import Hold, Journal, Refund
from payments.selectors import prove, wallet
from payments.services import freeze_hold, split_hold, unfreeze_hold
from payments.tests.fakes import DECLINED, VISA
from projects.tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

SECOND = timedelta(seconds=1)
NOON = MONDAY + 7 * DAY + 12 * HOUR
FRIDAY = MONDAY + 12 * DAY - SECOND


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def refused(act, code: str) -> None:
    with pytest.raises(Conflict) as refusal:
        act()
    assert refusal.value.code == code


def earned(timesheet: Timesheet) -> Money:
    balances = wallet(timesheet.contract.freelancer)
    return balances[0].available if balances else usd(0)


def given_back(timesheet: Timesheet) -> Money:
    timesheet.hold.refresh_from_db()
    return timesheet.hold.refunded


@pytest.fixture(autouse=True)
def _books_are_right(_django_db_helper):
    yield
    assert [finding for finding in prove() if finding.offenders] == []


# --- Hiring and paying in -----------------------------------------------------------------------


def test_hiring_by_the_hour_freezes_the_rate_and_opens_two_weeks_without_milestones(at):
    at(MONDAY + 2 * DAY)
    contract = make_hourly(rate=65_00, cap=20 * 60)
    assert (contract.kind, contract.hourly_rate, contract.weekly_cap_minutes) == ("hourly", usd(65_00), 1200)
    assert not contract.milestones.exists()
    weeks = contract.timesheets.order_by("week_start")
    assert [(each.week_start, each.status, each.cap_minutes) for each in weeks] == [
        (MONDAY.date(), "pending", 1200),
        ((MONDAY + 7 * DAY).date(), "pending", 1200),
    ]
    assert weeks[0].price == usd(1300_00)
    assert (weeks[0].edits_until, weeks[0].review_until) == (NOON, FRIDAY)
    assert weeks[0].review_until == datetime(2027, 3, 12, 23, 59, 59, tzinfo=UTC)


def test_the_usual_cap_is_40_hours_or_what_can_be_paid_in_at_once(at):
    at(MONDAY)
    for rate, currency, minutes in ((60_00, "USD", 2400), (50_000_00, "IDR", 1199), (90_000_000, "VND", 66)):
        offer = ProposalFactory.create(
            bid_amount_minor=rate,
            currency=currency,
            project__budget_type="hourly",
            project__currency=currency,
            steps=[],
        )
        contract = accept_proposal(offer.project.client, proposal_id=offer.pk)
        assert contract.weekly_cap_minutes == minutes
        assert week(contract).price.minor <= 99_999_999


@pytest.mark.parametrize("minutes", [0, 29, 7 * 24 * 60 + 1])
def test_an_impossible_cap_is_refused_and_nothing_is_left_behind(at, minutes):
    at(MONDAY)
    with pytest.raises(Invalid) as refusal:
        make_hourly(cap=minutes)
    assert "weekly_cap_minutes" in refusal.value.fields


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


def test_weeks_are_opened_ahead_for_contracts_that_go_on(at):
    at(MONDAY)
    contract, paused = make_hourly(), make_hourly()
    pause_contract(paused.client, contract_id=paused.pk)
    make_contract()
    assert open_due_weeks() == 0
    at(MONDAY + 7 * DAY)
    assert open_due_weeks() == 1
    assert open_due_weeks() == 0
    assert (contract.timesheets.count(), paused.timesheets.count()) == (3, 2)
    assert Timesheet.objects.count() == 5


def test_another_cap_holds_for_weeks_that_are_not_paid_in(at):
    at(MONDAY)
    contract = make_hourly(cap=600)
    funded_week(contract)
    asked = prepare_week(contract.client, timesheet_id=week(contract, 1).pk).hold
    change_weekly_cap(contract.client, contract_id=contract.pk, minutes=1200)
    assert [each.cap_minutes for each in contract.timesheets.order_by("week_start")] == [600, 1200]
    asked.refresh_from_db()
    assert asked.status == "cancelled"
    assert funded_week(contract, 1).hold.amount == usd(1200_00)
    at(MONDAY + 7 * DAY)
    open_due_weeks()
    assert week(contract, 2).cap_minutes == 1200
    assert Notification.objects.filter(user=contract.freelancer, kind="contract_cap_changed").count() == 1


def test_who_may_change_the_cap_and_when(at):
    at(MONDAY)
    contract, fixed = make_hourly(), make_contract()
    with pytest.raises(Forbidden):
        change_weekly_cap(contract.freelancer, contract_id=contract.pk, minutes=600)
    with pytest.raises(NotFound):
        change_weekly_cap(fixed.client, contract_id=contract.pk, minutes=600)
    with pytest.raises(Invalid):
        change_weekly_cap(contract.client, contract_id=contract.pk, minutes=10)
    refused(lambda: change_weekly_cap(fixed.client, contract_id=fixed.pk, minutes=600), "contract_not_hourly")
    cancel_contract(contract.client, contract_id=contract.pk)
    refused(lambda: change_weekly_cap(contract.client, contract_id=contract.pk, minutes=600), "contract_cancelled")


def test_an_hourly_contract_has_no_milestones(at):
    at(MONDAY)
    contract = make_hourly()
    refused(
        lambda: add_milestone(contract.client, contract_id=contract.pk, title="More", amount=usd(1_00)),
        "contract_is_hourly",
    )


# --- Sending ------------------------------------------------------------------------------------


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


# --- Reviewing and paying out -------------------------------------------------------------------


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


# --- Hours that were sent back ------------------------------------------------------------------


def sent_back_week(at) -> Timesheet:
    """Two entries, of 2 and of 3 hours; the client does not agree with the second."""
    timesheet = worked_week(at, hours=2)
    second = log(timesheet, 3, after=12 * HOUR)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={second.pk: "We agreed on two."})
    return week(timesheet.contract)


def disputed_entry(timesheet: Timesheet):
    return timesheet.entries.get(rejected_at__isnull=False)


def test_hours_go_back_with_a_reason_each(at):
    timesheet = sent_back_week(at)
    assert timesheet.status == "returned"
    assert disputed_entry(timesheet).rejection == "We agreed on two."
    assert Notification.objects.filter(user=timesheet.contract.freelancer, kind="timesheet_returned").count() == 1


@pytest.mark.parametrize("reasons", [{}, {0: "No"}, "blank"])
def test_sending_back_names_entries_of_the_week_and_reasons(at, reasons):
    timesheet = sent_week(at)
    chosen = {timesheet.entries.get().pk: " "} if reasons == "blank" else reasons
    with pytest.raises(Invalid) as refusal:
        reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons=chosen)
    assert "entries" in refusal.value.fields


def test_nothing_is_sent_back_after_friday(at):
    timesheet = sent_week(at)
    entry = timesheet.entries.get()
    at(FRIDAY + SECOND)
    refused(
        lambda: reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "No"}),
        "review_over",
    )


def test_corrected_hours_are_sent_again_and_paid(at):
    timesheet = sent_back_week(at)
    entry = disputed_entry(timesheet)
    freelancer = timesheet.contract.freelancer
    edit_time(freelancer, entry_id=entry.pk, ended_at=entry.started_at + 2 * HOUR)
    agreed = timesheet.entries.get(rejected_at=None)
    refused(lambda: edit_time(freelancer, entry_id=agreed.pk, memo="More"), "week_closed")
    submit_timesheet(freelancer, timesheet_id=timesheet.pk)
    timesheet.refresh_from_db()
    assert (timesheet.status, timesheet.review_until) == ("submitted", FRIDAY)
    assert not timesheet.entries.filter(rejected_at__isnull=False).exists()
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    assert earned(timesheet) == usd(216_00)


def test_late_corrections_give_the_client_two_days(at):
    timesheet = sent_back_week(at)
    at(FRIDAY - HOUR)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    timesheet.refresh_from_db()
    assert timesheet.review_until == FRIDAY - HOUR + 2 * DAY
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 0


def test_corrections_end_with_the_time_to_review(at):
    timesheet = sent_back_week(at)
    freelancer = timesheet.contract.freelancer
    entry = disputed_entry(timesheet)
    at(FRIDAY + SECOND)
    refused(lambda: edit_time(freelancer, entry_id=entry.pk, memo="Late"), "week_closed")
    refused(lambda: submit_timesheet(freelancer, timesheet_id=timesheet.pk), "week_closed")


def test_hours_taken_back_leave_the_agreed_ones_to_be_paid(at):
    timesheet = sent_back_week(at)
    delete_time(timesheet.contract.freelancer, entry_id=disputed_entry(timesheet).pk)
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 1
    timesheet.refresh_from_db()
    assert (timesheet.status, earned(timesheet)) == ("billed", usd(108_00))


def test_a_week_whose_every_hour_was_taken_back_goes_back(at):
    timesheet = sent_week(at)
    entry = timesheet.entries.get()
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "Not ours."})
    delete_time(timesheet.contract.freelancer, entry_id=entry.pk)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    timesheet.refresh_from_db()
    assert (timesheet.status, given_back(timesheet)) == ("refunded", usd(2400_00))


def test_the_client_may_approve_after_all(at):
    timesheet = sent_back_week(at)
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    assert earned(timesheet) == usd(270_00)


def contested_week(at) -> Timesheet:
    timesheet = sent_back_week(at)
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 1
    return week(timesheet.contract)


def test_hours_that_are_not_agreed_stay_held_and_the_others_are_paid(at):
    timesheet = contested_week(at)
    assert (timesheet.status, timesheet.billed, timesheet.hold.held) == ("contested", usd(120_00), usd(180_00))
    assert (earned(timesheet), given_back(timesheet)) == (usd(108_00), usd(2100_00))
    assert bill_due_weeks() == 0
    told = Notification.objects.filter(kind="timesheet_contested").values_list("user_id", flat=True)
    assert set(told) == {timesheet.contract.client_id, timesheet.contract.freelancer_id}


def test_the_client_pays_them_after_all(at):
    timesheet = contested_week(at)
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    timesheet = week(timesheet.contract)
    assert (timesheet.status, timesheet.billed, earned(timesheet)) == ("billed", usd(300_00), usd(270_00))


def test_the_freelancer_gives_them_up(at):
    timesheet = contested_week(at)
    concede_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    timesheet = week(timesheet.contract)
    assert (timesheet.status, timesheet.billed, earned(timesheet)) == ("billed", usd(120_00), usd(108_00))
    assert given_back(timesheet) == usd(2280_00)


def test_giving_up_every_hour_of_a_week_returns_it(at):
    timesheet = sent_week(at)
    entry = timesheet.entries.get()
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "Not ours."})
    at(FRIDAY + SECOND)
    bill_due_weeks()
    concede_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    timesheet.refresh_from_db()
    assert (timesheet.status, earned(timesheet), given_back(timesheet)) == ("refunded", usd(0), usd(2400_00))


@pytest.mark.parametrize(("amount", "net"), [(0, 108_00), (60_00, 162_00), (180_00, 270_00)])
def test_staff_decide_what_becomes_of_them(at, amount, net):
    timesheet = contested_week(at)
    decide_timesheet(UserFactory.create(staff=True), timesheet_id=timesheet.pk, amount=usd(amount), reason="Seen.")
    timesheet = week(timesheet.contract)
    assert (timesheet.status, earned(timesheet), timesheet.hold.held) == ("billed", usd(net), usd(0))
    assert timesheet.events.latest("id").reason == "Seen."


def test_a_decision_has_a_reason_and_bounds_and_a_week_that_needs_it(at):
    timesheet = contested_week(at)
    staff = UserFactory.create(staff=True)
    with pytest.raises(Invalid):
        decide_timesheet(staff, timesheet_id=timesheet.pk, amount=usd(0), reason=" ")
    for amount in (usd(180_01), usd(-1), Money(1, "EUR")):
        refused(
            lambda amount=amount: decide_timesheet(staff, timesheet_id=timesheet.pk, amount=amount, reason="x"),
            "amount_exceeds_held",
        )
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    for act in (
        lambda: decide_timesheet(staff, timesheet_id=timesheet.pk, amount=usd(1), reason="x"),
        lambda: concede_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk),
    ):
        refused(act, "timesheet_not_contested")


def test_giving_up_is_the_freelancers(at):
    timesheet = contested_week(at)
    with pytest.raises(Forbidden):
        concede_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)


def test_money_in_dispute_moves_only_by_its_outcome(at):
    timesheet = contested_week(at)
    freeze_hold(None, hold=timesheet.hold, reason="In dispute.")
    for act in (
        lambda: approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk),
        lambda: concede_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk),
    ):
        refused(act, "hold_frozen")
    split_hold(None, hold=timesheet.hold, to_payee=usd(90_00), reason="Half.", cause="dispute:1")
    timesheet.refresh_from_db()
    assert (timesheet.status, timesheet.billed, earned(timesheet)) == ("billed", usd(210_00), usd(189_00))


def test_a_week_in_dispute_is_not_paid_by_silence(at):
    timesheet = sent_week(at)
    freeze_hold(None, hold=timesheet.hold, reason="In dispute.")
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 0
    unfreeze_hold(None, hold=timesheet.hold, reason="Withdrawn.")
    assert bill_due_weeks() == 1


def test_a_dispute_that_pays_all_ends_the_week(at):
    timesheet = sent_week(at)
    freeze_hold(None, hold=timesheet.hold, reason="In dispute.")
    split_hold(None, hold=timesheet.hold, to_payee=timesheet.hold.held, reason="All.", cause="dispute:1")
    timesheet.refresh_from_db()
    assert (timesheet.status, timesheet.billed) == ("billed", usd(2400_00))


# --- The end ------------------------------------------------------------------------------------


def test_a_contract_without_hours_ends_and_its_weeks_go_back(at):
    timesheet = worked_week(at)
    contract = timesheet.contract
    cancel_contract(contract.client, contract_id=contract.pk)
    assert sorted(contract.timesheets.values_list("status", flat=True)) == ["cancelled", "refunded"]
    assert given_back(timesheet) == usd(2400_00)


@pytest.mark.parametrize("with_timer", [True, False])
def test_a_contract_with_hours_does_not_simply_end(at, with_timer):
    timesheet = worked_week(at, hours=0 if with_timer else 1)
    contract = timesheet.contract
    if with_timer:
        start_timer(contract.freelancer, contract_id=contract.pk)
    refused(lambda: cancel_contract(contract.client, contract_id=contract.pk), "contract_has_work")


def test_a_contract_completes_when_its_hours_are_paid_and_returns_the_other_weeks(at):
    timesheet = worked_week(at, hours=1)
    contract = timesheet.contract
    funded_week(contract, 1)
    refused(lambda: complete_contract(contract.client, contract_id=contract.pk), "contract_has_held_funds")
    submit_timesheet(contract.freelancer, timesheet_id=timesheet.pk)
    refused(lambda: complete_contract(contract.client, contract_id=contract.pk), "contract_has_held_funds")
    approve_timesheet(contract.client, timesheet_id=timesheet.pk)
    complete_contract(contract.client, contract_id=contract.pk)
    contract.refresh_from_db()
    assert contract.status == "completed"
    assert week(contract, 1).status == "refunded"
    assert sum(hold.held_minor for hold in Hold.objects.all()) == 0


def test_a_contract_without_paid_hours_is_not_completed(at):
    timesheet = worked_week(at)
    contract = timesheet.contract
    refused(lambda: complete_contract(contract.client, contract_id=contract.pk), "contract_has_no_work")
    start_timer(contract.freelancer, contract_id=contract.pk)
    refused(lambda: complete_contract(contract.client, contract_id=contract.pk), "contract_has_held_funds")


# --- The table ----------------------------------------------------------------------------------


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
