"""Work that never came: the client asks the money back, and silence gives it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.tests.factories import ClientFactory
from contracts.models import Milestone, RefundRequest
from contracts.services import (
    agree_to_refund,
    end_contract,
    pause_contract,
    refund_unanswered,
    refuse_refund,
    request_milestone_refund,
    resume_contract,
    submit_milestone,
    withdraw_refund_request,
)
from contracts.tests.factories import (
    aged,
    first_step,
    funded_step,
    make_contract,
    overdue_step,
    refund_asked,
    rolled_step,
    submitted_step,
)
from core.errors import Conflict, Forbidden, Invalid, NotFound
from payments.services import freeze_hold
from payments.tests.fakes import FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


def unanswered(asked: RefundRequest) -> RefundRequest:
    """The seven days are over."""
    RefundRequest.objects.filter(pk=asked.pk).update(answer_by=timezone.now() - timedelta(seconds=1))
    return asked


def test_asking_gives_the_freelancer_seven_days_and_asking_again_is_the_same():
    asked = refund_asked()
    assert asked.answer_by - asked.created_at == pytest.approx(timedelta(days=7), abs=timedelta(seconds=5))
    again = request_milestone_refund(asked.milestone.contract.client, milestone_id=asked.milestone_id)
    assert again == asked


def test_it_is_refused_before_the_due_date():
    milestone = funded_step()
    Milestone.objects.filter(pk=milestone.pk).update(due_date=timezone.now().date() + timedelta(days=5))
    with pytest.raises(Conflict) as refusal:
        request_milestone_refund(milestone.contract.client, milestone_id=milestone.pk)
    assert refusal.value.code == "not_overdue"


def test_without_a_due_date_it_is_thirty_days():
    milestone = aged(funded_step(), days=29)
    Milestone.objects.filter(pk=milestone.pk).update(due_date=None)
    with pytest.raises(Conflict):
        request_milestone_refund(milestone.contract.client, milestone_id=milestone.pk)
    aged(milestone, days=31)
    assert request_milestone_refund(milestone.contract.client, milestone_id=milestone.pk).status == "open"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: first_step(make_contract()), "milestone_not_funded"),
        (submitted_step, "work_was_handed_in"),
        (rolled_step, "milestone_rolled"),
    ],
)
def test_only_money_of_work_that_never_came_is_asked_back(make, code):
    milestone = make()
    with pytest.raises(Conflict) as refusal:
        request_milestone_refund(milestone.contract.client, milestone_id=milestone.pk)
    assert refusal.value.code == code


def test_roles_are_kept_apart():
    asked = refund_asked()
    client, freelancer = asked.milestone.contract.client, asked.milestone.contract.freelancer
    with pytest.raises(Forbidden):
        request_milestone_refund(freelancer, milestone_id=asked.milestone_id)
    with pytest.raises(Forbidden):
        agree_to_refund(client, request_id=asked.pk)
    with pytest.raises(Forbidden):
        refuse_refund(client, request_id=asked.pk, answer="No.")
    with pytest.raises(Forbidden):
        withdraw_refund_request(freelancer, request_id=asked.pk)
    with pytest.raises(NotFound):
        agree_to_refund(ClientFactory.create(), request_id=asked.pk)


def test_agreeing_gives_everything_back_once(provider: FakeProvider, run_jobs):
    asked = refund_asked()
    for _ in range(2):
        agree_to_refund(asked.milestone.contract.freelancer, request_id=asked.pk)
        run_jobs()
    milestone = first_step(asked.milestone.contract)
    assert (milestone.status, milestone.hold.refunded_minor) == ("refunded", 500_00)
    assert [refund.amount_minor for refund in provider.refunds.values()] == [500_00]
    assert milestone.contract.status == "active"


def test_the_contract_is_called_off_with_its_last_milestone():
    asked = refund_asked([500_00])
    contract = asked.milestone.contract
    agree_to_refund(contract.freelancer, request_id=asked.pk)
    contract.refresh_from_db()
    assert (contract.status, contract.project.status) == ("cancelled", "cancelled")


def test_refusing_needs_a_reason_and_keeps_the_money_held():
    asked = refund_asked()
    freelancer = asked.milestone.contract.freelancer
    with pytest.raises(Invalid):
        refuse_refund(freelancer, request_id=asked.pk, answer=" ")
    refused = refuse_refund(freelancer, request_id=asked.pk, answer="It is nearly done.")
    assert (refused.status, refused.answer) == ("refused", "It is nearly done.")
    assert first_step(asked.milestone.contract).status == "funded"
    assert refund_unanswered() == 0
    with pytest.raises(Conflict) as refusal:
        agree_to_refund(freelancer, request_id=asked.pk)
    assert refusal.value.code == "refund_request_already_answered"


def test_handing_in_answers_it():
    asked = refund_asked()
    submit_milestone(asked.milestone.contract.freelancer, milestone_id=asked.milestone_id, note="Here it is.")
    asked.refresh_from_db()
    assert asked.status == "delivered"
    unanswered(asked)
    assert refund_unanswered() == 0
    assert first_step(asked.milestone.contract).status == "submitted"


def test_the_client_may_wait_on():
    asked = refund_asked()
    assert withdraw_refund_request(asked.milestone.contract.client, request_id=asked.pk).status == "withdrawn"
    assert request_milestone_refund(asked.milestone.contract.client, milestone_id=asked.milestone_id).pk != asked.pk


def test_silence_refunds_once_the_time_has_passed(provider: FakeProvider, run_jobs):
    asked = refund_asked()
    assert refund_unanswered() == 0
    unanswered(asked)
    assert refund_unanswered() == 1
    assert refund_unanswered() == 0
    run_jobs()
    asked.refresh_from_db()
    assert (asked.status, first_step(asked.milestone.contract).status) == ("silent", "refunded")
    assert [refund.amount_minor for refund in provider.refunds.values()] == [500_00]


def test_a_pause_stops_the_clock_and_gives_the_time_back():
    asked = unanswered(refund_asked())
    contract = asked.milestone.contract
    pause_contract(contract.freelancer, contract_id=contract.pk)
    assert refund_unanswered() == 0
    contract.events.filter(move="pause").update(created_at=timezone.now() - timedelta(days=2))
    resume_contract(contract.client, contract_id=contract.pk)
    assert refund_unanswered() == 0
    asked.refresh_from_db()
    assert asked.answer_by > timezone.now() + timedelta(days=1)


def test_frozen_funds_stay_where_they_are():
    asked = unanswered(refund_asked())
    freeze_hold(None, hold=first_step(asked.milestone.contract).hold, reason="dispute")
    assert refund_unanswered() == 0
    assert first_step(asked.milestone.contract).hold.held_minor == 500_00


def test_it_is_closed_when_the_contract_ends():
    asked = refund_asked()
    end_contract(asked.milestone.contract.freelancer, contract_id=asked.milestone.contract_id)
    asked.refresh_from_db()
    assert asked.status == "closed"


def test_the_database_keeps_one_open_request_a_milestone():
    asked = refund_asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundRequest.objects.create(milestone=asked.milestone, asked_by=asked.asked_by, answer_by=timezone.now())


def test_a_late_payment_leaves_a_few_days_to_deliver():
    milestone = aged(overdue_step(), days=1)
    with pytest.raises(Conflict) as refusal:
        request_milestone_refund(milestone.contract.client, milestone_id=milestone.pk)
    assert refusal.value.code == "not_overdue"
