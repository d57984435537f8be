"""Weeks of hourly contracts: 10 hours at 60.00 of 20 that were paid in."""

from datetime import datetime, timedelta

from django.utils import timezone

from contracts.models import Timesheet
from contracts.rules.time import start_of, week_of
from contracts.services import (
    approve_timesheet,
    bill_due_weeks,
    concede_timesheet,
    fund_week,
    reject_timesheet,
    send_due_weeks,
    submit_timesheet,
)
from contracts.services.disputes import accept_claim, open_week_dispute
from contracts.tests.factories import DAY, funded_week, log, make_hourly, week
from core.clock import database_now
from core.money import Money
from payments.tests.fakes import VISA
from torture.books import Bank
from torture.later import work_off
from torture.scenes.stage import Scene, balance_of, books, fresh, scene_at, stopped_at

CAP = 20 * 60
PAID_IN, WORKED, EARNED = 1_200_00, 600_00, 540_00
BILLED = ("refunded", 0, {"fund": 1, "release": 1, "refund": 1})


def wednesday() -> datetime:
    """Of this week, in the morning."""
    return start_of(week_of(timezone.now())) + timedelta(days=2, hours=8)


def worked(hours: float = 10) -> Timesheet:
    with stopped_at(start_of(week_of(database_now()))):
        timesheet = funded_week(make_hourly(60_00, CAP))
    if hours:
        log(timesheet, hours, after=timedelta(days=1, hours=9))
    return timesheet


def sent(hours: float = 10) -> Timesheet:
    timesheet = worked(hours)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    return week(timesheet.contract)


def story(bank: Bank, timesheet: Timesheet) -> tuple[object, ...]:
    contract = timesheet.contract
    return (
        fresh(timesheet).status,
        books(fresh(timesheet).hold),
        balance_of(contract.freelancer, "available"),
        bank.took(contract.client),
    )


@scene_at(wednesday)
def pay_a_week_in(bank: Bank) -> Scene:
    timesheet = week(make_hourly(60_00, CAP))
    return Scene(
        lambda: fund_week(timesheet.contract.client, timesheet_id=timesheet.pk, payment_method=VISA),
        lambda: story(bank, timesheet),
        ("open", ("held", PAID_IN, {"fund": 1}), 0, ([PAID_IN], [])),
    )


@scene_at(wednesday)
def send_a_week(bank: Bank) -> Scene:
    timesheet = worked()
    return Scene(
        lambda: submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk),
        lambda: story(bank, timesheet),
        ("submitted", ("held", PAID_IN, {"fund": 1}), 0, ([PAID_IN], [])),
    )


@scene_at(wednesday)
def approve_a_week(bank: Bank) -> Scene:
    timesheet = sent()

    def act() -> None:
        approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
        work_off()

    return Scene(act, lambda: story(bank, timesheet), ("billed", BILLED, EARNED, ([PAID_IN], [PAID_IN - WORKED])))


@scene_at(wednesday)
def a_week_is_billed_by_silence(bank: Bank) -> Scene:
    timesheet = worked()
    after = start_of(timesheet.week_start) + timedelta(days=7, hours=13)
    later = timesheet.review_until + DAY

    def act() -> None:
        with stopped_at(after):
            send_due_weeks()
        with stopped_at(later):
            bill_due_weeks()
        work_off()

    return Scene(act, lambda: story(bank, timesheet), ("billed", BILLED, EARNED, ([PAID_IN], [PAID_IN - WORKED])))


@scene_at(wednesday)
def a_week_without_hours_goes_back(bank: Bank) -> Scene:
    timesheet = worked(0)
    after = start_of(timesheet.week_start) + timedelta(days=7, hours=13)

    def act() -> None:
        with stopped_at(after):
            send_due_weeks()
        work_off()

    return Scene(
        act,
        lambda: story(bank, timesheet),
        ("refunded", ("refunded", 0, {"fund": 1, "refund": 1}), 0, ([PAID_IN], [PAID_IN])),
    )


@scene_at(wednesday)
def hours_that_are_not_agreed_are_given_up(bank: Bank) -> Scene:
    """Of two entries of 10 and 2 hours the second was sent back, and nobody corrected it."""
    timesheet = worked()
    second = log(timesheet, 2, after=timedelta(hours=9))
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={second.pk: "Not asked for."})
    with stopped_at(timesheet.review_until + DAY):
        bill_due_weeks()

    def act() -> None:
        try:
            concede_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
        finally:
            work_off()

    return Scene(
        act,
        lambda: story(bank, timesheet),
        (
            "billed",
            ("refunded", 0, {"fund": 1, "release": 1, "refund": 2}),
            EARNED,
            ([PAID_IN], [120_00, PAID_IN - WORKED - 120_00]),
        ),
    )


@scene_at(wednesday)
def a_dispute_about_hours(bank: Bank) -> Scene:
    """The client claims 120.00 of the 600.00 that were worked, and the freelancer agrees."""
    timesheet = sent()
    contract = timesheet.contract

    def act() -> None:
        dispute = contract.disputes.first()
        if dispute is None:
            claim = Money(120_00, "USD")
            dispute = open_week_dispute(
                contract.client, timesheet_id=timesheet.pk, reason="not_as_agreed", explanation="Too slow.", claim=claim
            )
        try:
            accept_claim(contract.freelancer, dispute_id=dispute.pk)
        finally:
            work_off()

    return Scene(
        act,
        lambda: story(bank, timesheet),
        (
            "billed",
            ("refunded", 0, {"fund": 1, "release": 1, "refund": 2}),
            432_00,
            ([PAID_IN], [120_00, PAID_IN - WORKED]),
        ),
    )
