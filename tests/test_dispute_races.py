"""A dispute against everything else that moves the same money, over real connections: exactly one wins."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.tests.factories import staff_of
from contracts.models import Contract, Dispute, Milestone
from contracts.services import agree_to_refund, approve_milestone, cancel_contract, release_overdue, watch_holds
from contracts.services import disputes as services
from contracts.tests.factories import (
    aged,
    disputed_step,
    funded_step,
    mediated,
    open_dispute_about,
    refund_asked,
    rolled_step,
    submitted_step,
)
from core.errors import DomainError
from core.money import Money
from payments.models import Hold, Journal
from tests.racing import at_once

pytestmark = pytest.mark.usefixtures("shared_db", "provider")

ROUNDS = range(6)


def tried(act: Callable[[], Any]) -> Callable[[], str]:
    """ "" when it was done, else the refusal's code."""

    def run() -> str:
        try:
            act()
        except DomainError as error:
            return error.code
        return ""

    return run


def shuffled(round_number: int, *calls: Callable[[], Any]) -> list[Callable[[], Any]]:
    order = list(calls)
    random.Random(round_number).shuffle(order)
    return order


def moved(hold_id: int) -> int:
    """Journals that took something out of the hold."""
    return Journal.objects.filter(hold_id=hold_id, kind__in=["release", "refund"]).count()


@pytest.mark.parametrize("round_number", ROUNDS)
def test_when_both_sides_open_at_once_there_is_one_dispute(round_number: int):
    milestone = submitted_step([500_00])
    contract = milestone.contract
    opening = [
        tried(lambda: open_dispute_about(milestone, contract.client)),
        tried(lambda: open_dispute_about(milestone, contract.freelancer)),
    ]
    answers = at_once(*shuffled(round_number, *opening * 4))
    assert sorted(answers) == [""] + ["dispute_already_open"] * 7
    assert Dispute.objects.filter(contract=contract).count() == 1


@pytest.mark.parametrize("round_number", ROUNDS)
@pytest.mark.parametrize("rival", ["approval", "silence", "ending"])
def test_opening_against_what_moves_the_money(round_number: int, rival: str):
    milestone = funded_step([500_00]) if rival == "ending" else submitted_step([500_00])
    contract = milestone.contract
    if rival == "silence":
        Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() - timedelta(seconds=1))
    rivals: dict[str, Callable[[], Any]] = {
        "approval": lambda: approve_milestone(contract.client, milestone_id=milestone.pk),
        "silence": release_overdue,
        "ending": lambda: cancel_contract(contract.client, contract_id=contract.pk),
    }
    opening = tried(lambda: open_dispute_about(milestone, contract.freelancer))
    at_once(*shuffled(round_number, opening, tried(rivals[rival]), tried(rivals[rival])))
    hold = Hold.objects.get(pk=milestone.hold_id)
    milestone.refresh_from_db()
    if Dispute.objects.filter(contract=contract).exists():
        assert (milestone.status, hold.held_minor, hold.frozen_at is not None) == ("disputed", 500_00, True)
        assert moved(hold.pk) == 0
        assert Contract.objects.get(pk=contract.pk).status == "disputed"
    else:
        assert milestone.status in {"released", "refunded"}
        assert (hold.held_minor, moved(hold.pk)) == (0, 1)
    call_command("check_ledger", verbosity=0)


@pytest.mark.parametrize("round_number", ROUNDS)
def test_of_all_ways_to_end_a_dispute_one_comes_true(round_number: int):
    dispute = mediated(disputed_step([500_00], claim=500_00))
    contract, mediator = dispute.contract, staff_of("moderator")
    usd = Money(200_00, "USD")
    offer = services.offer_split(contract.client, dispute_id=dispute.pk, to_freelancer=usd)
    Dispute.objects.filter(pk=dispute.pk).update(mediation_by=timezone.now() - timedelta(seconds=1))
    ends = [
        tried(lambda: services.accept_offer(contract.freelancer, dispute_id=dispute.pk, offer_id=offer.pk)),
        tried(lambda: services.withdraw_dispute(contract.client, dispute_id=dispute.pk)),
        tried(
            lambda: services.decide_dispute(mediator, dispute_id=dispute.pk, to_freelancer=usd, reasons="As agreed.")
        ),
        services.meet_deadlines,
        services.meet_deadlines,
    ]
    at_once(*shuffled(round_number, *ends))
    dispute.refresh_from_db()
    hold = Hold.objects.get(pk=dispute.hold_id)
    assert dispute.events.filter(from_status="mediation").count() == 1
    assert hold.frozen_at is None
    if dispute.status == "withdrawn":
        assert (hold.held_minor, moved(hold.pk)) == (500_00, 0)
    else:
        assert (hold.released_minor + hold.fee_minor, hold.refunded_minor) == (
            dispute.to_freelancer_minor,
            dispute.to_client_minor,
        )
    call_command("check_ledger", verbosity=0)


