"""A contract by the hour: how it begins, its cap and its weeks, and how it ends."""

from datetime import UTC, datetime

import pytest

from contracts.models import Timesheet
from contracts.services import (
    accept_proposal,
    add_milestone,
    approve_timesheet,
    cancel_contract,
    change_weekly_cap,
    complete_contract,
    open_due_weeks,
    pause_contract,
    prepare_week,
    start_timer,
    submit_timesheet,
)
from contracts.tests.factories import DAY, MONDAY, funded_week, make_contract, make_hourly, week, worked_week
from contracts.tests.weeks import FRIDAY, NOON, given_back, refused, usd
from core.errors import Forbidden, Invalid, NotFound
from notifications.models import Notification
from payments.models import Hold
from projects.tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


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
