"""Disputes about hours: what is frozen, and what every outcome does to the week and its money."""

from datetime import UTC, datetime

import pytest

from accounts.tests.factories import UserFactory, staff_of
from contracts.models import Dispute, Timesheet
from contracts.services import (
    approve_timesheet,
    bill_due_weeks,
    complete_contract,
    concede_timesheet,
    decide_timesheet,
    end_contract,
    reject_timesheet,
    submit_timesheet,
)
from contracts.services.disputes import (
    accept_claim,
    accept_offer,
    ask_mediation,
    contest_dispute,
    decide_dispute,
    meet_deadlines,
    offer_split,
    open_week_dispute,
    withdraw_dispute,
)
from contracts.tests.factories import HOUR, log, sent_week, week, worked_week
from contracts.tests.weeks import FRIDAY, SECOND, refused, usd
from core.errors import Forbidden, Invalid, NotFound
from core.money import Money
from notifications.models import Notification
from payments.models import Hold, Payment
from payments.selectors import wallet
from payments.services import settle_chargeback

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]

CLAIM = Money(200_00, "USD")


def open_about(timesheet: Timesheet, claim: Money = CLAIM, opener=None) -> Dispute:
    return open_week_dispute(
        opener or timesheet.contract.client,
        timesheet_id=timesheet.pk,
        reason="not_as_agreed",
        explanation="Ten hours for one label.",
        claim=claim,
    )


def disputed_week(at, claim: Money = CLAIM) -> Dispute:
    """Ten hours at 60.00 of a week of at most 40, of which the client wants 200.00 back."""
    return open_about(sent_week(at), claim)


def contested_week(at) -> Timesheet:
    """Two hours of 60.00 were paid by silence; three that were sent back stay held."""
    timesheet = worked_week(at, hours=2)
    entry = log(timesheet, 3, after=12 * HOUR)
    submit_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    reject_timesheet(timesheet.contract.client, timesheet_id=timesheet.pk, reasons={entry.pk: "We agreed on two."})
    at(FRIDAY + SECOND)
    bill_due_weeks()
    return week(timesheet.contract)


def let_time_pass() -> None:
    """The deadline of every dispute, which the database's own clock decides, has passed."""
    for deadline in ("answer_by", "mediation_by"):
        Dispute.objects.exclude(**{deadline: None}).update(**{deadline: datetime(2020, 1, 1, tzinfo=UTC)})
    meet_deadlines()


def end_of(dispute: Dispute) -> tuple[str, Money, Money, Money]:
    """The week's status, what was paid (gross), returned, and is held."""
    timesheet = week(dispute.contract)
    assert timesheet.hold is not None
    return timesheet.status, timesheet.billed, timesheet.hold.refunded, timesheet.hold.held


# --- Opening ------------------------------------------------------------------------------------


def test_what_is_claimed_is_frozen_and_the_other_hours_are_paid(at):
    dispute = disputed_week(at)
    timesheet = week(dispute.contract)
    assert (dispute.held, dispute.claim, dispute.side, dispute.week) == (usd(200_00), usd(200_00), "client", timesheet)
    assert end_of(dispute) == ("contested", usd(400_00), usd(1800_00), usd(200_00))
    assert timesheet.hold.frozen_at is not None
    assert wallet(timesheet.contract.freelancer)[0].available == usd(360_00)
    told = set(Notification.objects.filter(user=timesheet.contract.freelancer).values_list("kind", flat=True))
    assert {"dispute_opened", "payment_received"} <= told


def test_all_hours_may_be_claimed_also_of_a_week_with_hours_that_were_sent_back(at):
    timesheet = sent_week(at)
    reject_timesheet(
        timesheet.contract.client, timesheet_id=timesheet.pk, reasons={timesheet.entries.get().pk: "Not ours."}
    )
    dispute = open_about(timesheet, usd(600_00))
    assert end_of(dispute) == ("contested", usd(0), usd(1800_00), usd(600_00))


def test_the_contract_goes_on(at):
    dispute = disputed_week(at)
    dispute.contract.refresh_from_db()
    assert dispute.contract.status == "active"
    at(FRIDAY + SECOND)
    assert bill_due_weeks() == 0
    refused(
        lambda: complete_contract(dispute.contract.client, contract_id=dispute.contract_id), "contract_has_held_funds"
    )


@pytest.mark.parametrize("claim", [usd(0), usd(600_01), Money(1_00, "EUR")])
def test_a_claim_is_of_what_the_hours_are_worth_and_a_refused_one_moves_nothing(at, claim):
    timesheet = sent_week(at)
    with pytest.raises(Invalid) as refusal:
        open_about(timesheet, claim)
    assert "amount" in refusal.value.fields
    assert (week(timesheet.contract).status, Hold.objects.get().held) == ("submitted", usd(2400_00))


