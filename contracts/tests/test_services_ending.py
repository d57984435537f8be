import pytest

from contracts.services import (
    approve_milestone,
    cancel_contract,
    complete_contract,
    end_contract,
    fund_milestone,
    pause_contract,
    prepare_funding,
    request_revision,
    resume_contract,
    submit_milestone,
)
from contracts.tests.factories import first_step, funded_step, make_contract, submitted_step
from core.errors import Conflict, Forbidden, NotFound
from payments.services import confirm_payment, pay_hold
from payments.tests.fakes import VISA, FakeProvider
from projects.tests.factories import ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def test_ending_without_work_refunds_what_is_held(run_jobs, provider: FakeProvider):
    milestone = funded_step([500_00, 1_000_00])
    contract = cancel_contract(milestone.contract.client, contract_id=milestone.contract_id, reason="Plans changed")
    run_jobs()
    milestone.refresh_from_db()
    assert (contract.status, contract.project.status, milestone.status) == ("cancelled", "cancelled", "refunded")
    assert milestone.hold.refunded_minor == 500_00
    assert [refund.amount_minor for refund in provider.refunds.values()] == [500_00]


def test_ending_twice_refunds_once(run_jobs, provider: FakeProvider):
    milestone = funded_step([500_00])
    for _ in range(2):
        cancel_contract(milestone.contract.client, contract_id=milestone.contract_id)
        run_jobs()
    assert len(provider.refunds) == 1


def test_a_contract_with_work_cannot_simply_be_ended():
    milestone = submitted_step()
    with pytest.raises(Conflict) as refusal:
        cancel_contract(milestone.contract.client, contract_id=milestone.contract_id)
    assert refusal.value.code == "contract_has_work"
    milestone.refresh_from_db()
    assert milestone.status == "submitted"


def test_either_side_may_end_before_work_but_nobody_else():
    contract = make_contract()
    with pytest.raises(NotFound):
        cancel_contract(ProposalFactory.create().freelancer, contract_id=contract.pk)
    assert cancel_contract(contract.freelancer, contract_id=contract.pk).status == "cancelled"


def test_completing_leaves_out_steps_that_were_never_paid():
    milestone = submitted_step([500_00, 1_000_00])
    approve_milestone(milestone.contract.client, milestone_id=milestone.pk)
    contract = complete_contract(milestone.contract.client, contract_id=milestone.contract_id)
    assert contract.status == "completed"


def test_completing_is_refused_while_funds_are_held_or_before_anything_was_released():
    milestone = funded_step()
    with pytest.raises(Conflict) as refusal:
        complete_contract(milestone.contract.client, contract_id=milestone.contract_id)
    assert refusal.value.code == "contract_has_held_funds"
    with pytest.raises(Conflict) as refusal:
        _complete_new()
    assert refusal.value.code == "contract_has_no_work"


def _complete_new() -> None:
    contract = make_contract()
    complete_contract(contract.client, contract_id=contract.pk)


def test_only_the_client_completes():
    contract = make_contract()
    with pytest.raises(Forbidden):
        complete_contract(contract.freelancer, contract_id=contract.pk)


def test_nothing_is_funded_or_handed_in_during_a_pause():
    milestone = funded_step()
    contract = milestone.contract
    pause_contract(contract.freelancer, contract_id=contract.pk)
    with pytest.raises(Conflict) as refusal:
        submit_milestone(contract.freelancer, milestone_id=milestone.pk, note="x")
    assert refusal.value.code == "contract_paused"
    second = contract.milestones.get(position=2)
    with pytest.raises(Conflict):
        fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)
    assert resume_contract(contract.client, contract_id=contract.pk).status == "active"
    submit_milestone(contract.freelancer, milestone_id=first_step(contract).pk, note="x")


