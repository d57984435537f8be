"""Hours and weeks at the same time, over real connections and by the real clock."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from contracts.models import Contract, Dispute, TimeEntry, Timesheet
from contracts.rules.time import MINUTE
from contracts.services import (
    add_time,
    approve_timesheet,
    bill_due_weeks,
    reject_timesheet,
    start_timer,
    stop_timer,
    submit_timesheet,
)
from contracts.services.disputes import accept_offer, offer_split, open_week_dispute, withdraw_dispute
from contracts.tests.factories import funded_week, make_hourly
from core.clock import database_now
from core.errors import DomainError
from core.money import Money
from payments.models import Journal
from payments.selectors import prove, wallet
from tests.racing import at_once, until_it_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("provider")]
CROWD = 20


def outcomes(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned, or the code of its refusal."""
    return [one.code if isinstance(one, DomainError) else one for one in at_once(*acts)]


def past_week(cap: int = 600) -> Timesheet:
    """A week that is paid in, of a contract that has run for its whole length; it is put a week back."""
    timesheet = funded_week(make_hourly(cap=cap))
    put_back(timesheet)
    Timesheet.objects.filter(pk=timesheet.pk).update(edits_until=database_now() + timedelta(hours=1))
    timesheet.refresh_from_db()
    return timesheet


def put_back(timesheet: Timesheet) -> None:
    week = timedelta(days=7)
    Contract.objects.filter(pk=timesheet.contract_id).update(started_at=timesheet.starts_at - 2 * week)
    Timesheet.objects.filter(pk=timesheet.pk).update(week_start=timesheet.week_start - week)
    timesheet.refresh_from_db()


def log(timesheet: Timesheet, first: int, minutes: int) -> list[TimeEntry]:
    start = timesheet.starts_at + first * MINUTE
    return add_time(
        timesheet.contract.freelancer,
        contract_id=timesheet.contract_id,
        started_at=start,
        ended_at=start + minutes * MINUTE,
    )


def sent_week() -> Timesheet:
    timesheet = past_week()
    log(timesheet, 0, 120)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    return timesheet


def test_20_approvals_of_a_week_are_one_bill():
    timesheet = sent_week()
    results = outcomes(*[lambda: approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)] * CROWD)
    assert Counter(result for result in results if isinstance(result, str)) == {"timesheet_already_billed": CROWD - 1}
    assert Journal.objects.filter(kind="release", cause=f"timesheet:{timesheet.pk}").count() == 1
    assert wallet(timesheet.contract.freelancer)[0].available == Money(108_00, "USD")
    assert [finding for finding in prove() if finding.offenders] == []


@pytest.mark.parametrize("_round", range(4))
def test_sending_back_while_silence_approves_has_one_winner(_round):
    timesheet = sent_week()
    entry = timesheet.entries.get()
    soon = database_now() + timedelta(milliseconds=60)
    Timesheet.objects.filter(pk=timesheet.pk).update(review_until=soon)

    def wait_and_bill() -> int:
        while database_now() <= soon:
            pass
        return bill_due_weeks()

    def send_back() -> Any:
        while (soon - database_now()) > timedelta(milliseconds=_round * 5):
            pass
        return reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "No."})

    back, _ = outcomes(send_back, wait_and_bill)
    bill_due_weeks()
    timesheet.refresh_from_db()
    released = Journal.objects.filter(kind="release").count()
    if isinstance(back, str):
        assert back in {"review_over", "timesheet_not_submitted"}
        assert (timesheet.status, released) == ("billed", 1)
    else:
        assert (timesheet.status, released) == ("contested", 0)
    assert [finding for finding in prove() if finding.offenders] == []


def test_approval_and_silence_pay_once():
    timesheet = sent_week()
    Timesheet.objects.filter(pk=timesheet.pk).update(review_until=database_now() - timedelta(seconds=1))
    client = timesheet.contract.client
    outcomes(*[bill_due_weeks, lambda: approve_timesheet(client, timesheet_id=timesheet.pk)] * 5)
    assert Journal.objects.filter(kind="release").count() == 1
    timesheet.refresh_from_db()
    assert (timesheet.status, timesheet.billed_minor) == ("billed", 120_00)


def test_of_20_overlapping_stretches_one_is_written():
    timesheet = past_week()
    results = outcomes(*[lambda number=number: log(timesheet, number, 60) for number in range(CROWD)])
    assert Counter(result for result in results if isinstance(result, str)) == {"time_overlaps": CROWD - 1}
    assert TimeEntry.objects.count() == 1


def second_week(first: Timesheet) -> Timesheet:
    """The same week of another contract of the freelancer."""
    second = funded_week(make_hourly(freelancer=first.contract.freelancer))
    put_back(second)
    Timesheet.objects.filter(pk=second.pk).update(edits_until=database_now() + timedelta(hours=1))
    second.refresh_from_db()
    return second