def test_a_claim_is_an_amount_that_can_be_paid(at):
    timesheet = sent_week(at, rate=12_345, currency="KWD")
    with pytest.raises(Invalid):
        open_about(timesheet, Money(20_005, "KWD"))
    dispute = open_about(timesheet, Money(20_010, "KWD"))
    let_time_pass()
    assert end_of(dispute)[0] == "billed"


def test_a_reason_is_asked_for(at):
    timesheet = sent_week(at)
    with pytest.raises(Invalid):
        open_week_dispute(
            timesheet.contract.client, timesheet_id=timesheet.pk, reason="other", explanation=" ", claim=usd(1)
        )


def test_before_hours_are_sent_after_they_are_paid_and_after_the_review_there_is_nothing_to_dispute(at):
    timesheet = worked_week(at, hours=1)
    refused(lambda: open_about(timesheet, usd(1)), "nothing_to_dispute")
    refused(lambda: open_about(week(timesheet.contract, 1), usd(1)), "nothing_to_dispute")
    sent = sent_week(at)
    at(FRIDAY + SECOND)
    refused(lambda: open_about(sent), "review_over")
    bill_due_weeks()
    refused(lambda: open_about(week(sent.contract)), "nothing_to_dispute")


def test_at_the_last_second_of_the_review_it_is_possible(at):
    timesheet = sent_week(at)
    at(FRIDAY)
    assert open_about(timesheet).status == "open"


def test_one_at_a_time(at):
    dispute = disputed_week(at)
    refused(lambda: open_about(week(dispute.contract)), "dispute_already_open")
    refused(lambda: open_about(week(dispute.contract), opener=dispute.contract.freelancer), "dispute_already_open")


def test_who_may_open_one(at):
    timesheet = sent_week(at)
    with pytest.raises(NotFound):
        open_about(timesheet, opener=UserFactory.create())
    with pytest.raises(Forbidden):
        open_about(timesheet, opener=timesheet.contract.freelancer)


@pytest.mark.parametrize("side", ["client", "freelancer"])
def test_hours_that_were_not_agreed_in_time_are_disputed_by_either_side(at, side):
    timesheet = contested_week(at)
    dispute = open_about(timesheet, usd(180_00), getattr(timesheet.contract, side))
    assert (dispute.side, dispute.held) == (side, usd(180_00))
    let_time_pass()
    paid = {"client": usd(120_00), "freelancer": usd(300_00)}[side]
    assert end_of(dispute) == ("billed", paid, usd(2400_00) - paid, usd(0))


def test_nothing_else_moves_disputed_hours(at):
    dispute = disputed_week(at)
    timesheet, contract = week(dispute.contract), dispute.contract
    for act in (
        lambda: approve_timesheet(contract.client, timesheet_id=timesheet.pk),
        lambda: concede_timesheet(contract.freelancer, timesheet_id=timesheet.pk),
        lambda: decide_timesheet(staff_of("moderator"), timesheet_id=timesheet.pk, amount=usd(1), reason="x"),
    ):
        refused(act, "hold_frozen")


# --- Outcomes -----------------------------------------------------------------------------------


def test_the_freelancer_agrees(at):
    dispute = disputed_week(at)
    accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    assert end_of(dispute) == ("billed", usd(400_00), usd(2000_00), usd(0))


def test_agreeing_that_no_hour_is_paid_returns_the_week(at):
    dispute = disputed_week(at, usd(600_00))
    accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    assert end_of(dispute) == ("refunded", usd(0), usd(2400_00), usd(0))


def test_silence_pays_the_claim(at):
    dispute = disputed_week(at)
    let_time_pass()
    assert end_of(dispute) == ("billed", usd(400_00), usd(2000_00), usd(0))


def test_a_split_that_both_agree_on(at):
    dispute = disputed_week(at)
    offer = offer_split(dispute.contract.freelancer, dispute_id=dispute.pk, to_freelancer=usd(150_00))
    accept_offer(dispute.contract.client, dispute_id=dispute.pk, offer_id=offer.pk)
    assert end_of(dispute) == ("billed", usd(550_00), usd(1850_00), usd(0))
    assert wallet(dispute.contract.freelancer)[0].available == usd(495_00)
    assert week(dispute.contract).events.latest("id").reason == "By the outcome of the dispute."


@pytest.mark.parametrize(("amount", "status"), [(0, "refunded"), (150_00, "billed"), (600_00, "billed")])
def test_staff_decide(at, amount, status):
    dispute = disputed_week(at, usd(600_00))
    contest_dispute(dispute.contract.freelancer, dispute_id=dispute.pk, text="I worked all of it.")
    decide_dispute(staff_of("moderator"), dispute_id=dispute.pk, to_freelancer=usd(amount), reasons="Seen.")
    assert end_of(dispute) == (status, usd(amount), usd(2400_00 - amount), usd(0))


