"""Nothing about a running contract changes before both sides have agreed."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.tests.factories import ClientFactory
from contracts.models import ChangeRequest, Milestone
from contracts.services import (
    accept_change,
    add_milestone,
    approve_milestone,
    cancel_contract,
    complete_contract,
    decline_change,
    fund_milestone,
    pause_contract,
    prepare_funding,
    propose_milestone_change,
    propose_milestone_removal,
    propose_scope,
    withdraw_change,
)
from contracts.tests.factories import (
    first_step,
    funded_step,
    make_contract,
    refund_asked,
    rolled_step,
    submitted_step,
)
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.money import Money
from notifications.models import Notification
from payments.services import settle_payment
from payments.tests.fakes import VISA, FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]
USD_100 = Money(100_00, "USD")


def proposed(contract, by="client", **plan) -> Milestone:
    return add_milestone(
        getattr(contract, by), contract_id=contract.pk, **({"title": "More", "amount": USD_100} | plan)
    )


@pytest.mark.parametrize(("by", "other"), [("client", "freelancer"), ("freelancer", "client")])
def test_either_side_proposes_a_milestone_and_it_counts_once_the_other_agrees(by, other):
    contract = make_contract([500_00])
    step = proposed(contract, by)
    assert (step.position, step.is_agreed) == (2, False)
    assert contract.total == Money(500_00, "USD")
    assert Notification.objects.filter(user=getattr(contract, other), kind="change_proposed").count() == 1
    with pytest.raises(Conflict) as refusal:
        prepare_funding(contract.client, milestone_id=step.pk)
    assert refusal.value.code == "milestone_not_agreed"

    accept_change(getattr(contract, other), change_id=step.changes.get().pk)

    step.refresh_from_db()
    assert step.is_agreed
    assert contract.total == Money(600_00, "USD")
    assert fund_milestone(contract.client, milestone_id=step.pk, payment_method=VISA)[0].status == "funded"
    assert Notification.objects.filter(user=getattr(contract, by), kind="change_accepted").count() == 1


def test_money_for_a_milestone_that_nobody_agreed_to_is_refused_by_the_database():
    funded = funded_step()
    with pytest.raises(IntegrityError, match="agreed_before_money"), transaction.atomic():
        Milestone.objects.filter(pk=funded.pk).update(agreed_at=None)


@pytest.mark.parametrize("end", [decline_change, withdraw_change])
def test_a_milestone_that_is_not_agreed_to_is_gone_and_the_proposal_is_kept(end):
    contract = make_contract()
    change = proposed(contract).changes.get()
    end(contract.freelancer if end is decline_change else contract.client, change_id=change.pk)
    change.refresh_from_db()
    assert change.status in {"declined", "withdrawn"}
    assert (change.milestone, change.after["amount"], change.name) == (None, "100.00", "More")
    assert contract.milestones.count() == 2
    assert contract.terms_versions.count() == 1


def test_nobody_answers_the_own_proposal_or_takes_back_the_others():
    contract = make_contract()
    change = proposed(contract).changes.get()
    for act in (accept_change, decline_change):
        with pytest.raises(Forbidden) as refusal:
            act(contract.client, change_id=change.pk)
        assert refusal.value.code == "own_proposal"
    with pytest.raises(Forbidden) as refusal:
        withdraw_change(contract.freelancer, change_id=change.pk)
    assert refusal.value.code == "not_the_proposer"


def test_strangers_neither_propose_nor_answer():
    contract, stranger = make_contract(), ClientFactory.create()
    change = proposed(contract).changes.get()
    for act in (accept_change, decline_change, withdraw_change):
        with pytest.raises(NotFound):
            act(stranger, change_id=change.pk)
    with pytest.raises(NotFound):
        add_milestone(stranger, contract_id=contract.pk, title="More", amount=USD_100)
    with pytest.raises(NotFound):
        propose_milestone_change(stranger, milestone_id=first_step(contract).pk, changes={"title": "Mine"})


def test_answering_twice_is_once_and_the_other_answer_is_refused():
    contract = make_contract()
    change = proposed(contract).changes.get()
    for _ in range(2):
        accept_change(contract.freelancer, change_id=change.pk)
    assert contract.terms_versions.count() == 2
    with pytest.raises(Conflict) as refusal:
        decline_change(contract.freelancer, change_id=change.pk)
    assert refusal.value.code == "change_already_decided"
    with pytest.raises(Conflict):
        withdraw_change(contract.client, change_id=change.pk)


def test_every_field_of_an_unfunded_milestone_changes_by_agreement_and_both_versions_are_kept():
    contract = make_contract()
    step = first_step(contract)
    wanted = {"title": "Drafts, twice", "amount": USD_100, "due_date": date(2099, 5, 1), "description": "On paper."}
    change = propose_milestone_change(contract.freelancer, milestone_id=step.pk, changes=wanted)
    step.refresh_from_db()
    assert step.amount_minor == 500_00
    accept_change(contract.client, change_id=change.pk)
    step.refresh_from_db()
    assert (step.title, step.amount, step.due_date) == ("Drafts, twice", USD_100, date(2099, 5, 1))
    assert (change.before["amount"], change.after["amount"]) == ("500.00", "100.00")


def test_a_payment_under_way_is_for_the_old_price_and_goes_back(provider: FakeProvider, run_jobs):
    contract = make_contract()
    step = first_step(contract)
    _, payment = fund_milestone(contract.client, milestone_id=step.pk)
    change = propose_milestone_change(contract.client, milestone_id=step.pk, changes={"amount": USD_100})
    accept_change(contract.freelancer, change_id=change.pk)
    settle_payment(payment.pk, provider.pay(payment.intent_id))
    run_jobs()
    step.refresh_from_db()
    assert (step.status, step.hold) == ("pending", None)
    assert [refund.amount_minor for refund in provider.refunds.values()] == [500_00]
    funded, _ = fund_milestone(contract.client, milestone_id=step.pk, payment_method=VISA)
    assert funded.hold.held == USD_100


def test_a_lower_price_of_held_funds_sends_the_rest_back(provider: FakeProvider, run_jobs):
    milestone = submitted_step([500_00])
    contract = milestone.contract
    change = propose_milestone_change(
        contract.client, milestone_id=milestone.pk, changes={"amount": Money(350_00, "USD")}
    )
    accept_change(contract.freelancer, change_id=change.pk)
    run_jobs()
    milestone.refresh_from_db()
    assert (milestone.status, milestone.amount_minor) == ("submitted", 350_00)
    assert (milestone.hold.held_minor, milestone.hold.refunded_minor) == (350_00, 150_00)
    assert [refund.amount_minor for refund in provider.refunds.values()] == [150_00]
    approve_milestone(contract.client, milestone_id=milestone.pk)
    milestone.hold.refresh_from_db()
    assert (milestone.hold.released_minor, milestone.hold.fee_minor) == (315_00, 35_00)


def test_a_higher_price_of_held_funds_is_refused():
    milestone = funded_step()
    with pytest.raises(Conflict) as refusal:
        propose_milestone_change(
            milestone.contract.freelancer, milestone_id=milestone.pk, changes={"amount": Money(500_01, "USD")}
        )
    assert refusal.value.code == "milestone_funded"


def test_whether_a_change_is_possible_is_looked_at_again_when_it_is_agreed_to():
    contract = make_contract()
    step = first_step(contract)
    dearer = propose_milestone_change(
        contract.freelancer, milestone_id=step.pk, changes={"amount": Money(900_00, "USD")}
    )
    fund_milestone(contract.client, milestone_id=step.pk, payment_method=VISA)
    with pytest.raises(Conflict) as refusal:
        accept_change(contract.client, change_id=dearer.pk)
    assert refusal.value.code == "milestone_funded"
    dearer.refresh_from_db()
    assert dearer.status == "proposed"


def test_not_all_that_is_held_goes_back_by_a_lower_price():
    milestone = submitted_step([500_00])
    contract = milestone.contract
    approve_milestone(contract.client, milestone_id=milestone.pk, amount=Money(400_00, "USD"))
    with pytest.raises(Conflict) as refusal:
        propose_milestone_change(contract.client, milestone_id=milestone.pk, changes={"amount": Money(400_00, "USD")})
    assert refusal.value.code == "amount_exceeds_held"


def test_settled_and_rolled_milestones_stay_as_they_are():
    released = submitted_step()
    approve_milestone(released.contract.client, milestone_id=released.pk)
    rolled = rolled_step()
    for milestone, code in ((released, "milestone_ended"), (rolled, "milestone_rolled")):
        with pytest.raises(Conflict) as refusal:
            propose_milestone_change(milestone.contract.client, milestone_id=milestone.pk, changes={"title": "Other"})
        assert refusal.value.code == code


@pytest.mark.parametrize("changes", [{}, {"title": "Step 1"}, {"amount": Money(500_00, "USD")}])
def test_a_change_of_nothing_is_refused(changes):
    contract = make_contract()
    step = first_step(contract)
    changes = {"title": step.title} if "title" in changes else changes
    with pytest.raises(Invalid) as refusal:
        propose_milestone_change(contract.client, milestone_id=step.pk, changes=changes)
    assert refusal.value.code == "nothing_changes"


def test_prices_stay_in_the_contracts_currency():
    contract = make_contract()
    with pytest.raises(Invalid):
        propose_milestone_change(
            contract.client, milestone_id=first_step(contract).pk, changes={"amount": Money(1_00, "EUR")}
        )


def test_a_price_that_no_card_could_pay_is_not_proposed():
    milestone = first_step(make_contract())
    with pytest.raises(Invalid) as refusal:
        propose_milestone_change(
            milestone.contract.client, milestone_id=milestone.pk, changes={"amount": Money(49, "USD")}
        )
    assert (refusal.value.code, list(refusal.value.fields)) == ("amount_not_payable", ["amount"])


def test_one_proposal_about_a_milestone_waits_at_a_time():
    contract = make_contract()
    step = first_step(contract)
    first = propose_milestone_change(contract.client, milestone_id=step.pk, changes={"title": "One"})
    with pytest.raises(Conflict) as refusal:
        propose_milestone_removal(contract.freelancer, milestone_id=step.pk)
    assert refusal.value.code == "change_already_open"
    withdraw_change(contract.client, change_id=first.pk)
    propose_milestone_removal(contract.freelancer, milestone_id=step.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequest.objects.create(
            contract=contract, proposer=contract.client, kind="change_milestone", milestone=step
        )


def test_a_milestone_is_left_out_by_agreement_unless_it_was_paid_in():
    contract = make_contract()
    step = first_step(contract)
    change = propose_milestone_removal(contract.client, milestone_id=step.pk)
    accept_change(contract.freelancer, change_id=change.pk)
    assert contract.milestones.count() == 1
    change.refresh_from_db()
    assert (change.milestone, change.before["amount"]) == (None, "500.00")
    with pytest.raises(Conflict) as refusal:
        _remove_funded()
    assert refusal.value.code == "milestone_funded"


def _remove_funded() -> None:
    milestone = funded_step()
    propose_milestone_removal(milestone.contract.client, milestone_id=milestone.pk)


def test_leaving_the_last_open_milestone_out_completes_the_contract():
    milestone = submitted_step([500_00, 1_000_00])
    contract = milestone.contract
    approve_milestone(contract.client, milestone_id=milestone.pk)
    change = propose_milestone_removal(contract.client, milestone_id=contract.milestones.get(position=2).pk)
    accept_change(contract.freelancer, change_id=change.pk)
    contract.refresh_from_db()
    assert contract.status == "completed"


def test_a_proposed_milestone_keeps_the_contract_open_until_it_is_answered():
    milestone = submitted_step([500_00])
    contract = milestone.contract
    change = proposed(contract).changes.get()
    approve_milestone(contract.client, milestone_id=milestone.pk)
    contract.refresh_from_db()
    assert contract.status == "active"
    decline_change(contract.freelancer, change_id=change.pk)
    contract.refresh_from_db()
    assert contract.status == "completed"


def test_the_scope_changes_by_agreement():
    contract = make_contract()
    change = propose_scope(contract.freelancer, contract_id=contract.pk, terms="Four labels.", note="One more.")
    contract.refresh_from_db()
    assert contract.terms != "Four labels."
    with pytest.raises(Conflict) as refusal:
        propose_scope(contract.client, contract_id=contract.pk, terms="Five labels.")
    assert refusal.value.code == "change_already_open"
    accept_change(contract.client, change_id=change.pk)
    contract.refresh_from_db()
    assert contract.terms == "Four labels."


@pytest.mark.parametrize("terms", ["", "   ", "x" * 10_001])
def test_a_scope_of_nothing_or_too_much_is_refused(terms):
    contract = make_contract()
    with pytest.raises(Invalid):
        propose_scope(contract.client, contract_id=contract.pk, terms=terms)


def test_nothing_is_proposed_or_agreed_to_during_a_pause_but_declined_it_can_be():
    contract = make_contract()
    change = proposed(contract).changes.get()
    pause_contract(contract.client, contract_id=contract.pk)
    for act in (
        lambda: proposed(contract),
        lambda: propose_scope(contract.client, contract_id=contract.pk, terms="Other"),
        lambda: accept_change(contract.freelancer, change_id=change.pk),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "contract_paused"
    assert decline_change(contract.freelancer, change_id=change.pk).status == "declined"


@pytest.mark.parametrize("end", [cancel_contract, complete_contract])
def test_proposals_lapse_with_the_contract(end):
    milestone = submitted_step([500_00]) if end is complete_contract else first_step(make_contract([500_00]))
    contract = milestone.contract
    change = proposed(contract).changes.get()
    if end is complete_contract:
        approve_milestone(contract.client, milestone_id=milestone.pk)
    end(contract.client, contract_id=contract.pk)
    change.refresh_from_db()
    assert change.status == "lapsed"
    assert contract.milestones.count() == 1


def test_a_contract_has_only_so_many_milestones(monkeypatch):
    monkeypatch.setattr("contracts.services.planning.MAX_MILESTONES", 2)
    with pytest.raises(Conflict) as refusal:
        proposed(make_contract())
    assert refusal.value.code == "too_many_milestones"


def test_a_later_date_that_both_agree_to_ends_the_question_for_the_money_and_moves_the_calendar():
    asked = refund_asked()
    milestone, contract = asked.milestone, asked.milestone.contract
    later = timezone.now().date() + timedelta(days=20)
    change = propose_milestone_change(contract.freelancer, milestone_id=milestone.pk, changes={"due_date": later})
    accept_change(contract.client, change_id=change.pk)
    asked.refresh_from_db()
    assert asked.status == "closed"
    assert first_step(contract).updated_at > milestone.updated_at


def test_a_change_of_late_work_that_leaves_it_late_leaves_the_question_for_the_money():
    asked = refund_asked()
    contract = asked.milestone.contract
    change = propose_milestone_change(contract.freelancer, milestone_id=asked.milestone_id, changes={"title": "Icons"})
    accept_change(contract.client, change_id=change.pk)
    asked.refresh_from_db()
    assert asked.status == "open"


def test_no_milestone_is_due_at_the_end_of_the_calendar():
    contract, day = make_contract(), date(9999, 12, 31)
    step = first_step(contract)
    for propose in (
        lambda: proposed(contract, due_date=day),
        lambda: propose_milestone_change(contract.client, milestone_id=step.pk, changes={"due_date": day}),
    ):
        with pytest.raises(Invalid) as refusal:
            propose()
        assert refusal.value.fields == {"due_date": ["Choose a day within a hundred years."]}


def test_a_lower_price_whose_rest_could_not_be_sent_back_is_not_proposed():
    milestone = funded_step([100_000], project__currency="KWD")
    with pytest.raises(Invalid) as refusal:
        propose_milestone_change(
            milestone.contract.client, milestone_id=milestone.pk, changes={"amount": Money(99_995, "KWD")}
        )
    assert "amount" in refusal.value.fields
