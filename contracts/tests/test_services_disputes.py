"""Disputes between the two sides: opening, answering, agreeing, silence, withdrawing, evidence."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.tests.factories import ClientFactory, UploadFactory, staff_of
from contracts.models import Contract, Dispute, DisputeEvidence, Milestone
from contracts.rules import DISPUTE_LIFECYCLE, ContractStatus, DisputeStatus, MilestoneStatus
from contracts.services import (
    approve_milestone,
    cancel_contract,
    complete_contract,
    fund_milestone,
    pause_contract,
    release_overdue,
    request_revision,
    resume_contract,
    submit_milestone,
)
from contracts.services import disputes as services
from contracts.tests.factories import (
    disputed_step,
    first_step,
    funded_step,
    make_contract,
    mediated,
    open_dispute_about,
    submitted_step,
)
from core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from core.money import Money
from payments.models import Hold
from payments.selectors import wallet
from payments.services import freeze_hold, refund_hold, release_hold, unfreeze_hold
from payments.tests.fakes import VISA, FakeProvider

DECIDED = datetime(2026, 12, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean_ledger(provider: FakeProvider):
    yield
    call_command("check_ledger", verbosity=0)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def available(user: User) -> int:
    return next((balance.available.minor for balance in wallet(user) if balance.currency == "USD"), 0)


def again(dispute: Dispute) -> Dispute:
    return Dispute.objects.select_related("contract__client", "contract__freelancer", "milestone", "hold").get(
        pk=dispute.pk
    )


def let_time_pass(dispute: Dispute) -> None:
    """Until its deadline is over."""
    past = timezone.now() - timedelta(seconds=1)
    Dispute.objects.filter(pk=dispute.pk, answer_by__isnull=False).update(answer_by=past)
    Dispute.objects.filter(pk=dispute.pk, mediation_by__isnull=False).update(mediation_by=past)


def refusal_of(act: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refusal, transaction.atomic():
        act()
    return refusal.value.code


# --- Opening ------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["client", "freelancer"])
def test_opening_freezes_the_funds_stops_the_clock_and_asks_the_other_side(side: str):
    milestone = submitted_step([500_00])
    contract = milestone.contract
    opener = getattr(contract, side)
    other = contract.freelancer if side == "client" else contract.client
    dispute = again(open_dispute_about(milestone, opener))
    assert (dispute.status, dispute.side, dispute.milestone_before) == ("open", side, "submitted")
    assert (dispute.milestone.status, dispute.milestone.release_at) == ("disputed", None)
    assert dispute.contract.status == "disputed"
    assert dispute.hold.frozen_at is not None
    assert timedelta(days=13) < dispute.clock_left <= timedelta(days=14)
    assert timedelta(days=4) < dispute.answer_by - timezone.now() <= timedelta(days=5)
    assert other.notifications.filter(kind="dispute_opened").exists()
    assert AuditEvent.objects.filter(action="dispute.opened", actor=opener).exists()


def test_the_claim_of_either_side_leaves_the_rest_to_the_other():
    assert disputed_step([500_00], claim=200_00).claimed_for_freelancer == usd(300_00)
    milestone = submitted_step([500_00])
    by_freelancer = open_dispute_about(milestone, milestone.contract.freelancer, claim=450_00)
    assert by_freelancer.claimed_for_freelancer == usd(450_00)


@pytest.mark.parametrize("claim", [0, -1, 500_01])
def test_a_claim_is_of_what_is_held(claim: int):
    milestone = submitted_step([500_00])
    with pytest.raises(Invalid) as refusal, transaction.atomic():
        open_dispute_about(milestone, claim=claim)
    assert "amount" in refusal.value.fields
    milestone.hold.refresh_from_db()
    assert milestone.hold.frozen_at is None


def test_a_claim_in_another_currency_or_without_words_is_refused():
    milestone = submitted_step([500_00])
    asked = {"milestone_id": milestone.pk, "reason": "late"}
    client = milestone.contract.client
    for wrong in ({"claim": Money(1_00, "EUR"), "explanation": "Late."}, {"claim": usd(1_00), "explanation": "  "}):
        assert refusal_of(lambda wrong=wrong: services.open_dispute(client, **asked, **wrong)) == "validation_error"


def test_a_second_dispute_about_a_milestone_is_refused():
    dispute = disputed_step()
    for opener in (dispute.contract.client, dispute.contract.freelancer):
        assert refusal_of(lambda opener=opener: open_dispute_about(dispute.milestone, opener)) == "dispute_already_open"


def test_another_milestone_of_the_contract_can_be_disputed_too():
    milestone = submitted_step([500_00, 1_000_00])
    contract = milestone.contract
    second = contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)
    first_dispute = open_dispute_about(milestone)
    second_dispute = open_dispute_about(Milestone.objects.select_related("contract").get(pk=second.pk))
    services.withdraw_dispute(contract.client, dispute_id=first_dispute.pk)
    contract.refresh_from_db()
    assert contract.status == "disputed"
    services.withdraw_dispute(contract.client, dispute_id=second_dispute.pk)
    contract.refresh_from_db()
    assert contract.status == "active"


def test_what_is_not_held_cannot_be_disputed():
    unfunded = first_step(make_contract())
    assert refusal_of(lambda: open_dispute_about(unfunded)) == "nothing_to_dispute"
    released = submitted_step()
    approve_milestone(released.contract.client, milestone_id=released.pk)
    assert refusal_of(lambda: open_dispute_about(released)) == "nothing_to_dispute"
    refunded = funded_step()
    cancel_contract(refunded.contract.client, contract_id=refunded.contract_id)
    assert refusal_of(lambda: open_dispute_about(refunded)) == "nothing_to_dispute"


@pytest.mark.parametrize(("days", "code"), [(6, ""), (8, "dispute_too_late")])
def test_what_is_still_held_after_the_end_can_be_disputed_for_a_week(days: int, code: str):
    milestone = submitted_step()
    Contract.objects.filter(pk=milestone.contract_id).update(
        status="completed", ended_at=timezone.now() - timedelta(days=days)
    )
    if code:
        assert refusal_of(lambda: open_dispute_about(milestone)) == code
        return
    dispute = again(open_dispute_about(milestone))
    assert (dispute.status, dispute.contract.status) == ("open", "completed")
    services.accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    assert again(dispute).contract.status == "completed"


def test_strangers_see_no_milestone_to_dispute():
    milestone = submitted_step()
    for stranger in (ClientFactory.create(), staff_of("moderator")):
        with pytest.raises(NotFound):
            open_dispute_about(milestone, stranger)


def test_while_it_is_disputed_nothing_else_moves_the_money():
    dispute = disputed_step([500_00])
    client, freelancer, milestone = dispute.contract.client, dispute.contract.freelancer, dispute.milestone
    Milestone.objects.filter(contract=dispute.contract).exclude(pk=milestone.pk).delete()
    acts: list[Callable[[], Any]] = [
        lambda: approve_milestone(client, milestone_id=milestone.pk),
        lambda: request_revision(client, milestone_id=milestone.pk, note="Larger"),
        lambda: submit_milestone(freelancer, milestone_id=milestone.pk, note="Here"),
        lambda: cancel_contract(client, contract_id=dispute.contract_id),
        lambda: complete_contract(client, contract_id=dispute.contract_id),
        lambda: pause_contract(client, contract_id=dispute.contract_id),
        lambda: resume_contract(client, contract_id=dispute.contract_id),
        lambda: release_hold(None, hold=Hold.objects.get(pk=dispute.hold_id), cause="x"),
        lambda: refund_hold(None, hold=Hold.objects.get(pk=dispute.hold_id), reason="", cause="x"),
    ]
    for act in acts:
        with pytest.raises(Conflict), transaction.atomic():
            act()
    assert release_overdue() == 0
    assert again(dispute).hold.held == usd(500_00)


# --- Answering ----------------------------------------------------------------------------------


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


# --- Who may do what, and when ------------------------------------------------------------------

ACTS: dict[str, Callable[[User, Dispute], Any]] = {
    "accept_claim": lambda me, it: services.accept_claim(me, dispute_id=it.pk),
    "contest": lambda me, it: services.contest_dispute(me, dispute_id=it.pk, text="No."),
    "ask_mediation": lambda me, it: services.ask_mediation(me, dispute_id=it.pk),
    "withdraw": lambda me, it: services.withdraw_dispute(me, dispute_id=it.pk),
    "offer": lambda me, it: services.offer_split(me, dispute_id=it.pk, to_freelancer=usd(1_00)),
    "evidence": lambda me, it: services.add_evidence(me, dispute_id=it.pk, text="See."),
}


def brought_to(status: str) -> Dispute:
    """A dispute of the client in any status, by the moves that lead there."""
    dispute = disputed_step([500_00])
    client, freelancer = dispute.contract.client, dispute.contract.freelancer
    match status:
        case "answered":
            services.offer_split(freelancer, dispute_id=dispute.pk, to_freelancer=usd(400_00))
        case "mediation":
            mediated(dispute)
        case "resolved":
            let_time_pass(dispute)
            services.meet_deadlines()
        case "settled":
            services.accept_claim(freelancer, dispute_id=dispute.pk)
        case "withdrawn":
            services.withdraw_dispute(client, dispute_id=dispute.pk)
    return again(dispute)


@pytest.mark.parametrize("act", ["accept_claim", "contest", "ask_mediation", "withdraw"])
@pytest.mark.parametrize("status", DisputeStatus.values)
def test_every_move_is_possible_exactly_where_the_table_says(status: str, act: str):
    dispute = brought_to(status)
    assert dispute.status == status
    move = DISPUTE_LIFECYCLE.moves[act]
    person = dispute.contract.client if "opener" in move.who else dispute.contract.freelancer
    if status in move.sources:
        ACTS[act](person, dispute)
        assert again(dispute).status == move.target
    else:
        with pytest.raises(Conflict), transaction.atomic():
            ACTS[act](person, dispute)
        assert again(dispute).status == status


@pytest.mark.parametrize("act", ["offer", "evidence"])
@pytest.mark.parametrize("status", ["resolved", "settled", "withdrawn"])
def test_nothing_is_added_after_the_end(status: str, act: str):
    dispute = brought_to(status)
    for person in (dispute.contract.client, dispute.contract.freelancer):
        assert refusal_of(lambda person=person: ACTS[act](person, dispute)) == "dispute_ended"


def test_the_opener_does_not_answer_and_the_other_does_not_withdraw():
    dispute = disputed_step()
    client, freelancer = dispute.contract.client, dispute.contract.freelancer
    for act, person in (
        ("accept_claim", client),
        ("contest", client),
        ("ask_mediation", freelancer),
        ("withdraw", freelancer),
    ):
        with pytest.raises(Forbidden), transaction.atomic():
            ACTS[act](person, dispute)


@pytest.mark.parametrize("act", ACTS)
def test_to_strangers_and_to_staff_there_is_no_dispute_to_act_in(act: str):
    dispute = disputed_step()
    for stranger in (ClientFactory.create(), staff_of("moderator")):
        with pytest.raises(NotFound), transaction.atomic():
            ACTS[act](stranger, dispute)


def test_suspended_people_open_none_but_speak_in_theirs():
    dispute, milestone = disputed_step(), submitted_step()
    now = timezone.now()
    User.objects.filter(pk__in=[dispute.contract.freelancer_id, milestone.contract.client_id]).update(suspended_at=now)
    freelancer = User.objects.get(pk=dispute.contract.freelancer_id)
    services.add_evidence(freelancer, dispute_id=dispute.pk, text="They are right.")
    services.contest_dispute(freelancer, dispute_id=dispute.pk, text="No.")
    client = User.objects.get(pk=milestone.contract.client_id)
    assert refusal_of(lambda: open_dispute_about(milestone, client)) == "account_suspended"


# --- Withdrawing --------------------------------------------------------------------------------


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


# --- Silence ------------------------------------------------------------------------------------


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


# --- Funds that went another way ----------------------------------------------------------------


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


# --- Evidence -----------------------------------------------------------------------------------


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


# --- What the database refuses ------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "mediation"},
        {"answer_by": None},
        {"status": "withdrawn"},
        {"status": "settled", "answer_by": None},
        {"to_freelancer_minor": 1, "to_client_minor": 1},
        {
            "status": "settled",
            "answer_by": None,
            "decided_at": DECIDED,
            "to_freelancer_minor": 1,
            "to_client_minor": 1,
        },
        {
            "status": "resolved",
            "answer_by": None,
            "decided_at": DECIDED,
            "to_freelancer_minor": 0,
            "to_client_minor": 500_00,
        },
        {"claim_minor": 500_01},
        {"claim_minor": 0},
        {"clock_left": None},
        {"side": "staff"},
    ],
    ids=str,
)
def test_the_database_refuses_what_contradicts_the_status(changes: dict[str, Any]):
    dispute = disputed_step([500_00])
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk).update(**changes)


def test_the_database_refuses_a_second_open_dispute_and_one_of_unfrozen_funds():
    dispute = disputed_step([500_00])
    copy = Dispute.objects.get(pk=dispute.pk)
    copy.pk = None
    with pytest.raises(IntegrityError, match="one_open_per"), transaction.atomic():
        copy.save(force_insert=True)
    services.withdraw_dispute(dispute.contract.client, dispute_id=dispute.pk)
    with pytest.raises(IntegrityError, match="not frozen"), transaction.atomic():
        copy.save(force_insert=True)


def test_the_database_refuses_an_offer_that_does_not_add_up():
    dispute = disputed_step([500_00])
    offer = services.offer_split(dispute.contract.client, dispute_id=dispute.pk, to_freelancer=usd(1_00))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE contracts_disputeoffer SET to_client_minor = 1 WHERE id = %s", [offer.pk])


def test_statuses_have_words_tones_and_icons():
    for status in DisputeStatus:
        assert DISPUTE_LIFECYCLE.badge(status).label
    assert ContractStatus.DISPUTED.label and MilestoneStatus.DISPUTED.label
