"""What happens next, said in one place for pages and API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contracts.models import Contract, Milestone
from contracts.selectors import Workspace, automatic_actions, next_steps
from contracts.services import (
    add_milestone,
    approve_milestone,
    bill_due_weeks,
    cancel_contract,
    pause_contract,
    reject_timesheet,
    request_revision,
    submit_timesheet,
)
from contracts.tests.factories import (
    aged,
    first_step,
    funded_step,
    log,
    make_contract,
    refund_asked,
    rolled_step,
    sent_week,
    submitted_step,
    worked_week,
)
from core.money import Money
from payments.services import freeze_hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def loaded(contract: Contract) -> Contract:
    return Contract.objects.with_parties().get(pk=contract.pk)


def first(contract: Contract) -> tuple[str, str]:
    step = next_steps(loaded(contract))[0]
    return step.kind, step.who


def planned(contract: Contract) -> list[str]:
    return [action.kind for action in automatic_actions(loaded(contract))]


HOLD = ["hold_warning", "hold_review", "hold_limit"]


def test_each_state_names_what_waits_and_for_whom():
    assert first(make_contract()) == ("pay_in", "client")
    assert first(funded_step().contract) == ("hand_in", "freelancer")
    milestone = submitted_step()
    assert first(milestone.contract) == ("answer", "client")
    request_revision(milestone.contract.client, milestone_id=milestone.pk, note="Bigger.")
    assert first(milestone.contract) == ("make_changes", "freelancer")
    assert first(refund_asked().milestone.contract) == ("answer_refund", "freelancer")
    paused, ended = make_contract(), make_contract()
    pause_contract(paused.client, contract_id=paused.pk)
    cancel_contract(ended.client, contract_id=ended.pk)
    assert (first(paused), first(ended)) == (("paused", "both"), ("cancelled", "nobody"))
    done = submitted_step([500_00])
    approve_milestone(done.contract.client, milestone_id=done.pk)
    assert first(done.contract) == ("review", "both")


def test_a_proposed_change_waits_for_the_side_that_did_not_propose_it():
    contract = make_contract()
    add_milestone(contract.client, contract_id=contract.pk, title="More", amount=Money(100_00, "USD"))
    assert first(contract) == ("answer_change", "freelancer")
    assert Workspace(loaded(contract), contract.freelancer).next_step.kind == "answer_change"
    assert Workspace(loaded(contract), contract.client).next_step.kind == "pay_in"  # the own task comes first


def test_the_other_side_is_told_whom_it_waits_for():
    asked = refund_asked([500_00])
    step = Workspace(loaded(asked.milestone.contract), asked.milestone.contract.client).next_step
    assert (step.kind, step.waiting, step.until) == ("refund_answer_coming", False, asked.answer_by)


def test_when_all_is_settled_nothing_waits():
    milestone = submitted_step([500_00])
    contract = milestone.contract
    add_milestone(contract.freelancer, contract_id=contract.pk, title="More", amount=Money(1_00, "USD"))
    approve_milestone(contract.client, milestone_id=milestone.pk)
    contract.changes.all().delete()
    assert first(contract) == ("nothing", "client")


def test_the_site_says_what_it_will_do_by_itself_and_when():
    contract = submitted_step([500_00]).contract
    actions = automatic_actions(loaded(contract))
    assert [action.kind for action in actions] == ["reminder", "reminder", "release_by_silence", *HOLD]
    assert actions == sorted(actions, key=lambda action: action.at)
    step = first_step(contract)
    assert actions[2].at == step.release_at
    assert actions[0].at == step.release_at - timedelta(days=9)


def test_reminders_that_were_sent_are_not_announced_again():
    milestone = submitted_step([500_00])
    Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() + timedelta(days=1))
    assert planned(milestone.contract) == ["release_by_silence", *HOLD]
    aged(milestone, days=80)
    assert planned(milestone.contract)[1:] == ["hold_review", "hold_limit"]


def test_a_pause_stops_every_clock_but_that_of_the_hold():
    contract = submitted_step([500_00]).contract
    pause_contract(contract.client, contract_id=contract.pk)
    assert planned(contract) == HOLD


def test_nothing_happens_by_itself_to_funds_in_dispute():
    milestone = funded_step([500_00])
    freeze_hold(None, hold=milestone.hold, reason="dispute")
    assert planned(milestone.contract) == []


def test_silence_about_money_asked_back_is_announced():
    assert planned(refund_asked([500_00]).milestone.contract)[0] == "refund_by_silence"


def test_a_review_that_waits_for_the_other_one_is_announced():
    done = submitted_step([500_00])
    approve_milestone(done.contract.client, milestone_id=done.pk)
    contract = done.contract
    review = contract.reviews.create(  # by its reverse name, as the selector reads it
        reviewer=contract.client,
        reviewee=contract.freelancer,
        side="freelancer",
        rating=5,
        comment="Good.",
        reveal_at=timezone.now() + timedelta(days=14),
    )
    [action] = automatic_actions(loaded(done.contract))
    assert (action.kind, action.at) == ("reviews_shown", review.reveal_at)


def test_what_becomes_of_a_week_by_itself_is_told_as_it_then_happens(at):
    timesheet = worked_week(at)
    contract = timesheet.contract
    assert planned(contract) == ["week_unworked"]
    log(timesheet, 2)
    assert planned(contract) == ["week_sent"]
    submit_timesheet(contract.freelancer, timesheet_id=timesheet.pk)
    assert planned(contract) == ["week_paid_by_silence"]
    reject_timesheet(contract.client, timesheet_id=timesheet.pk, reasons={timesheet.entries.get().pk: "One hour."})
    [action] = automatic_actions(loaded(contract))
    at(action.at + timedelta(seconds=1))
    bill_due_weeks()
    timesheet.refresh_from_db()
    assert (action.kind, timesheet.status) == ("week_contested", "contested")


def test_a_pause_moves_no_date_of_hours_so_they_wait_for_their_answer(at):
    timesheet = sent_week(at)
    contract = timesheet.contract
    pause_contract(contract.client, contract_id=contract.pk)
    [review, paused] = next_steps(loaded(contract))
    assert (review.kind, review.at, paused.kind) == ("review_week", timesheet.review_until, "paused")
    assert Workspace(loaded(contract), contract.freelancer).next_step.kind == "paused"
    assert planned(contract) == ["week_paid_by_silence"]


def test_a_rolled_rest_waits_for_nobody_by_itself():
    contract = rolled_step().contract
    steps = next_steps(loaded(contract))
    assert [(step.kind, step.milestone.position) for step in steps] == [("hand_in", 2)]
