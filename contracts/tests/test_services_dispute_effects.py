"""What a dispute does to all that goes with its milestone: rests that rolled into it, a refund that is asked, the clocks."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.tests.factories import staff_of
from contracts.models import Contract, Dispute, Milestone, RefundRequest
from contracts.services import (
    approve_milestone,
    disputes,
    fund_milestone,
    refund_unanswered,
    request_milestone_refund,
    submit_milestone,
    watch_holds,
)
from contracts.tests.disputing import usd
from contracts.tests.factories import (
    aged,
    disputed_step,
    first_step,
    funded_step,
    mediated,
    open_dispute_about,
    refund_asked,
    rolled_step,
    submitted_step,
)
from core.errors import Conflict, Invalid
from core.money import Money
from payments.models import Hold
from payments.tests.fakes import VISA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def figures(milestone: Milestone) -> tuple[str, int, int]:
    """(status, gross to the freelancer, back to the client)"""
    milestone = Milestone.objects.select_related("hold").get(pk=milestone.pk)
    hold = milestone.hold
    assert hold and not hold.held_minor
    return milestone.status, hold.released_minor + hold.fee_minor, hold.refunded_minor


def dispute_with_rest(claim: int = 1_000_00) -> tuple[Milestone, Dispute]:
    """300.00 of a first milestone goes with the second, of 1,000.00, about which the client has opened a dispute."""
    rolled = rolled_step()
    assert rolled.rolled_into
    return rolled, open_dispute_about(rolled.rolled_into, claim=claim)


# --- Rests that rolled into the milestone -------------------------------------------------------


def test_an_outcome_wholly_the_freelancers_releases_the_rest_too():
    rolled, dispute = dispute_with_rest()
    client = dispute.contract.client
    offer = disputes.offer_split(client, dispute_id=dispute.pk, to_freelancer=usd(1_000_00))
    disputes.accept_offer(dispute.contract.freelancer, dispute_id=dispute.pk, offer_id=offer.pk)
    assert figures(rolled.rolled_into) == ("released", 1_000_00, 0)
    assert figures(rolled) == ("released", 500_00, 0)
    assert Contract.objects.get(pk=rolled.contract_id).status == "completed"


def test_an_outcome_wholly_the_clients_returns_the_rest_too():
    rolled, dispute = dispute_with_rest()
    disputes.accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    assert figures(rolled.rolled_into) == ("refunded", 0, 1_000_00)
    assert figures(rolled) == ("refunded", 200_00, 300_00)
    assert Contract.objects.get(pk=rolled.contract_id).status == "completed"  # a part was paid before


def test_a_split_is_that_of_the_rest_as_well():
    rolled, dispute = dispute_with_rest(claim=250_00)
    disputes.accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    assert figures(rolled.rolled_into) == ("released", 750_00, 250_00)
    assert figures(rolled) == ("refunded", 200_00 + 225_00, 75_00)


def test_a_rest_counts_for_whether_two_of_the_staff_decide():
    _, dispute = dispute_with_rest()
    decision = disputes.decide_dispute(
        staff_of("moderator"), dispute_id=mediated(dispute).pk, to_freelancer=usd(1_000_00), reasons="All of it."
    )
    assert decision.needs_second  # 1,000.00 alone would not, and 300.00 go with it


def test_a_rest_alone_is_not_disputed():
    rolled = rolled_step()
    with pytest.raises(Conflict) as refusal:
        open_dispute_about(rolled)
    assert refusal.value.code == "nothing_to_dispute"
    assert str(rolled.rolled_into) in refusal.value.message
    assert not Dispute.objects.exists()


def test_a_rest_waits_for_the_outcome_beyond_the_time_that_funds_are_held():
    rolled, dispute = dispute_with_rest()
    aged(rolled, days=90)
    watch_holds()
    assert first_step(rolled.contract).status == "funded"
    disputes.withdraw_dispute(dispute.opener, dispute_id=dispute.pk)
    watch_holds()
    assert figures(rolled) == ("refunded", 200_00, 300_00)  # the work that it went with is still owed


def test_the_end_of_a_dispute_leaves_a_rest_waiting_with_work_that_goes_on():
    rolled, dispute = dispute_with_rest()
    disputes.withdraw_dispute(dispute.opener, dispute_id=dispute.pk)
    rolled.hold.refresh_from_db()
    assert (first_step(rolled.contract).status, rolled.hold.held_minor) == ("funded", 300_00)


# --- A refund that is asked ---------------------------------------------------------------------


def test_opening_a_dispute_ends_the_wish_for_the_same_money():
    asked = refund_asked()
    open_dispute_about(asked.milestone, asked.milestone.contract.freelancer)
    asked.refresh_from_db()
    assert asked.status == "closed"
    assert asked.asked_by.notifications.filter(kind="refund_closed").count() == 1
    RefundRequest.objects.update(answer_by=timezone.now() - timedelta(days=1))
    assert refund_unanswered() == 0


def test_it_can_be_asked_again_after_the_dispute_was_withdrawn():
    asked = refund_asked()
    client = asked.milestone.contract.client
    dispute = open_dispute_about(asked.milestone)
    assert not client.notifications.filter(kind="refund_closed").exists()  # it was the client who opened it
    disputes.withdraw_dispute(client, dispute_id=dispute.pk)
    assert request_milestone_refund(client, milestone_id=asked.milestone_id) != asked


def test_the_time_to_answer_another_request_stands_still():
    asked = refund_asked()
    contract = asked.milestone.contract
    second = contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)
    dispute = open_dispute_about(Milestone.objects.get(pk=second.pk))
    contract.events.filter(move="dispute").update(created_at=timezone.now() - timedelta(days=20))
    disputes.withdraw_dispute(contract.client, dispute_id=dispute.pk)
    longer = RefundRequest.objects.get(pk=asked.pk).answer_by - asked.answer_by
    assert timedelta(days=20) <= longer < timedelta(days=20, minutes=1)


# --- Clocks -------------------------------------------------------------------------------------


def test_no_clock_goes_on_beyond_the_time_that_funds_are_held():
    milestone = submitted_step([500_00, 1_000_00])
    contract = milestone.contract
    second = contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)
    submit_milestone(contract.freelancer, milestone_id=second.pk, note="Here.")
    dispute = open_dispute_about(first_step(contract))
    for hold_id in (milestone.hold_id, Milestone.objects.get(pk=second.pk).hold_id):
        Hold.objects.filter(pk=hold_id).update(funded_at=timezone.now() - timedelta(days=80))
    contract.events.filter(move="dispute").update(created_at=timezone.now() - timedelta(days=20))
    disputes.withdraw_dispute(contract.client, dispute_id=dispute.pk)
    for step in contract.milestones.select_related("hold"):
        assert step.release_at == step.hold.funded_at + timedelta(days=89)


def test_work_disputed_on_a_contract_that_ended_is_not_held_longer_either():
    milestone = aged(submitted_step([500_00]), days=80)
    Contract.objects.filter(pk=milestone.contract_id).update(status="completed", ended_at=timezone.now())
    dispute = open_dispute_about(first_step(milestone.contract))
    Dispute.objects.filter(pk=dispute.pk).update(clock_left=timedelta(days=14))
    disputes.withdraw_dispute(dispute.opener, dispute_id=dispute.pk)
    step = first_step(milestone.contract)
    assert step.hold and step.release_at == step.hold.funded_at + timedelta(days=89)


def test_both_sides_hear_that_the_contract_ended_with_its_dispute():
    dispute = mediated(disputed_step([500_00], claim=500_00))
    disputes.decide_dispute(staff_of("moderator"), dispute_id=dispute.pk, to_freelancer=usd(0), reasons="Nothing came.")
    for person in (dispute.contract.client, dispute.contract.freelancer):
        assert person.notifications.filter(kind="contract_cancelled").count() == 1


# --- Currencies that are paid in coarser units --------------------------------------------------


def dinars(minor: int) -> Money:
    return Money(minor, "KWD")


@pytest.fixture
def in_dinars() -> Dispute:
    """About KWD 500.000, of which only tens of fils can be paid, with the claim of 200.010."""
    milestone = funded_step([500_000], project__currency="KWD")
    submit_milestone(milestone.contract.freelancer, milestone_id=milestone.pk, note="Here.")
    return open_dispute_about(first_step(milestone.contract), claim=200_010)


@pytest.mark.parametrize("act", ["claim", "offer", "decision"])
def test_a_part_that_cannot_be_paid_is_refused_beside_its_field(in_dinars: Dispute, act: str):
    client = in_dinars.contract.client
    acts: dict[str, Any] = {
        "claim": lambda: open_dispute_about(first_step(in_dinars.contract), claim=200_011),
        "offer": lambda: disputes.offer_split(client, dispute_id=in_dinars.pk, to_freelancer=dinars(5)),
        "decision": lambda: disputes.decide_dispute(
            staff_of("moderator"), dispute_id=in_dinars.pk, to_freelancer=dinars(499_999), reasons="So."
        ),
    }
    if act == "claim":
        disputes.withdraw_dispute(client, dispute_id=in_dinars.pk)
    if act == "decision":
        mediated(in_dinars)
    with pytest.raises(Invalid) as refusal:
        acts[act]()
    assert list(refusal.value.fields) == ["amount" if act == "claim" else "to_freelancer"]


def test_a_rest_is_split_into_parts_that_can_be_paid():
    first = funded_step([10_000, 20_000], project__currency="KWD")
    contract, second = first.contract, first.contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)
    submit_milestone(contract.freelancer, milestone_id=first.pk, note="Here.")
    approve_milestone(contract.client, milestone_id=first.pk, amount=dinars(5_000), remainder="roll")
    dispute = open_dispute_about(contract.milestones.get(position=2), claim=13_340)
    disputes.accept_claim(contract.freelancer, dispute_id=dispute.pk)
    assert figures(second) == ("released", 6_660, 13_340)
    assert figures(first) == ("refunded", 5_000 + 1_660, 3_340)  # a third would be 1.665 of the rest


def test_a_split_without_a_decision_can_be_paid(in_dinars: Dispute):
    mediated(in_dinars)  # the client leaves 299.990, the freelancer wants 500.000: halfway is 399.995
    Dispute.objects.update(mediation_by=timezone.now() - timedelta(seconds=1))
    assert disputes.meet_deadlines() == 1
    in_dinars.refresh_from_db()
    assert (in_dinars.to_freelancer, in_dinars.to_client) == (dinars(399_990), dinars(100_010))
