"""How disputes end without the staff: taken back, by silence, or because the money went another way."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.tests.factories import staff_of
from contracts.models import Dispute, Milestone
from contracts.services import (
    approve_milestone,
    fund_milestone,
    pause_contract,
    request_revision,
    resume_contract,
    submit_milestone,
)
from contracts.services import disputes as services
from contracts.tests.disputing import again, available, brought_to, let_time_pass, usd
from contracts.tests.factories import (
    disputed_step,
    first_step,
    funded_step,
    mediated,
    open_dispute_about,
    submitted_step,
)
from payments.services import freeze_hold, refund_hold, unfreeze_hold
from payments.tests.fakes import VISA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def test_withdrawing_frees_the_funds_and_the_clock_goes_on_with_what_was_left():
    milestone = submitted_step([500_00])
    Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() + timedelta(days=3))
    dispute = open_dispute_about(first_step(milestone.contract))
    contract = dispute.contract
    contract.events.filter(move="dispute").update(created_at=timezone.now() - timedelta(days=20))
    dispute.refresh_from_db()
    left = dispute.clock_left
    services.withdraw_dispute(contract.client, dispute_id=dispute.pk)
    dispute = again(dispute)
    assert (dispute.status, dispute.milestone.status, dispute.contract.status) == ("withdrawn", "submitted", "active")
    assert abs(dispute.milestone.release_at - timezone.now() - left) < timedelta(minutes=1)
    assert dispute.hold.frozen_at is None
    approve_milestone(contract.client, milestone_id=milestone.pk)


def test_the_clocks_of_other_milestones_stand_still_too():
    milestone = submitted_step([500_00, 1_000_00])
    contract = milestone.contract
    second = contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)
    submit_milestone(contract.freelancer, milestone_id=second.pk, note="Here")
    before = Milestone.objects.get(pk=second.pk).release_at
    dispute = open_dispute_about(milestone)
    contract.events.filter(move="dispute").update(created_at=timezone.now() - timedelta(days=20))
    services.accept_claim(contract.freelancer, dispute_id=dispute.pk)
    after = Milestone.objects.get(pk=second.pk).release_at
    assert timedelta(days=20) <= after - before < timedelta(days=20, minutes=1)


@pytest.mark.parametrize("status", ["funded", "revision_requested"])
def test_withdrawing_leads_back_to_where_the_milestone_was(status: str):
    milestone = funded_step() if status == "funded" else submitted_step()
    if status != "funded":
        request_revision(milestone.contract.client, milestone_id=milestone.pk, note="Larger.")
    dispute = open_dispute_about(first_step(milestone.contract), milestone.contract.freelancer)
    assert dispute.clock_left is None
    services.withdraw_dispute(milestone.contract.freelancer, dispute_id=dispute.pk)
    assert again(dispute).milestone.status == status


def test_a_paused_contract_is_paused_again_and_keeps_all_of_its_time():
    milestone = submitted_step([500_00])
    contract = milestone.contract
    Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() + timedelta(days=2))
    pause_contract(contract.client, contract_id=contract.pk)
    contract.events.filter(move="pause").update(created_at=timezone.now() - timedelta(days=1))
    dispute = open_dispute_about(first_step(contract))
    assert timedelta(days=2, hours=23) < again(dispute).clock_left < timedelta(days=3, hours=1)
    services.withdraw_dispute(contract.client, dispute_id=dispute.pk)
    assert again(dispute).contract.status == "paused"
    resume_contract(contract.client, contract_id=contract.pk)
    left = again(dispute).milestone.release_at - timezone.now()
    assert timedelta(days=2, hours=23) < left < timedelta(days=3, hours=1)


def test_after_withdrawing_another_one_can_be_opened():
    dispute = disputed_step()
    services.withdraw_dispute(dispute.contract.client, dispute_id=dispute.pk)
    open_dispute_about(again(dispute).milestone, dispute.contract.freelancer)
    assert Dispute.objects.count() == 2


def test_silence_pays_the_claim_once():
    dispute = disputed_step([500_00], claim=200_00)
    assert services.meet_deadlines() == 0
    let_time_pass(dispute)
    assert services.meet_deadlines() == 1
    assert services.meet_deadlines() == 0
    dispute = again(dispute)
    assert (dispute.status, dispute.to_client, dispute.decided_by) == ("resolved", usd(200_00), None)
    assert "not answered in time" in dispute.reasons
    assert available(dispute.contract.freelancer) == 270_00


def test_a_counter_offer_that_is_not_answered_leads_to_the_staff():
    dispute = brought_to("answered")
    let_time_pass(dispute)
    assert services.meet_deadlines() == 1
    assert again(dispute).status == "mediation"


def test_a_mediation_without_a_decision_ends_halfway_between_the_two():
    dispute = mediated(disputed_step([500_01], claim=300_00))  # the client leaves 200.01, the freelancer wants 500.01
    let_time_pass(dispute)
    assert services.meet_deadlines() == 1
    dispute = again(dispute)
    assert (dispute.status, dispute.to_freelancer, dispute.to_client) == ("resolved", usd(350_01), usd(150_00))
    assert "halfway" in dispute.reasons


def test_the_last_offers_are_what_the_two_stand_for():
    dispute = mediated(disputed_step([500_00], claim=500_00))
    services.offer_split(dispute.contract.client, dispute_id=dispute.pk, to_freelancer=usd(100_00))
    services.offer_split(dispute.contract.freelancer, dispute_id=dispute.pk, to_freelancer=usd(200_01))
    let_time_pass(dispute)
    services.meet_deadlines()
    assert again(dispute).to_freelancer == usd(150_00)  # the odd cent is the client's


def test_one_that_cannot_move_does_not_keep_the_others():
    stuck, other = disputed_step(), disputed_step()
    unfreeze_hold(None, hold=stuck.hold, reason="")
    refund = usd(1_00)
    refund_hold(None, hold=stuck.hold, reason="Planted", cause="x", amount=refund)
    for dispute in (stuck, other):
        let_time_pass(dispute)
    assert services.meet_deadlines() == 1
    assert (again(stuck).status, again(other).status) == ("open", "resolved")
    freeze_hold(None, hold=stuck.hold, reason="The proof finds what was planted, too.")
    Dispute.objects.filter(pk=stuck.pk).update(held_minor=F("held_minor") - refund.minor)


def test_whoever_is_silent_is_reminded_once_a_day_before():
    dispute = disputed_step()
    assert services.warn_of_deadlines() == 0
    Dispute.objects.update(answer_by=timezone.now() + timedelta(hours=20))
    assert services.warn_of_deadlines() == 1
    assert services.warn_of_deadlines() == 0
    assert dispute.contract.freelancer.notifications.filter(kind="dispute_reminder").count() == 1
    assert not dispute.contract.client.notifications.filter(kind="dispute_reminder").exists()


def test_the_opener_is_reminded_of_a_counter_offer():
    dispute = brought_to("answered")
    Dispute.objects.update(answer_by=timezone.now() + timedelta(hours=20))
    assert services.warn_of_deadlines() == 1
    assert dispute.contract.client.notifications.filter(kind="dispute_reminder").exists()


def test_after_the_answer_was_reminded_of_the_opener_is_reminded_of_theirs():
    dispute = disputed_step([500_00])
    contract, soon = dispute.contract, timezone.now() + timedelta(hours=20)
    Dispute.objects.update(answer_by=soon)
    assert services.warn_of_deadlines() == 1
    services.offer_split(contract.freelancer, dispute_id=dispute.pk, to_freelancer=usd(400_00))
    assert services.warn_of_deadlines() == 0
    Dispute.objects.update(answer_by=soon)
    assert services.warn_of_deadlines() == 1
    assert contract.client.notifications.filter(kind="dispute_reminder").count() == 1


def test_staff_are_alarmed_before_a_mediation_ends():
    moderator, analyst = staff_of("moderator"), staff_of("analyst")
    dispute = mediated(disputed_step())
    assert services.warn_of_deadlines() == 0
    Dispute.objects.update(mediation_by=timezone.now() + timedelta(days=4))
    assert services.warn_of_deadlines() == 1
    assert services.warn_of_deadlines() == 0
    news = moderator.notifications.get(kind="dispute_waits_for_staff")
    assert str(dispute.pk) in news.url
    assert not analyst.notifications.exists()


def test_when_the_held_funds_are_taken_by_another_way_the_dispute_is_over():
    dispute = mediated(disputed_step([500_00]))
    with transaction.atomic():
        unfreeze_hold(None, hold=dispute.hold, reason="The bank took it back.")
        refund_hold(None, hold=dispute.hold, reason="The bank took it back.", cause="chargeback:1")
    dispute = again(dispute)
    assert (dispute.status, dispute.milestone.status, dispute.contract.status) == (
        "withdrawn",
        "refunded",
        "cancelled",
    )
