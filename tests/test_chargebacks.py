"""What a bank takes back never comes out of what somebody earned; every path ends with the books right."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.tests.factories import ClientFactory, FreelancerFactory, staff_of
from contracts.services import accept_proposal, approve_milestone, fund_milestone, submit_milestone
from contracts.tests.factories import first_step, make_contract
from core.errors import Conflict, Forbidden, Invalid, Unavailable
from core.money import Money
from notifications.models import Notification
from payments.errors import SettlementMismatch
from payments.models import Account, Chargeback, Hold, Journal, Payment
from payments.selectors import prove, wallet
from payments.services import (
    accept_chargeback,
    answer_chargeback,
    pay_debt,
    pay_hold,
    recover,
    refresh_chargeback,
    refund_hold,
    release_hold,
    request_refund,
    send_acceptance,
    send_evidence,
    send_refund,
    write_off_debt,
)
from payments.tests.factories import add_credit, funded_hold, make_hold, usd
from payments.tests.fakes import VISA, FakeProvider
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_are_right(_django_db_helper: None) -> Iterator[None]:
    """Before the test's data is thrown away."""
    yield
    assert [finding for finding in prove() if finding.offenders] == []


SUM, NOTHING = usd(600_00), usd(0)


@pytest.fixture
def hold(provider: FakeProvider) -> Hold:
    return funded_hold(SUM, provider=provider)


def intent_of(hold: Hold) -> str:
    return hold.payments.get(status="succeeded").intent_id or ""


def charge_back(provider: FakeProvider, intent_id: str, amount: Money | None = None) -> Chargeback:
    chargeback = refresh_chargeback(provider.dispute(intent_id, amount).id)
    assert chargeback
    return chargeback


def decide(provider: FakeProvider, chargeback: Chargeback, outcome: str) -> Chargeback:
    provider.decide_dispute(chargeback.dispute_id, outcome)
    decided = refresh_chargeback(chargeback.dispute_id)
    assert decided
    return decided


def purse(user: User) -> tuple[Money, Money]:
    """(credit, debt)"""
    [balance] = wallet(user)
    return balance.credit, balance.debt


def earned(user: User) -> Money:
    return wallet(user)[0].available


def test_after_release_with_an_empty_wallet_the_payer_owes_it(provider: FakeProvider, hold: Hold) -> None:
    release_hold(hold.payer, hold=hold, cause="r")
    chargeback = charge_back(provider, intent_of(hold))
    assert purse(hold.payer) == (NOTHING, SUM)
    assert earned(hold.payee) == usd(540_00)
    assert (chargeback.status, chargeback.payment.charged_back) == ("needs_response", SUM)
    assert "You owe $600.00" in Notification.objects.get(user=hold.payer, kind="chargeback_news").message


def test_what_is_held_goes_first_then_credit_then_debt(provider: FakeProvider, hold: Hold) -> None:
    add_credit(hold.payer, usd(50_00), provider)
    release_hold(hold.payer, hold=hold, amount=usd(400_00), cause="r")
    charge_back(provider, intent_of(hold))
    hold.refresh_from_db()
    assert (hold.status, hold.held, hold.refunded) == ("refunded", NOTHING, usd(200_00))
    assert purse(hold.payer) == (NOTHING, usd(350_00))
    assert earned(hold.payee) == usd(360_00)


def test_whose_work_it_paid_does_not_read_what_the_payer_had_and_owes(
    provider: FakeProvider, hold: Hold, pages_as: Callable[[User], Client]
) -> None:
    add_credit(hold.payer, usd(50_00), provider)
    release_hold(hold.payer, hold=hold, amount=usd(400_00), cause="r")
    charge_back(provider, intent_of(hold))
    entry = reverse("movement", args=[Journal.objects.get(kind="chargeback").pk])
    private = ("Owed to Guildhall", "50.00", "350.00")
    assert all(text in pages_as(hold.payer).get(entry).content.decode() for text in private)
    theirs = pages_as(hold.payee).get(entry).content.decode()
    assert not any(text in theirs for text in private)
    assert "Wallet" in theirs and "400.00" in theirs and "200.00" in theirs