def test_nobody_decides_and_it_is_split_halfway(at):
    dispute = disputed_week(at)
    offer_split(dispute.contract.freelancer, dispute_id=dispute.pk, to_freelancer=usd(150_00))
    ask_mediation(dispute.contract.client, dispute_id=dispute.pk)
    let_time_pass()
    assert end_of(dispute) == ("billed", usd(475_00), usd(1925_00), usd(0))


def test_hours_that_the_client_disputes_no_more_are_paid(at):
    dispute = disputed_week(at)
    withdraw_dispute(dispute.contract.client, dispute_id=dispute.pk)
    assert end_of(dispute) == ("billed", usd(600_00), usd(1800_00), usd(0))
    dispute.refresh_from_db()
    assert dispute.status == "withdrawn"


def test_a_freelancer_who_withdraws_leaves_the_hours_not_agreed(at):
    timesheet = contested_week(at)
    dispute = open_about(timesheet, usd(180_00), timesheet.contract.freelancer)
    withdraw_dispute(timesheet.contract.freelancer, dispute_id=dispute.pk)
    assert end_of(dispute) == ("contested", usd(120_00), usd(2100_00), usd(180_00))
    concede_timesheet(timesheet.contract.freelancer, timesheet_id=timesheet.pk)
    assert end_of(dispute) == ("billed", usd(120_00), usd(2280_00), usd(0))


def test_after_the_outcome_the_contract_can_be_completed(at):
    dispute = disputed_week(at)
    accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    complete_contract(dispute.contract.client, contract_id=dispute.contract_id)
    dispute.contract.refresh_from_db()
    assert dispute.contract.status == "completed"


# --- When the client's bank takes the week's money back -----------------------------------------


def charge_back(provider, dispute: Dispute, amount: Money) -> None:
    payment = Payment.objects.get(hold=dispute.hold)
    settle_chargeback(payment.pk, provider.dispute(payment.intent_id, amount))


def test_a_chargeback_of_all_that_is_disputed_ends_the_dispute_and_the_week(at, provider):
    dispute = disputed_week(at)
    charge_back(provider, dispute, usd(200_00))
    dispute.refresh_from_db()
    assert dispute.status == "withdrawn"
    assert end_of(dispute) == ("billed", usd(400_00), usd(2000_00), usd(0))
    assert wallet(dispute.contract.freelancer)[0].available == usd(360_00)  # what was earned stays
    for person in (dispute.contract.client, dispute.contract.freelancer):
        assert person.notifications.filter(kind="dispute_withdrawn").count() == 1
    complete_contract(dispute.contract.client, contract_id=dispute.contract_id)


def test_a_chargeback_of_a_week_of_which_nothing_was_paid_returns_it(at, provider):
    dispute = disputed_week(at, usd(600_00))
    charge_back(provider, dispute, usd(600_00))
    dispute.refresh_from_db()
    assert (dispute.status, *end_of(dispute)) == ("withdrawn", "refunded", usd(0), usd(2400_00), usd(0))


def test_a_chargeback_of_a_part_leaves_the_dispute_about_the_rest(at, provider):
    dispute = disputed_week(at, usd(600_00))
    charge_back(provider, dispute, usd(250_00))
    dispute.refresh_from_db()
    assert (dispute.status, dispute.held, dispute.claim) == ("open", usd(350_00), usd(350_00))
    assert end_of(dispute) == ("contested", usd(0), usd(2050_00), usd(350_00))
    accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    assert end_of(dispute) == ("refunded", usd(0), usd(2400_00), usd(0))


def test_what_the_bank_took_counts_towards_a_claim_and_hours_that_are_left_are_paid(at, provider):
    timesheet = contested_week(at)  # 180.00 is held, of which the client claims 100.00
    dispute = open_about(timesheet, usd(100_00))
    charge_back(provider, dispute, usd(150_00))
    dispute.refresh_from_db()
    assert dispute.status == "withdrawn"
    assert end_of(dispute) == ("billed", usd(150_00), usd(2250_00), usd(0))


def test_a_chargeback_that_is_won_owes_the_disputed_week_nothing(at, provider):
    dispute = disputed_week(at)
    payment = Payment.objects.get(hold=dispute.hold)
    taken = provider.dispute(payment.intent_id, usd(200_00))
    settle_chargeback(payment.pk, taken)
    settle_chargeback(payment.pk, provider.decide_dispute(taken.id, "won"))
    assert end_of(dispute) == ("billed", usd(400_00), usd(2000_00), usd(0))
    assert wallet(dispute.contract.client)[0].credit == usd(200_00)


def test_a_contract_whose_only_hours_all_went_back_can_be_ended(at):
    timesheet = sent_week(at)
    contract = timesheet.contract
    dispute = open_about(timesheet, usd(600_00))
    accept_claim(contract.freelancer, dispute_id=dispute.pk)
    assert week(contract).status == "refunded"
    assert end_contract(contract.client, contract_id=contract.pk).status == "cancelled"
