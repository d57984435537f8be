import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.tests.factories import ClientFactory, set_rules
from chat.models import Room
from contracts.models import Contract
from contracts.services import accept_proposal, fund_milestone, give_bonus, submit_milestone
from contracts.tests.factories import MONDAY, first_step, funded_week, make_contract, make_hourly
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.money import Money
from notifications.models import Notification
from payments.tests.fakes import VISA
from projects.services import edit_proposal
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db


def test_accepting_makes_contract_milestones_and_room_and_rejects_the_others():
    project = ProjectFactory.create()
    chosen = ProposalFactory.create(project=project, bid_amount_minor=1_500_00, steps=[500_00, 1_000_00])
    other = ProposalFactory.create(project=project)

    contract = accept_proposal(project.client, proposal_id=chosen.pk)

    chosen.refresh_from_db()
    other.refresh_from_db()
    project.refresh_from_db()
    assert (chosen.status, other.status, project.status) == ("accepted", "rejected", "in_progress")
    assert [step.amount_minor for step in contract.milestones.all()] == [500_00, 1_000_00]
    assert {member.user_id for member in contract.room.members.all()} == {project.client_id, chosen.freelancer_id}
    assert contract.fee_bps == 1000
    assert Notification.objects.filter(user=chosen.freelancer, kind="proposal_accepted").count() == 1


def test_a_proposal_without_milestones_becomes_one_for_the_whole_bid():
    offer = ProposalFactory.create(bid_amount_minor=750_00, steps=[])
    contract = accept_proposal(offer.project.client, proposal_id=offer.pk)
    assert [(step.title, step.amount_minor) for step in contract.milestones.all()] == [(offer.project.title, 750_00)]


def test_accepting_again_returns_the_same_contract():
    contract = make_contract()
    again = accept_proposal(contract.client, proposal_id=contract.proposal_id)
    assert again.pk == contract.pk
    assert Contract.objects.count() == 1
    assert Room.objects.count() == 1


@pytest.mark.parametrize("days", [3, 30])
def test_the_days_to_answer_work_are_agreed_on_and_stand_in_terms_and_letter(days, run_jobs, mailoutbox):
    offer = ProposalFactory.create()
    contract = accept_proposal(offer.project.client, proposal_id=offer.pk, approval_days=days)
    set_rules(approval_days=7)
    contract.refresh_from_db()
    assert contract.approval_days == days
    assert f"not answered within {days} days is approved" in contract.terms_versions.get().text
    run_jobs()
    [letter] = [each for each in mailoutbox if each.subject.startswith("Your proposal was accepted")]
    assert f"within {days} days" in letter.body


@pytest.mark.parametrize("days", [-1, 0, 2, 31])
def test_other_numbers_of_days_are_refused_and_nothing_is_left_behind(days):
    offer = ProposalFactory.create()
    with pytest.raises(Invalid) as refusal:
        accept_proposal(offer.project.client, proposal_id=offer.pk, approval_days=days)
    assert list(refusal.value.fields) == ["approval_days"]
    assert not Contract.objects.exists()


def test_silence_approves_after_the_days_that_were_agreed_on(provider):
    offer = ProposalFactory.create(bid_amount_minor=500_00, steps=[])
    contract = accept_proposal(offer.project.client, proposal_id=offer.pk, approval_days=3)
    step = first_step(contract)
    fund_milestone(contract.client, milestone_id=step.pk, payment_method=VISA)
    submit_milestone(contract.freelancer, milestone_id=step.pk, note="Here it is.")
    step.refresh_from_db()
    assert step.release_at - step.submitted_at == timedelta(days=3)


def test_what_was_agreed_on_outlasts_other_rules(provider):
    contract = make_contract()
    set_rules(fee_bps=2_500, approval_days=5)
    step = first_step(contract)
    fund_milestone(contract.client, milestone_id=step.pk, payment_method=VISA)
    submit_milestone(contract.freelancer, milestone_id=step.pk, note="Here it is.")
    step = first_step(contract)
    assert step.release_at - step.submitted_at == timedelta(days=14)
    assert (step.hold.fee_bps, make_contract().fee_bps) == (1000, 2_500)
    bonus, _ = give_bonus(contract.client, contract_id=contract.pk, amount=Money(50_00, "USD"), payment_method=VISA)
    assert bonus.hold.fee_minor == 5_00


def test_a_fee_raised_after_a_proposal_is_not_asked_of_it_and_a_lowered_one_is_given(pages_as):
    first, second = ProposalFactory.create(fee_bps=1_000), ProposalFactory.create(fee_bps=1_000)
    set_rules(fee_bps=2_500)
    page = pages_as(first.freelancer).get(reverse("projects:proposal", args=[first.pk]))
    assert page.context["offer"].fee_bps == 1_000
    assert accept_proposal(first.project.client, proposal_id=first.pk).fee_bps == 1_000
    set_rules(fee_bps=500)
    assert accept_proposal(second.project.client, proposal_id=second.pk).fee_bps == 500
    for proposal, agreed in ((first, 1_000), (second, 500)):
        proposal.refresh_from_db()
        assert proposal.fee_at(100) == agreed


def test_so_does_the_fee_of_a_week(provider, at):
    at(MONDAY)
    contract = make_hourly()
    set_rules(fee_bps=2_500)
    assert funded_week(contract).hold.fee_bps == 1000


def test_a_second_proposal_of_the_same_project_is_refused():
    contract = make_contract()
    other = ProposalFactory.create(project=contract.project, status="rejected")
    with pytest.raises(Conflict) as refusal:
        accept_proposal(contract.client, proposal_id=other.pk)
    assert refusal.value.code == "project_not_open"


def test_a_withdrawn_proposal_is_refused_and_nothing_is_left_behind():
    offer = ProposalFactory.create(status="withdrawn")
    with pytest.raises(Conflict) as refusal:
        accept_proposal(offer.project.client, proposal_id=offer.pk)
    assert refusal.value.code == "proposal_already_decided"
    assert not Contract.objects.exists()
    assert not Room.objects.exists()


def test_only_the_client_accepts():
    offer = ProposalFactory.create()
    with pytest.raises(Forbidden):
        accept_proposal(offer.freelancer, proposal_id=offer.pk)
    with pytest.raises(NotFound):
        accept_proposal(ClientFactory.create(), proposal_id=offer.pk)


def test_an_unverified_client_does_not_hire():
    offer = ProposalFactory.create(project__client=ClientFactory.create(unverified=True))
    with pytest.raises(Forbidden) as refusal:
        accept_proposal(offer.project.client, proposal_id=offer.pk)
    assert refusal.value.code == "email_not_verified"


def test_nobody_is_hired_on_a_page_at_another_price_than_it_shows(pages_as):
    offer = ProposalFactory.create(bid_amount_minor=500_00, steps=[])
    browser = pages_as(offer.project.client)
    page = browser.get(reverse("projects:proposal", args=[offer.pk])).content.decode()
    read_at = re.search(r'name="read_at" value="([^"]+)"', page).group(1)
    edit_proposal(offer.freelancer, proposal_id=offer.pk, bid_amount=Money(900_00, "USD"))
    accept = reverse("contracts:accept-proposal", args=[offer.pk])
    answer = browser.post(accept, {"approval_days": "14", "read_at": read_at}, follow=True)
    page = answer.content.decode()
    assert "was changed since you read it" in page and not Contract.objects.exists()
    read_at = re.search(r'name="read_at" value="([^"]+)"', page).group(1)
    browser.post(accept, {"approval_days": "14", "read_at": read_at})
    assert Contract.objects.get().total == Money(900_00, "USD")