def test_a_part_leaves_the_rest_held(provider: FakeProvider, hold: Hold) -> None:
    charge_back(provider, intent_of(hold), usd(100_00))
    hold.refresh_from_db()
    assert (hold.status, hold.held, purse(hold.payer)) == ("held", usd(500_00), (NOTHING, NOTHING))
    release_hold(hold.payer, hold=hold, cause="r")
    assert earned(hold.payee) == usd(450_00)


def test_credit_covers_it(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    payment = add_credit(payer, SUM, provider)
    charge_back(provider, payment.intent_id or "", usd(100_00))
    assert purse(payer) == (usd(500_00), NOTHING)


def test_the_same_news_twice_is_one_chargeback(provider: FakeProvider, hold: Hold) -> None:
    chargeback = charge_back(provider, intent_of(hold))
    for _ in range(3):
        refresh_chargeback(chargeback.dispute_id)
    assert Journal.objects.filter(kind="chargeback").count() == 1
    assert Journal.objects.filter(kind="provider_fee").count() == 1
    assert Account.objects.get(kind="costs").balance == usd(-15_00)


def test_lost_leaves_what_is_owed(provider: FakeProvider, hold: Hold) -> None:
    release_hold(hold.payer, hold=hold, cause="r")
    chargeback = charge_back(provider, intent_of(hold))
    for _ in range(2):
        decide(provider, chargeback, "lost")
    chargeback.refresh_from_db()
    assert (chargeback.status, purse(hold.payer)) == ("lost", (NOTHING, SUM))


def test_won_clears_the_debt(provider: FakeProvider, hold: Hold) -> None:
    release_hold(hold.payer, hold=hold, cause="r")
    chargeback = charge_back(provider, intent_of(hold))
    for _ in range(2):
        decide(provider, chargeback, "won")
    chargeback.refresh_from_db()
    assert (chargeback.status, chargeback.payment.charged_back) == ("won", NOTHING)
    assert purse(hold.payer) == (NOTHING, NOTHING)
    assert Journal.objects.filter(kind="chargeback_won").count() == 1


def test_won_after_the_hold_paid_for_it_becomes_credit_that_can_go_back(provider: FakeProvider, hold: Hold) -> None:
    chargeback = charge_back(provider, intent_of(hold))
    decide(provider, chargeback, "won")
    assert purse(hold.payer) == (SUM, NOTHING)
    refund = request_refund(hold.payer, intent_id=intent_of(hold))
    assert (refund.status, refund.amount, purse(hold.payer)) == ("succeeded", SUM, (NOTHING, NOTHING))


def test_known_only_when_it_is_decided(provider: FakeProvider, hold: Hold) -> None:
    """All the news before was lost, or overtaken."""
    release_hold(hold.payer, hold=hold, cause="r")
    dispute = provider.dispute(intent_of(hold))
    provider.decide_dispute(dispute.id, "won")
    chargeback = refresh_chargeback(dispute.id)
    assert chargeback and chargeback.status == "won"
    assert chargeback.taken_at and chargeback.given_back_at
    assert purse(hold.payer) == (NOTHING, NOTHING)


def test_an_old_snapshot_after_the_decision_changes_nothing(provider: FakeProvider, hold: Hold) -> None:
    chargeback = charge_back(provider, intent_of(hold))
    old = provider.disputes[chargeback.dispute_id]
    decide(provider, chargeback, "won")
    provider.disputes[chargeback.dispute_id] = old
    again = refresh_chargeback(chargeback.dispute_id)
    assert again and again.status == "won"


def test_more_than_is_left_after_refunds(provider: FakeProvider, hold: Hold) -> None:
    refund_hold(None, hold=hold, reason="", cause="part", amount=usd(200_00))
    send_refund(hold.payments.get().refunds.get().pk)
    chargeback = charge_back(provider, intent_of(hold))  # the bank takes the whole 600.00 all the same
    hold.refresh_from_db()
    assert (hold.held, hold.refunded) == (NOTHING, SUM)
    assert chargeback.payment.charged_back == usd(400_00)
    assert purse(hold.payer) == (NOTHING, usd(200_00))
    decide(provider, chargeback, "won")
    assert purse(hold.payer) == (usd(400_00), NOTHING)


def test_an_inquiry_moves_nothing(provider: FakeProvider, hold: Hold) -> None:
    dispute = provider.inquire(intent_of(hold))
    chargeback = refresh_chargeback(dispute.id)
    assert chargeback and chargeback.status == "inquiry"
    assert not Journal.objects.filter(kind="chargeback").exists()
    decide(provider, chargeback, "warning_closed")
    chargeback.refresh_from_db()
    assert (chargeback.status, chargeback.taken_at) == ("closed", None)


def test_news_that_overtakes_that_of_the_payment(provider: FakeProvider) -> None:
    hold = make_hold(SUM)
    payment = pay_hold(hold.payer, hold_id=hold.pk)
    provider.pay(payment.intent_id or "")
    chargeback = charge_back(provider, payment.intent_id or "")
    hold.refresh_from_db()
    assert (chargeback.amount, hold.status, hold.refunded) == (SUM, "refunded", SUM)


def test_a_dispute_about_no_payment_of_ours(provider: FakeProvider, hold: Hold) -> None:
    dispute = provider.dispute(intent_of(hold))
    provider.disputes[dispute.id] = replace(dispute, intent_id="pi_other")
    assert refresh_chargeback(dispute.id) is None
    assert not Chargeback.objects.exists()


def test_a_snapshot_of_another_sum_is_never_believed(provider: FakeProvider, hold: Hold) -> None:
    chargeback = charge_back(provider, intent_of(hold))
    provider.disputes[chargeback.dispute_id] = replace(provider.disputes[chargeback.dispute_id], amount_minor=1)
    with pytest.raises(SettlementMismatch):
        refresh_chargeback(chargeback.dispute_id)


def test_the_work_that_it_paid_hears_of_it(provider: FakeProvider) -> None:
    contract = make_contract()
    step = first_step(contract)
    _, payment = fund_milestone(contract.client, milestone_id=step.pk, payment_method=VISA)
    charge_back(provider, payment.intent_id or "")
    assert first_step(contract).status == "refunded"
    news = Notification.objects.get(user=contract.freelancer, kind="milestone_charged_back")
    assert "stop working" in news.message


@pytest.mark.parametrize(
    ("amounts", "approved", "expected"),
    [([500_00], False, "cancelled"), ([500_00, 100_00], True, "completed"), ([500_00, 100_00], False, "active")],
)
def test_a_contract_ends_with_its_last_milestone_that_is_taken_back(
    provider: FakeProvider, amounts: list[int], approved: bool, expected: str
) -> None:
    contract = make_contract(amounts)
    first, *others = contract.milestones.order_by("position")
    _, payment = fund_milestone(contract.client, milestone_id=first.pk, payment_method=VISA)
    for other in others if approved else []:
        fund_milestone(contract.client, milestone_id=other.pk, payment_method=VISA)
        submit_milestone(contract.freelancer, milestone_id=other.pk, note="Here it is.")
        approve_milestone(contract.client, milestone_id=other.pk)
    charge_back(provider, payment.intent_id or "")
    contract.refresh_from_db()
    assert contract.status == expected


# --- What is owed -------------------------------------------------------------------------------


@pytest.fixture
def debtor(provider: FakeProvider, hold: Hold) -> User:
    """Owes 600.00."""
    release_hold(hold.payer, hold=hold, cause="r")
    charge_back(provider, intent_of(hold))
    return hold.payer


def test_who_owes_neither_pays_in_for_work_nor_hires(provider: FakeProvider, debtor: User) -> None:
    other = make_hold(SUM, payer=debtor)
    with pytest.raises(Forbidden) as refusal:
        pay_hold(debtor, hold_id=other.pk, payment_method=VISA)
    assert (refusal.value.code, "$600.00" in refusal.value.message) == ("debt_open", True)
    proposal = ProposalFactory.create(project=ProjectFactory.create(client=debtor))
    with pytest.raises(Forbidden) as refusal:
        accept_proposal(debtor, proposal_id=proposal.pk)
    assert refusal.value.code == "debt_open"


def test_settling_it_opens_everything_again(provider: FakeProvider, debtor: User) -> None:
    payment = pay_debt(debtor, currency="USD", payment_method=VISA)
    assert (payment.status, payment.amount, purse(debtor)) == ("succeeded", SUM, (NOTHING, NOTHING))
    assert pay_hold(debtor, hold_id=make_hold(SUM, payer=debtor).pk, payment_method=VISA).status == "succeeded"
    with pytest.raises(Conflict) as refusal:
        pay_debt(debtor, currency="USD", payment_method=VISA)
    assert refusal.value.code == "no_debt"


def test_asking_twice_is_one_open_payment(provider: FakeProvider, debtor: User) -> None:
    assert pay_debt(debtor, currency="USD").pk == pay_debt(debtor, currency="USD").pk


def test_the_same_request_again_after_it_is_settled(provider: FakeProvider, debtor: User) -> None:
    token = uuid4()
    first = pay_debt(debtor, currency="USD", payment_method=VISA, token=token)
    again = pay_debt(debtor, currency="USD", payment_method=VISA, token=token)
    assert (first.status, again.pk) == ("succeeded", first.pk)


def test_a_payment_of_another_sum_is_given_up(
    provider: FakeProvider, debtor: User, run_jobs: Callable[[], list[str]]
) -> None:
    first = pay_debt(debtor, currency="USD")
    add_credit(debtor, usd(100_00), provider)
    second = pay_debt(debtor, currency="USD")
    assert (second.amount, second.pk != first.pk) == (usd(500_00), True)
    run_jobs()
    assert Payment.objects.get(pk=first.pk).status == "cancelled"


def test_credit_that_is_paid_in_settles_what_it_can(provider: FakeProvider, debtor: User) -> None:
    add_credit(debtor, usd(100_00), provider)
    assert purse(debtor) == (NOTHING, usd(500_00))
    add_credit(debtor, usd(700_00), provider)
    assert purse(debtor) == (usd(200_00), NOTHING)
    assert Journal.objects.filter(kind="debt_paid").count() == 2


def test_a_debt_in_one_currency_stops_all_hiring(provider: FakeProvider, debtor: User) -> None:
    with pytest.raises(Forbidden):
        pay_hold(debtor, hold_id=make_hold(Money(10_00, "EUR"), payer=debtor).pk, payment_method=VISA)


def test_what_they_earned_stays_theirs(provider: FakeProvider, debtor: User) -> None:
    work = funded_hold(usd(100_00), payee=debtor, provider=provider)
    release_hold(work.payer, hold=work, cause="earned")
    assert (earned(debtor), purse(debtor)) == (usd(90_00), (NOTHING, SUM))


# --- Answering the bank -------------------------------------------------------------------------

TOLD = {"product_description": "Labels for a bakery", "uncategorized_text": "The files were handed over."}


@pytest.fixture
def chargeback(provider: FakeProvider, hold: Hold) -> Chargeback:
    return charge_back(provider, intent_of(hold))


def test_the_answer_is_sent_once(provider: FakeProvider, chargeback: Chargeback) -> None:
    staff = staff_of("finance")
    answer_chargeback(staff, chargeback_id=chargeback.pk, evidence={**TOLD, "service_date": " "})
    for _ in range(2):
        send_evidence(chargeback.pk)
    chargeback.refresh_from_db()
    assert (chargeback.status, chargeback.evidence, chargeback.evidence_by) == ("under_review", TOLD, staff)
    assert chargeback.evidence_sent_at
    assert provider.calls.count("send_evidence") == 1
    with pytest.raises(Conflict) as refusal:
        answer_chargeback(staff, chargeback_id=chargeback.pk, evidence=TOLD)
    assert refusal.value.code == "chargeback_not_answerable"


def test_an_unknown_outcome_is_sent_again_by_recovery(
    provider: FakeProvider, chargeback: Chargeback, run_jobs: Callable[[], list[str]]
) -> None:
    answer_chargeback(staff_of("finance"), chargeback_id=chargeback.pk, evidence=TOLD)
    provider.fail_after.add("send_evidence")
    with pytest.raises(Unavailable):
        send_evidence(chargeback.pk)
    Chargeback.objects.update(evidence_asked_at=timezone.now() - timedelta(minutes=2))
    assert recover()["evidence"] == 1
    run_jobs()
    chargeback.refresh_from_db()
    assert chargeback.status == "under_review"


def test_an_empty_answer(chargeback: Chargeback) -> None:
    with pytest.raises(Invalid):
        answer_chargeback(staff_of("finance"), chargeback_id=chargeback.pk, evidence={"service_date": " "})


def test_a_decided_chargeback_is_not_answered(provider: FakeProvider, chargeback: Chargeback) -> None:
    decide(provider, chargeback, "lost")
    with pytest.raises(Conflict):
        answer_chargeback(staff_of("finance"), chargeback_id=chargeback.pk, evidence=TOLD)


def test_only_finance_answers_and_nobody_about_their_own_payment(chargeback: Chargeback) -> None:
    with pytest.raises(Forbidden):
        answer_chargeback(staff_of("support"), chargeback_id=chargeback.pk, evidence=TOLD)
    User.objects.filter(pk=chargeback.payment.payer_id).update(is_staff=True, is_superuser=True)
    with pytest.raises(Forbidden) as refusal:
        answer_chargeback(User.objects.get(pk=chargeback.payment.payer_id), chargeback_id=chargeback.pk, evidence=TOLD)
    assert refusal.value.code == "own_chargeback"


def test_recovery_asks_about_open_ones(
    provider: FakeProvider, chargeback: Chargeback, run_jobs: Callable[[], list[str]]
) -> None:
    provider.decide_dispute(chargeback.dispute_id, "lost")
    Chargeback.objects.update(updated_at=timezone.now() - timedelta(hours=7))
    assert recover()["chargebacks"] == 1
    run_jobs()
    chargeback.refresh_from_db()
    assert chargeback.status == "lost"


def test_a_freelancer_without_a_debt_is_not_asked(provider: FakeProvider) -> None:
    with pytest.raises(Conflict):
        pay_debt(FreelancerFactory.create(), currency="USD")


# --- Accepting it, and letting go of what is owed ------------------------------------------------


def test_accepting_leaves_it_with_the_bank(
    provider: FakeProvider, chargeback: Chargeback, run_jobs: Callable[[], list[str]]
) -> None:
    staff = staff_of("finance")
    accept_chargeback(staff, chargeback_id=chargeback.pk, reason="The work was never handed in.")
    run_jobs()
    send_acceptance(chargeback.pk)
    chargeback.refresh_from_db()
    assert (chargeback.status, chargeback.accepted_by, provider.calls.count("accept_dispute")) == ("lost", staff, 1)
    assert AuditEvent.objects.get(action="chargeback.accepted").data["reason"] == "The work was never handed in."


def test_either_answered_or_accepted(chargeback: Chargeback) -> None:
    staff = staff_of("finance")
    accept_chargeback(staff, chargeback_id=chargeback.pk, reason="Too late to say anything.")
    for act in (
        lambda: answer_chargeback(staff, chargeback_id=chargeback.pk, evidence=TOLD),
        lambda: accept_chargeback(staff, chargeback_id=chargeback.pk, reason="Again."),
    ):
        with pytest.raises(Conflict):
            act()


def test_a_question_is_not_accepted(provider: FakeProvider, hold: Hold) -> None:
    question = refresh_chargeback(provider.inquire(intent_of(hold)).id)
    assert question
    with pytest.raises(Conflict) as refusal:
        accept_chargeback(staff_of("finance"), chargeback_id=question.pk, reason="No.")
    assert refusal.value.code == "chargeback_not_acceptable"


def test_an_acceptance_of_unknown_outcome_is_sent_again_by_recovery(
    provider: FakeProvider, chargeback: Chargeback, run_jobs: Callable[[], list[str]]
) -> None:
    accept_chargeback(staff_of("finance"), chargeback_id=chargeback.pk, reason="Not worth it.")
    provider.fail_after.add("accept_dispute")
    with pytest.raises(Unavailable):
        send_acceptance(chargeback.pk)
    Chargeback.objects.update(accepted_at=timezone.now() - timedelta(minutes=2))
    assert recover()["acceptances"] == 1
    run_jobs()
    chargeback.refresh_from_db()
    assert chargeback.status == "lost"


@pytest.fixture
def lost(provider: FakeProvider, debtor: User) -> Chargeback:
    return decide(provider, Chargeback.objects.get(), "lost")


def losses() -> Money:
    account = Account.objects.filter(kind="losses").first()
    return account.balance if account else NOTHING


def test_what_is_written_off_is_our_loss_once(debtor: User, lost: Chargeback) -> None:
    staff = staff_of("finance")
    for _ in range(2):
        write_off_debt(staff, chargeback_id=lost.pk, seen_minor=600_00, reason="They are insolvent.")
    assert (purse(debtor), losses()) == ((NOTHING, NOTHING), usd(-600_00))
    [journal] = Journal.objects.filter(kind="write_off")
    assert (journal.actor, journal.cause) == (staff, f"chargeback:{lost.pk}")
    event = AuditEvent.objects.get(action="debt.written_off")
    assert (event.data["amount"], event.data["reason"]) == ("600.00", "They are insolvent.")
    assert "hire and pay in again" in Notification.objects.get(user=debtor, kind="debt_settled").message
    assert pay_hold(debtor, hold_id=make_hold(SUM, payer=debtor).pk, payment_method=VISA).status == "succeeded"


def test_only_what_is_still_open_is_written_off(provider: FakeProvider, debtor: User, lost: Chargeback) -> None:
    add_credit(debtor, usd(450_00), provider)
    write_off_debt(staff_of("finance"), chargeback_id=lost.pk, seen_minor=150_00, reason="The rest will not come.")
    assert (purse(debtor), losses()) == ((NOTHING, NOTHING), usd(-150_00))


def test_a_bank_that_gives_it_back_after_all_makes_good_our_loss_first(
    provider: FakeProvider, debtor: User, lost: Chargeback
) -> None:
    add_credit(debtor, usd(450_00), provider)
    write_off_debt(staff_of("finance"), chargeback_id=lost.pk, seen_minor=150_00, reason="The rest will not come.")
    decide(provider, lost, "won")
    assert (purse(debtor), losses()) == ((usd(450_00), NOTHING), NOTHING)


def test_nothing_is_written_off_before_the_bank_decided_or_without_a_debt(provider: FakeProvider, debtor: User) -> None:
    staff, chargeback = staff_of("finance"), Chargeback.objects.get()
    with pytest.raises(Conflict) as refusal:
        write_off_debt(staff, chargeback_id=chargeback.pk, seen_minor=600_00, reason="Now.")
    assert refusal.value.code == "chargeback_not_lost"
    decide(provider, chargeback, "lost")
    with pytest.raises(Invalid):
        write_off_debt(staff, chargeback_id=chargeback.pk, seen_minor=600_00, reason=" ")
    pay_debt(debtor, currency="USD", payment_method=VISA)
    with pytest.raises(Conflict) as refusal:
        write_off_debt(staff, chargeback_id=chargeback.pk, seen_minor=600_00, reason="Now.")
    assert refusal.value.code == "no_debt"


def test_only_finance_accepts_and_writes_off(chargeback: Chargeback) -> None:
    chargeback.payment.payer.groups.add(*staff_of("finance").groups.all())
    User.objects.filter(pk=chargeback.payment.payer_id).update(is_staff=True)
    for person in (staff_of("support"), User.objects.get(pk=chargeback.payment.payer_id)):
        for act in (accept_chargeback, partial(write_off_debt, seen_minor=600_00)):
            with pytest.raises(Forbidden):
                act(person, chargeback_id=chargeback.pk, reason="Please.")