def test_a_stretch_on_another_contract_waits_for_the_one_that_is_being_written():
    first = past_week()
    second = second_week(first)
    with transaction.atomic():
        log(first, 0, 60)
        other = until_it_waits(lambda: log(second, 120, 60))
        assert not other.done()
    assert len(other.result(timeout=60)) == 1


def test_on_two_contracts_at_once_the_database_decides():
    first = past_week()
    second = second_week(first)
    results = outcomes(*[lambda week=week: log(week, 0, 60) for week in (first, second) * 5])
    assert Counter(result for result in results if isinstance(result, str)) == {"time_overlaps": 9}


def test_the_cap_holds_against_20_at_once():
    timesheet = past_week(cap=90)
    results = outcomes(*[lambda number=number: log(timesheet, number * 30, 30) for number in range(CROWD)])
    assert Counter(result for result in results if isinstance(result, str)) == {"weekly_cap_reached": CROWD - 3}
    assert sum(entry.minutes for entry in TimeEntry.objects.all()) == 90


def test_20_starts_are_one_timer_and_20_stops_one_end():
    contract = funded_week().contract
    results = outcomes(*[lambda: start_timer(contract.freelancer, contract_id=contract.pk)] * CROWD)
    assert Counter(result for result in results if isinstance(result, str)) == {"timer_running": CROWD - 1}
    entry = TimeEntry.objects.get()
    ends = outcomes(*[lambda: stop_timer(contract.freelancer, entry_id=entry.pk)] * CROWD)
    assert {part.ended_at for [part] in ends} == {TimeEntry.objects.get().ended_at}


def test_sending_while_hours_are_added_leaves_nothing_out():
    timesheet = past_week()
    log(timesheet, 0, 60)
    freelancer = timesheet.contract.freelancer
    results = outcomes(
        *[lambda number=number: log(timesheet, 60 + number * 10, 10) for number in range(8)],
        lambda: submit_timesheet(freelancer, timesheet_id=timesheet.pk),
    )
    written = sum(not isinstance(result, str) for result in results[:-1])
    assert {result for result in results if isinstance(result, str)} <= {"week_closed"}
    approve_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk)
    timesheet.refresh_from_db()
    assert timesheet.billed_minor == 60_00 + written * 10_00


@pytest.mark.parametrize("_round", range(3))
def test_a_dispute_against_approval_and_silence_has_one_winner(_round):
    timesheet = sent_week()
    client = timesheet.contract.client
    soon = database_now() + timedelta(milliseconds=60)
    Timesheet.objects.filter(pk=timesheet.pk).update(review_until=soon)

    def claim() -> Any:
        return open_week_dispute(
            client, timesheet_id=timesheet.pk, reason="other", explanation="Too long.", claim=Money(50_00, "USD")
        )

    def wait_and_bill() -> int:
        while database_now() <= soon:
            pass
        return bill_due_weeks()

    results = outcomes(
        *[claim] * 5, *[lambda: approve_timesheet(client, timesheet_id=timesheet.pk)] * (_round * 2), wait_and_bill
    )
    opened = [result for result in results if isinstance(result, Dispute)]
    bill_due_weeks()
    timesheet.refresh_from_db()
    assert len(opened) <= 1
    if opened:
        assert (timesheet.status, timesheet.billed_minor) == ("contested", 70_00)
    else:
        assert (timesheet.status, timesheet.billed_minor) == ("billed", 120_00)
    assert Journal.objects.filter(kind="release", cause=f"timesheet:{timesheet.pk}").count() == 1
    assert [finding for finding in prove() if finding.offenders] == []


def test_outcomes_of_one_dispute_at_once_move_its_money_once():
    timesheet = sent_week()
    client, freelancer = timesheet.contract.client, timesheet.contract.freelancer
    dispute = open_week_dispute(
        client, timesheet_id=timesheet.pk, reason="other", explanation="Too long.", claim=Money(50_00, "USD")
    )
    offer = offer_split(freelancer, dispute_id=dispute.pk, to_freelancer=Money(20_00, "USD"))
    outcomes(
        *[lambda: accept_offer(client, dispute_id=dispute.pk, offer_id=offer.pk)] * 5,
        *[lambda: withdraw_dispute(client, dispute_id=dispute.pk)] * 5,
    )
    dispute.refresh_from_db()
    timesheet.refresh_from_db()
    assert (timesheet.status, timesheet.billed_minor) == (
        "billed",
        {"settled": 90_00, "withdrawn": 120_00}[dispute.status],
    )
    assert [finding for finding in prove() if finding.offenders] == []
