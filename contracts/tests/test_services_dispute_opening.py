"""Opening a dispute: what is frozen, and what can be disputed until when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.tests.factories import ClientFactory, staff_of
from contracts.models import Contract, Milestone
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
from contracts.tests.disputing import again, refusal_of, usd
from contracts.tests.factories import (
    disputed_step,
    first_step,
    funded_step,
    make_contract,
    open_dispute_about,
    submitted_step,
)
from core.errors import Conflict, Invalid, NotFound
from core.money import Money
from payments.models import Hold
from payments.services import refund_hold, release_hold
from payments.tests.fakes import VISA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_books")]


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


@pytest.mark.parametrize(("days", "code"), [(6.9, ""), (7.1, "dispute_too_late")])
def test_what_is_still_held_after_the_end_can_be_disputed_for_a_week(days: float, code: str):
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
