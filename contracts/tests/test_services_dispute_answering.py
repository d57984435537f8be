"""Answering a dispute: the claim, offers, the staff, and what both sides show."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.tests.factories import UploadFactory
from contracts.models import DisputeEvidence
from contracts.services import approve_milestone, fund_milestone
from contracts.services import disputes as services
from contracts.tests.disputing import again, available, refusal_of, usd
from contracts.tests.factories import disputed_step, first_step, mediated, open_dispute_about, submitted_step
from core.errors import Conflict, Invalid
from core.money import Money
from payments.tests.fakes import VISA, FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def test_accepting_the_claim_pays_it_and_completes_a_contract_that_is_done(run_jobs, provider: FakeProvider):
    dispute = disputed_step([500_00], claim=200_00)
    services.accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    run_jobs()
    dispute = again(dispute)
    assert (dispute.status, dispute.to_freelancer, dispute.to_client) == ("settled", usd(300_00), usd(200_00))
    assert (dispute.milestone.status, dispute.contract.status) == ("released", "completed")
    assert available(dispute.contract.freelancer) == 270_00
    assert [refund.amount_minor for refund in provider.refunds.values()] == [200_00]
    assert dispute.hold.frozen_at is None
    for person in (dispute.contract.client, dispute.contract.freelancer):
        assert person.notifications.filter(kind="dispute_ended").exists()


def test_a_claim_of_everything_by_the_client_returns_it_and_ends_an_unpaid_contract(run_jobs):
    dispute = disputed_step([500_00], claim=500_00)
    services.accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    dispute = again(dispute)
    assert (dispute.milestone.status, dispute.contract.status) == ("refunded", "cancelled")
    assert dispute.contract.project.status == "cancelled"
    assert available(dispute.contract.freelancer) == 0


def test_the_contract_goes_on_when_steps_are_left():
    dispute = disputed_step([500_00, 1_000_00])
    services.accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    dispute = again(dispute)
    assert dispute.contract.status == "active"
    second = dispute.contract.milestones.get(position=2)
    fund_milestone(dispute.contract.client, milestone_id=second.pk, payment_method=VISA)


def test_after_a_partial_release_the_fees_add_up_to_that_of_the_whole():
    milestone = submitted_step([333_33])
    approve_milestone(milestone.contract.client, milestone_id=milestone.pk, amount=usd(111_15))
    dispute = open_dispute_about(first_step(milestone.contract), claim=22_18)
    services.accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    hold = again(dispute).hold
    assert (hold.refunded_minor, hold.released_minor + hold.fee_minor) == (22_18, 311_15)
    assert hold.fee_minor == 31_12  # ten per cent of 311.15, rounded once


def test_contesting_leads_to_the_staff_with_thirty_days():
    dispute = again(mediated(disputed_step()))
    assert (dispute.status, dispute.answer_by) == ("mediation", None)
    assert timedelta(days=29) < dispute.mediation_by - timezone.now() <= timedelta(days=30)
    assert dispute.answer == "They are the size that was agreed."


def test_contesting_without_a_word_is_refused():
    dispute = disputed_step()
    with pytest.raises(Invalid):
        services.contest_dispute(dispute.contract.freelancer, dispute_id=dispute.pk, text=" ")


def test_a_counter_offer_answers_and_waits_for_the_opener():
    dispute = disputed_step([500_00], claim=400_00)
    contract = dispute.contract
    offer = services.offer_split(
        contract.freelancer, dispute_id=dispute.pk, to_freelancer=usd(350_00), note="Half done"
    )
    dispute = again(dispute)
    assert (dispute.status, dispute.answer) == ("answered", "Half done")
    assert contract.client.notifications.filter(kind="dispute_offered").exists()
    services.accept_offer(contract.client, dispute_id=dispute.pk, offer_id=offer.pk)
    dispute = again(dispute)
    assert (dispute.status, dispute.to_freelancer, dispute.to_client) == ("settled", usd(350_00), usd(150_00))
    offer.refresh_from_db()
    assert offer.accepted_at is not None


def test_an_opener_who_does_not_take_the_counter_offer_asks_the_staff_and_may_still_take_it():
    dispute = disputed_step([500_00])
    contract = dispute.contract
    offer = services.offer_split(contract.freelancer, dispute_id=dispute.pk, to_freelancer=usd(450_00))
    services.ask_mediation(contract.client, dispute_id=dispute.pk)
    assert again(dispute).status == "mediation"
    services.accept_offer(contract.client, dispute_id=dispute.pk, offer_id=offer.pk)
    assert again(dispute).to_freelancer == usd(450_00)


def test_a_new_offer_takes_the_place_of_the_earlier_one():
    dispute = mediated(disputed_step([500_00]))
    contract = dispute.contract
    first = services.offer_split(contract.freelancer, dispute_id=dispute.pk, to_freelancer=usd(400_00))
    services.offer_split(contract.freelancer, dispute_id=dispute.pk, to_freelancer=usd(380_00))
    assert (
        refusal_of(lambda: services.accept_offer(contract.client, dispute_id=dispute.pk, offer_id=first.pk))
        == "offer_ended"
    )
    assert dispute.offers.standing().get().to_freelancer == usd(380_00)


def test_an_offer_of_the_opener_before_the_answer_leaves_the_answer_open():
    dispute = disputed_step([500_00])
    services.offer_split(dispute.contract.client, dispute_id=dispute.pk, to_freelancer=usd(320_00))
    assert again(dispute).status == "open"


@pytest.mark.parametrize("to_freelancer", [Money(-1, "USD"), Money(500_01, "USD"), Money(1_00, "EUR")])
def test_an_offer_is_a_split_of_what_is_held(to_freelancer: Money):
    dispute = disputed_step([500_00])
    with pytest.raises(Invalid):
        services.offer_split(dispute.contract.freelancer, dispute_id=dispute.pk, to_freelancer=to_freelancer)


def test_ones_own_offer_and_somebody_elses_offer_are_not_accepted():
    dispute, other = mediated(disputed_step()), mediated(disputed_step())
    freelancer = dispute.contract.freelancer
    mine = services.offer_split(freelancer, dispute_id=dispute.pk, to_freelancer=usd(1_00))
    theirs = services.offer_split(other.contract.client, dispute_id=other.pk, to_freelancer=usd(1_00))
    assert refusal_of(lambda: services.accept_offer(freelancer, dispute_id=dispute.pk, offer_id=mine.pk)) == "own_offer"
    assert (
        refusal_of(lambda: services.accept_offer(freelancer, dispute_id=dispute.pk, offer_id=theirs.pk)) == "not_found"
    )


def test_nobody_offers_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("contracts.services.disputes.offers.MAX_OFFERS", 1)
    dispute = mediated(disputed_step())
    services.offer_split(dispute.contract.client, dispute_id=dispute.pk, to_freelancer=usd(1_00))
    with pytest.raises(Conflict, match="at most 1"):
        services.offer_split(dispute.contract.client, dispute_id=dispute.pk, to_freelancer=usd(2_00))


def test_both_sides_show_words_and_files_until_the_end():
    dispute = mediated(disputed_step())
    for person in (dispute.contract.client, dispute.contract.freelancer):
        file = UploadFactory.create(owner=person)
        evidence = services.add_evidence(person, dispute_id=dispute.pk, text=" As agreed. ", attachment_ids=[file.pk])
        assert (evidence.text, list(evidence.files.all())) == ("As agreed.", [file])
    assert dispute.contract.client.notifications.filter(kind="dispute_evidence").count() == 1
    assert AuditEvent.objects.filter(action="dispute.evidence_added").count() == 2


def test_evidence_is_something_and_only_ones_own_attachments(monkeypatch: pytest.MonkeyPatch):
    dispute = disputed_step()
    client = dispute.contract.client
    theirs, picture = UploadFactory.create(), UploadFactory.create(owner=client, kind="gig")
    for ids in ([], [theirs.pk], [picture.pk], list(range(1, 12))):
        with pytest.raises(Invalid), transaction.atomic():
            services.add_evidence(client, dispute_id=dispute.pk, text=" ", attachment_ids=ids)
    monkeypatch.setattr("contracts.services.disputes.evidence.MAX_EVIDENCE", 0)
    assert refusal_of(lambda: services.add_evidence(client, dispute_id=dispute.pk, text="See.")) == "too_much_evidence"


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_keeps_evidence_as_it_is(change: str):
    dispute = disputed_step()
    evidence = services.add_evidence(dispute.contract.client, dispute_id=dispute.pk, text="See.")
    rows = DisputeEvidence.objects.filter(pk=evidence.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(text="Other") if change == "update" else rows._raw_delete("default")
