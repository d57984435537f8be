"""Versions of what is handed in, parts of what is held, and rests that go with the next milestone."""

import pytest
from django.db import IntegrityError, transaction

from accounts.tests.factories import UploadFactory
from contracts.models import Contract, Submission
from contracts.selectors import versions
from contracts.services import (
    accept_change,
    approve_milestone,
    disputes,
    end_contract,
    fund_milestone,
    propose_milestone_change,
    release_overdue,
    request_revision,
    submit_milestone,
    watch_holds,
)
from contracts.tests.factories import (
    aged,
    first_step,
    funded_step,
    open_dispute_about,
    rolled_step,
    submitted_step,
)
from core.errors import Conflict, Invalid
from core.money import Money
from payments.services import split_hold
from payments.tests.fakes import VISA, FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]
PART = Money(200_00, "USD")


def test_every_hand_in_is_a_version_with_its_files_and_wishes():
    milestone = funded_step()
    client, freelancer = milestone.contract.client, milestone.contract.freelancer
    kept = UploadFactory.create(owner=freelancer, name="notes.txt")
    old, new = (UploadFactory.create(owner=freelancer, name="logo.png") for _ in range(2))
    gone = UploadFactory.create(owner=freelancer, name="draft.txt")
    submit_milestone(freelancer, milestone_id=milestone.pk, note="One.", attachment_ids=[kept.pk, old.pk, gone.pk])
    request_revision(client, milestone_id=milestone.pk, note="Turn it.")
    submit_milestone(freelancer, milestone_id=milestone.pk, note="Two.", attachment_ids=[kept.pk, new.pk])

    second, first = versions(milestone)
    assert (first.submission.version, second.submission.version) == (1, 2)
    assert (first.submission.revision_note, first.submission.revision_requested_at is not None) == ("Turn it.", True)
    assert {(file.upload.name, file.change) for file in second.files} == {
        ("notes.txt", "same"),
        ("logo.png", "replaced"),
    }
    assert second.gone == ["draft.txt"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(milestone=milestone, version=2)


def test_two_files_of_one_name_are_both_there():
    milestone = funded_step()
    freelancer = milestone.contract.freelancer
    files = UploadFactory.create_batch(2, owner=freelancer, name="logo.png")
    submit_milestone(freelancer, milestone_id=milestone.pk, note="", attachment_ids=[file.pk for file in files])
    [only] = versions(milestone)
    assert [(file.upload, file.change) for file in only.files] == [(file, "new") for file in files]


def test_the_rest_of_a_part_rolls_and_is_released_with_the_next_milestone():
    rolled = rolled_step()
    contract = rolled.contract
    assert (rolled.status, rolled.hold.held_minor, rolled.release_at) == ("funded", 300_00, None)
    submit_milestone(contract.freelancer, milestone_id=rolled.rolled_into_id, note="All of it.")
    approve_milestone(contract.client, milestone_id=rolled.rolled_into_id)
    rolled = first_step(contract)
    assert (rolled.status, rolled.hold.held_minor) == ("released", 0)
    assert (rolled.hold.released_minor, rolled.hold.fee_minor) == (450_00, 50_00)
    contract.refresh_from_db()
    assert contract.status == "completed"


def test_silence_about_the_next_milestone_releases_the_rest_as_well():
    rolled = rolled_step()
    submit_milestone(rolled.contract.freelancer, milestone_id=rolled.rolled_into_id, note="All of it.")
    into = rolled.rolled_into
    into.refresh_from_db()
    type(into).objects.filter(pk=into.pk).update(release_at=into.submitted_at)
    assert release_overdue() == 1
    assert first_step(rolled.contract).status == "released"


def test_a_part_of_the_next_milestone_leaves_the_rest_waiting():
    rolled = rolled_step()
    submit_milestone(rolled.contract.freelancer, milestone_id=rolled.rolled_into_id, note="Some of it.")
    approve_milestone(rolled.contract.client, milestone_id=rolled.rolled_into_id, amount=PART)
    assert first_step(rolled.contract).status == "funded"


def test_the_rest_goes_back_with_the_next_milestone(provider: FakeProvider, run_jobs):
    rolled = rolled_step()
    contract = end_contract(rolled.contract.freelancer, contract_id=rolled.contract_id)
    run_jobs()
    assert sorted(refund.amount_minor for refund in provider.refunds.values()) == [300_00, 1_000_00]
    assert (contract.status, first_step(contract).status) == ("completed", "refunded")


def test_the_rest_is_split_as_the_next_milestone_was():
    rolled = rolled_step()
    into = rolled.rolled_into
    split_hold(None, hold=into.hold, to_payee=Money(250_00, "USD"), reason="Decided.", cause="dispute:1")
    rolled.hold.refresh_from_db()
    assert rolled.hold.refunded_minor == 225_00
    assert rolled.hold.released_minor + rolled.hold.fee_minor == 200_00 + 75_00


def test_a_rolled_milestone_is_not_handed_in_by_itself():
    rolled = rolled_step()
    with pytest.raises(Conflict) as refusal:
        submit_milestone(rolled.contract.freelancer, milestone_id=rolled.pk, note="Again.")
    assert refusal.value.code == "milestone_rolled"


def test_a_rest_rolls_only_into_funds_that_are_held():
    milestone = submitted_step()
    with pytest.raises(Conflict) as refusal:
        approve_milestone(milestone.contract.client, milestone_id=milestone.pk, amount=PART, remainder="roll")
    assert refusal.value.code == "next_milestone_not_funded"
    milestone = first_step(milestone.contract)
    assert (milestone.status, milestone.hold.held_minor) == (
        "submitted",
        500_00,
    )  # and the part was not released either


def test_a_rest_rolls_nowhere_from_the_last_milestone():
    milestone = submitted_step([500_00])
    with pytest.raises(Conflict) as refusal:
        approve_milestone(milestone.contract.client, milestone_id=milestone.pk, amount=PART, remainder="roll")
    assert refusal.value.code == "no_next_milestone"


def test_rolling_needs_an_amount():
    milestone = submitted_step()
    with pytest.raises(Invalid):
        approve_milestone(milestone.contract.client, milestone_id=milestone.pk, remainder="roll")


def test_the_database_keeps_work_that_is_handed_in_from_being_rolled():
    milestone = submitted_step()
    second = milestone.contract.milestones.get(position=2)
    fund_milestone(milestone.contract.client, milestone_id=second.pk, payment_method=VISA)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(milestone).objects.filter(pk=milestone.pk).update(rolled_into=second)


def test_a_part_stands_in_the_history_with_what_stays_held():
    milestone = submitted_step()
    approve_milestone(milestone.contract.client, milestone_id=milestone.pk, amount=PART)
    event = milestone.events.latest("id")
    assert (event.move, event.to_status, event.actor) == ("release_part", "submitted", milestone.contract.client)
    assert event.reason == "$200.00. $300.00 stays held."


def test_letters_tell_a_part_from_the_whole_and_from_silence(run_jobs, mailoutbox):
    milestone = submitted_step([500_00])
    approve_milestone(milestone.contract.client, milestone_id=milestone.pk, amount=PART)
    run_jobs()
    sent, received = (letter for letter in mailoutbox if "was released to" in letter.subject)
    for letter in (sent, received):
        assert "$300.00 stays held." in letter.body and "approved" not in letter.body
    mailoutbox.clear()
    type(milestone).objects.filter(pk=milestone.pk).update(release_at=milestone.submitted_at)
    release_overdue()
    run_jobs()
    for letter in mailoutbox:
        if "was released to" in letter.subject:
            assert "The time to answer is over" in letter.body


def rolled_on() -> Contract:
    """The rests of two milestones, of 200.00 each, go with the third, which is handed in."""
    first = submitted_step([500_00, 500_00, 500_00])
    contract = first.contract
    second, third = contract.milestones.order_by("position")[1:]
    for step in (second, third):
        fund_milestone(contract.client, milestone_id=step.pk, payment_method=VISA)
    for step in (first, second):
        if step != first:
            submit_milestone(contract.freelancer, milestone_id=step.pk, note="Here.")
        approve_milestone(contract.client, milestone_id=step.pk, amount=Money(300_00, "USD"), remainder="roll")
    submit_milestone(contract.freelancer, milestone_id=third.pk, note="Here.")
    return contract


def test_a_rest_that_waits_for_one_whose_own_rest_rolls_goes_along():
    contract = rolled_on()
    first, second, third = contract.milestones.order_by("position")
    assert (first.rolled_into, second.rolled_into) == (third, third)
    approve_milestone(contract.client, milestone_id=third.pk)
    assert {step.status for step in contract.milestones.all()} == {"released"}


def test_at_the_limit_of_holding_it_goes_by_the_one_that_it_waits_for_in_the_end():
    contract = rolled_on()
    aged(first_step(contract), days=89.5)
    watch_holds()
    first = first_step(contract)
    assert (first.status, first.hold.refunded_minor) == ("released", 0)


def test_all_of_a_rest_may_be_released_though_a_part_of_its_price_went_back_before():
    milestone = funded_step([500_00, 1_000_00])
    contract = milestone.contract
    change = propose_milestone_change(
        contract.client, milestone_id=milestone.pk, changes={"amount": Money(400_00, "USD")}
    )
    accept_change(contract.freelancer, change_id=change.pk)
    submit_milestone(contract.freelancer, milestone_id=milestone.pk, note="Here.")
    second = contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)
    approve_milestone(contract.client, milestone_id=milestone.pk, amount=PART, remainder="roll")
    submit_milestone(contract.freelancer, milestone_id=second.pk, note="Here.")
    dispute = open_dispute_about(contract.milestones.get(position=2), claim=1)  # a cent: none of it falls to the rest
    disputes.accept_claim(contract.freelancer, dispute_id=dispute.pk)
    contract.refresh_from_db()
    assert (first_step(contract).status, contract.status) == ("released", "completed")