def test_handed_in_work_is_answered_after_the_pause():
    milestone = submitted_step()
    contract = milestone.contract
    pause_contract(contract.freelancer, contract_id=contract.pk)
    for act in (
        lambda: approve_milestone(contract.client, milestone_id=milestone.pk),
        lambda: request_revision(contract.client, milestone_id=milestone.pk, note="Bigger."),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "contract_paused"
    resume_contract(contract.client, contract_id=contract.pk)
    assert approve_milestone(contract.client, milestone_id=milestone.pk).status == "released"


def test_during_a_pause_there_is_no_other_way_to_pay_in(provider: FakeProvider):
    contract = make_contract()
    step = prepare_funding(contract.client, milestone_id=first_step(contract).pk)
    pause_contract(contract.freelancer, contract_id=contract.pk)
    with pytest.raises(Conflict) as refusal:
        pay_hold(contract.client, hold_id=step.hold_id, payment_method=VISA)
    assert (refusal.value.code, provider.calls) == ("contract_paused", [])
    resume_contract(contract.client, contract_id=contract.pk)
    payment = pay_hold(contract.client, hold_id=step.hold_id)
    pause_contract(contract.freelancer, contract_id=contract.pk)
    with pytest.raises(Conflict) as refusal:
        confirm_payment(contract.client, intent_id=payment.intent_id, payment_method=VISA)
    assert (refusal.value.code, provider.charges()) == ("contract_paused", 0)
    resume_contract(contract.client, contract_id=contract.pk)
    confirm_payment(contract.client, intent_id=payment.intent_id, payment_method=VISA)
    assert first_step(contract).status == "funded"


def test_pausing_an_ended_contract_is_refused():
    contract = make_contract()
    cancel_contract(contract.client, contract_id=contract.pk)
    with pytest.raises(Conflict):
        pause_contract(contract.client, contract_id=contract.pk)


def test_what_was_ended_is_not_resumed():
    contract = make_contract()
    cancel_contract(contract.client, contract_id=contract.pk)
    with pytest.raises(Conflict):
        resume_contract(contract.client, contract_id=contract.pk)


@pytest.mark.parametrize("side", ["client", "freelancer"])
def test_ending_keeps_what_was_released_and_gives_back_what_was_not_handed_in(run_jobs, provider: FakeProvider, side):
    milestone = submitted_step([500_00, 1_000_00, 200_00])
    contract = milestone.contract
    approve_milestone(contract.client, milestone_id=milestone.pk)
    second = contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)

    ended = end_contract(getattr(contract, side), contract_id=contract.pk, reason="Another job.")
    run_jobs()

    assert (ended.status, ended.project.status) == ("completed", "completed")
    assert [step.status for step in contract.milestones.order_by("position")] == ["released", "refunded", "pending"]
    assert [refund.amount_minor for refund in provider.refunds.values()] == [1_000_00]
    assert contract.events.latest("id").reason == "Another job."


def test_ending_before_anything_was_released_calls_the_contract_off():
    milestone = funded_step([500_00])
    ended = end_contract(milestone.contract.freelancer, contract_id=milestone.contract_id)
    assert (ended.status, first_step(ended).status) == ("cancelled", "refunded")


def test_ending_twice_is_once(run_jobs, provider: FakeProvider):
    milestone = funded_step([500_00])
    for _ in range(2):
        end_contract(milestone.contract.client, contract_id=milestone.contract_id)
        run_jobs()
    assert len(provider.refunds) == 1


@pytest.mark.parametrize("side", ["client", "freelancer"])
def test_work_that_waits_for_its_answer_is_answered_first(side):
    milestone = submitted_step()
    with pytest.raises(Conflict) as refusal:
        end_contract(getattr(milestone.contract, side), contract_id=milestone.contract_id)
    assert refusal.value.code == "work_waits_for_answer"
    assert first_step(milestone.contract).hold.held_minor == 500_00


def test_a_client_does_not_take_back_money_of_work_that_came_but_a_freelancer_may_give_it_up():
    milestone = submitted_step([500_00])
    contract = milestone.contract
    request_revision(contract.client, milestone_id=milestone.pk, note="Bigger.")
    with pytest.raises(Conflict) as refusal:
        end_contract(contract.client, contract_id=contract.pk)
    assert refusal.value.code == "work_waits_for_answer"
    assert end_contract(contract.freelancer, contract_id=contract.pk).status == "cancelled"
    assert first_step(contract).status == "refunded"


def test_a_paused_contract_can_be_ended_and_a_stranger_ends_nothing():
    contract = make_contract()
    with pytest.raises(NotFound):
        end_contract(ProposalFactory.create().freelancer, contract_id=contract.pk)
    pause_contract(contract.client, contract_id=contract.pk)
    assert end_contract(contract.client, contract_id=contract.pk).status == "cancelled"