@pytest.mark.parametrize("round_number", ROUNDS)
def test_an_answer_in_the_last_moment_and_silence(round_number: int):
    dispute = disputed_step([500_00], claim=200_00)
    Dispute.objects.filter(pk=dispute.pk).update(answer_by=timezone.now() - timedelta(seconds=1))
    freelancer = dispute.contract.freelancer
    answers = [
        tried(lambda: services.contest_dispute(freelancer, dispute_id=dispute.pk, text="No.")),
        services.meet_deadlines,
        services.meet_deadlines,
    ]
    at_once(*shuffled(round_number, *answers))
    dispute.refresh_from_db()
    assert dispute.status in {"mediation", "resolved"}
    assert moved(dispute.hold_id) == (0 if dispute.status == "mediation" else 2)
    call_command("check_ledger", verbosity=0)


@pytest.mark.parametrize("round_number", ROUNDS)
def test_a_decision_is_confirmed_once(round_number: int):
    dispute = mediated(disputed_step([2_000_00]))
    decision = services.decide_dispute(
        staff_of("moderator"), dispute_id=dispute.pk, to_freelancer=Money(900_00, "USD"), reasons="Half."
    )
    seconds = [staff_of("support") for _ in range(4)]
    acts = [tried(lambda who=who: services.confirm_decision(who, decision_id=decision.pk)) for who in seconds[:3]]
    acts.append(tried(lambda: services.refuse_decision(seconds[3], decision_id=decision.pk, refusal="No.")))
    answers = at_once(*shuffled(round_number, *acts))
    assert sorted(answers) == ["", *["decision_not_waiting"] * 3]
    decision.refresh_from_db()
    assert (decision.confirmed_at is None) != (decision.refused_at is None)
    assert moved(dispute.hold_id) == (2 if decision.confirmed_at else 0)
    call_command("check_ledger", verbosity=0)


@pytest.mark.parametrize("round_number", ROUNDS)
def test_opening_against_the_refund_that_is_asked(round_number: int):
    asked = refund_asked([500_00])
    milestone = asked.milestone
    contract = milestone.contract
    acts = [
        tried(lambda: open_dispute_about(milestone, contract.freelancer)),
        tried(lambda: agree_to_refund(contract.freelancer, request_id=asked.pk)),
    ]
    at_once(*shuffled(round_number, *acts))
    milestone.refresh_from_db()
    asked.refresh_from_db()
    if Dispute.objects.filter(contract=contract).exists():
        assert (milestone.status, asked.status, moved(milestone.hold_id)) == ("disputed", "closed", 0)
    else:
        assert (milestone.status, asked.status, moved(milestone.hold_id)) == ("refunded", "agreed", 1)
    call_command("check_ledger", verbosity=0)


@pytest.mark.parametrize("round_number", ROUNDS)
def test_a_rest_at_the_limit_and_a_dispute_about_what_it_goes_with(round_number: int):
    rolled = aged(rolled_step(), days=90)
    into = rolled.rolled_into
    acts = [tried(lambda: open_dispute_about(into, claim=1_000_00)), watch_holds, watch_holds]
    at_once(*shuffled(round_number, *acts))
    moved_before = moved(rolled.hold_id)
    dispute = Dispute.objects.get(contract=into.contract)
    services.accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
    rolled.refresh_from_db()
    assert moved_before in {1, 2}  # the part, and the rest if it went before the dispute was opened
    assert (rolled.status, moved(rolled.hold_id)) == ("refunded", 2)
    call_command("check_ledger", verbosity=0)


@pytest.mark.parametrize("round_number", ROUNDS)
def test_a_rest_goes_once_and_as_the_outcome_that_came_true(round_number: int):
    rolled = aged(rolled_step(), days=90)  # 300.00 of it goes with the 1,000.00 of the next
    dispute = mediated(open_dispute_about(rolled.rolled_into, claim=1_000_00))
    contract = dispute.contract
    offer = services.offer_split(contract.client, dispute_id=dispute.pk, to_freelancer=Money(600_00, "USD"))
    Dispute.objects.filter(pk=dispute.pk).update(mediation_by=timezone.now() - timedelta(seconds=1))
    ends = [
        tried(lambda: services.accept_offer(contract.freelancer, dispute_id=dispute.pk, offer_id=offer.pk)),
        services.meet_deadlines,
        watch_holds,
    ]
    at_once(*shuffled(round_number, *ends))
    dispute.refresh_from_db()
    rest = Hold.objects.get(pk=rolled.hold_id)
    assert dispute.to_client_minor in {400_00, 200_00}  # as offered, or halfway between that and everything
    assert (rest.held_minor, rest.refunded_minor) == (0, dispute.to_client_minor * 300 // 1_000)
    assert moved(rest.pk) == 3  # the part of before, and the two of the split
    call_command("check_ledger", verbosity=0)
