"""Both sides act at the same time, over real connections: the contract's lock lets one come first."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import FreelancerProfile
from contracts.models import ChangeRequest, Contract, Milestone, Notice, RefundRequest
from contracts.services import (
    accept_change,
    agree_to_refund,
    approve_milestone,
    end_contract,
    fund_milestone,
    give_bonus,
    propose_milestone_change,
    propose_milestone_removal,
    refund_unanswered,
    release_overdue,
    request_revision,
    send_reminders,
    submit_milestone,
    withdraw_change,
)
from contracts.services.disputes import accept_claim
from contracts.tests.factories import (
    disputed_step,
    first_step,
    funded_step,
    make_contract,
    open_dispute_about,
    refund_asked,
    rolled_step,
    submitted_step,
)
from core.errors import Conflict
from core.money import Money
from payments import ledger
from payments.models import Journal
from payments.selectors import prove
from payments.services import freeze_hold, refresh_payment
from payments.tests.fakes import VISA, FakeProvider
from tests.racing import at_once, free, until_it_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("provider")]
rounds = pytest.mark.parametrize("attempt", range(4))


def assert_books_are_right() -> None:
    assert [finding for finding in prove() if finding.offenders] == []


@rounds
def test_a_change_is_accepted_or_taken_back_never_both(attempt: int) -> None:
    contract = make_contract()
    change = propose_milestone_change(contract.client, milestone_id=first_step(contract).pk, changes={"title": "Other"})
    results = at_once(
        lambda: accept_change(contract.freelancer, change_id=change.pk),
        lambda: withdraw_change(contract.client, change_id=change.pk),
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    change.refresh_from_db()
    assert (first_step(contract).title == "Other") == (change.status == "accepted")
    assert contract.terms_versions.count() == (2 if change.status == "accepted" else 1)


@rounds
def test_money_that_comes_while_its_milestone_is_taken_away_is_held_or_goes_back(
    attempt: int, provider: FakeProvider
) -> None:
    contract = make_contract()
    step = first_step(contract)
    _, payment = fund_milestone(contract.client, milestone_id=step.pk)
    change = propose_milestone_removal(contract.client, milestone_id=step.pk)
    assert payment.intent_id
    provider.pay(payment.intent_id)
    [removed, _] = at_once(
        lambda: accept_change(contract.freelancer, change_id=change.pk), lambda: refresh_payment(payment.pk)
    )
    payment.refresh_from_db()
    assert (payment.status, payment.refunds.exists()) == ("succeeded", not isinstance(removed, Conflict))
    assert_books_are_right()


def test_of_many_proposals_about_one_milestone_one_waits() -> None:
    contract = make_contract()
    step = first_step(contract)
    at_once(
        *[
            lambda number=number: propose_milestone_change(
                contract.client, milestone_id=step.pk, changes={"title": f"Title {number}"}
            )
            for number in range(6)
        ]
    )
    assert ChangeRequest.objects.open().count() == 1


@rounds
def test_work_that_comes_with_the_last_second_is_either_handed_in_or_refunded(attempt: int) -> None:
    asked = refund_asked()
    RefundRequest.objects.filter(pk=asked.pk).update(answer_by=timezone.now() - timedelta(seconds=1))
    freelancer = asked.milestone.contract.freelancer
    at_once(
        lambda: submit_milestone(freelancer, milestone_id=asked.milestone_id, note="Here."),
        refund_unanswered,
        lambda: agree_to_refund(freelancer, request_id=asked.pk),
    )
    milestone = first_step(asked.milestone.contract)
    asked.refresh_from_db()
    expected = {"submitted": {"delivered"}, "refunded": {"silent", "agreed"}}
    assert asked.status in expected[milestone.status]
    assert_books_are_right()


@rounds
def test_silence_an_answer_a_part_and_the_end_at_the_same_time(attempt: int) -> None:
    milestone = submitted_step([500_00])
    client, contract = milestone.contract.client, milestone.contract
    Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() - timedelta(seconds=1))
    at_once(
        release_overdue,
        lambda: approve_milestone(client, milestone_id=milestone.pk),
        lambda: approve_milestone(client, milestone_id=milestone.pk, amount=Money(100_00, "USD")),
        lambda: request_revision(client, milestone_id=milestone.pk, note="Bigger."),
        lambda: end_contract(contract.freelancer, contract_id=contract.pk),
    )
    assert_books_are_right()
    hold = first_step(contract).hold
    assert hold.released_minor + hold.fee_minor + hold.refunded_minor + hold.held_minor == 500_00


def lapsed_contract(steps: int) -> Contract:
    """So many steps were handed in, and nobody answered in time."""
    contract = make_contract([100_00] * steps)
    for milestone in contract.milestones.all():
        fund_milestone(contract.client, milestone_id=milestone.pk, payment_method=VISA)
        submit_milestone(contract.freelancer, milestone_id=milestone.pk, note="Here.")
    contract.milestones.update(release_at=timezone.now() - timedelta(seconds=1))
    return contract


@rounds
def test_runs_at_once_release_each_milestone_once_and_leave_none(attempt: int) -> None:
    """Of five contracts, which end with their last steps; of one the first step is frozen."""
    contracts = [lapsed_contract(steps=3) for _ in range(5)]
    frozen = first_step(contracts[0])
    freeze_hold(None, hold=frozen.hold, reason="In dispute")
    assert sum(at_once(*[release_overdue] * 4)) == 14
    assert Journal.objects.filter(kind="release").count() == 14
    assert Milestone.objects.exclude(status="released").get() == frozen
    assert Contract.objects.filter(status="completed").count() == 4
    assert_books_are_right()


def test_a_contract_that_somebody_is_at_work_on_is_left_to_the_next_run() -> None:
    taken, free = lapsed_contract(steps=1), lapsed_contract(steps=1)
    with transaction.atomic():
        Contract.objects.select_for_update(no_key=True).get(pk=taken.pk)
        assert at_once(release_overdue) == [1]
    assert (first_step(taken).status, first_step(free).status) == ("submitted", "released")
    assert release_overdue() == 1


def test_many_workers_send_one_reminder() -> None:
    milestone = submitted_step([500_00])
    Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() + timedelta(days=1))
    assert sum(at_once(*[send_reminders] * 6)) == 1
    assert Notice.objects.count() == 1


def test_a_bonus_sent_many_times_at_once_is_as_much_as_was_paid() -> None:
    """Once each: whoever comes while one is unpaid joins it, whoever comes after it gives another one."""
    contract = make_contract()
    fifty = Money(50_00, "USD")
    at_once(
        *[
            lambda: give_bonus(contract.client, contract_id=contract.pk, amount=fifty, note="Once", payment_method=VISA)
            for _ in range(4)
        ]
    )
    given = Journal.objects.filter(kind="release").count()
    assert given == contract.bonuses.count() >= 1
    assert_books_are_right()


@rounds
def test_both_sides_end_at_the_same_time_and_the_money_goes_back_once(attempt: int) -> None:
    milestone = funded_step([500_00])
    contract = milestone.contract
    at_once(
        lambda: end_contract(contract.client, contract_id=contract.pk),
        lambda: end_contract(contract.freelancer, contract_id=contract.pk),
    )
    assert first_step(contract).hold.refunded_minor == 500_00
    assert_books_are_right()


def test_outcomes_of_many_disputes_at_once_do_not_wait_for_each_other_in_a_circle() -> None:
    """All goes back in some, and by what was released before a part of the rest that waits there is released."""
    ends = []
    for _ in range(3):
        waits = rolled_step()
        contract = waits.contract
        submit_milestone(contract.freelancer, milestone_id=waits.rolled_into_id, note="Some of it.")
        approve_milestone(contract.client, milestone_id=waits.rolled_into_id, amount=Money(300_00, "USD"))
        all_back = open_dispute_about(Milestone.objects.get(pk=waits.rolled_into_id), claim=700_00)
        ends += [all_back, disputed_step([500_00])]
    results = at_once(
        *[lambda one=one: accept_claim(one.contract.freelancer, dispute_id=one.pk) for one in ends],
    )
    assert {result.status for result in results} == {"settled"}
    assert_books_are_right()


def test_who_ends_a_contract_counts_it_on_the_profile_after_the_money() -> None:
    """As a last release does: the same person's other contract may be completed at this moment."""
    milestone = submitted_step()
    contract = milestone.contract
    approve_milestone(contract.client, milestone_id=milestone.pk)
    second = contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)
    profiles = FreelancerProfile.objects.filter(user=contract.freelancer)
    with transaction.atomic():
        ledger.balances([ledger.REFUNDS], contract.currency)
        ended = until_it_waits(lambda: end_contract(contract.client, contract_id=contract.pk))
        assert free(profiles)
    assert ended.result().status == "completed"
    assert profiles.get().jobs_done == 1
    assert_books_are_right()
