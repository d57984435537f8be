"""Disputes of the two sides, from the claim to its outcome."""

from datetime import timedelta

from django.utils import timezone

from accounts.tests.factories import staff_of
from contracts.models import Dispute
from contracts.services.disputes import (
    accept_claim,
    accept_offer,
    ask_mediation,
    confirm_decision,
    contest_dispute,
    decide_dispute,
    meet_deadlines,
    offer_split,
    withdraw_dispute,
)
from contracts.tests.factories import disputed_step, mediated, open_dispute_about, submitted_step
from core.money import Money
from torture.books import Bank
from torture.later import work_off
from torture.scenes.stage import PRICE, Scene, balance_of, books, fresh, posted, scene

CLAIM = 200_00
LARGE = 2_000_00
HELD = ("held", PRICE, {"fund": 1})
SPLIT = {"fund": 1, "release": 1, "refund": 1}


def outcome(bank: Bank, dispute: Dispute) -> tuple[object, ...]:
    """How it ended, the hold, what the freelancer has of it, what was charged and sent back."""
    contract = dispute.contract
    return (
        fresh(dispute).status,
        books(dispute.hold),
        balance_of(contract.freelancer, "available"),
        bank.took(contract.client),
    )


@scene
def open_a_dispute_with_a_key(bank: Bank) -> Scene:
    step = submitted_step([PRICE])
    claim = {"milestone_id": step.pk, "reason": "not_as_agreed", "explanation": "The wrong size.", "amount": "200.00"}
    return Scene(
        posted(step.contract.client, "/api/disputes", claim),
        lambda: (
            fresh(step).status,
            step.contract.disputes.count(),
            fresh(step.hold).frozen_at is None,
            books(step.hold),
        ),
        ("disputed", 1, False, HELD),
    )


@scene
def agree_with_a_claim(bank: Bank) -> Scene:
    dispute = disputed_step([PRICE], claim=CLAIM)

    def act() -> None:
        accept_claim(dispute.contract.freelancer, dispute_id=dispute.pk)
        work_off()

    return Scene(
        act,
        lambda: outcome(bank, dispute),
        ("settled", ("refunded", 0, SPLIT), 360_01, ([PRICE], [CLAIM])),
    )


@scene
def no_answer_to_a_claim(bank: Bank) -> Scene:
    dispute = disputed_step([PRICE], claim=CLAIM)
    Dispute.objects.filter(pk=dispute.pk).update(answer_by=timezone.now() - timedelta(hours=1))

    def act() -> None:
        meet_deadlines()
        work_off()

    return Scene(
        act,
        lambda: outcome(bank, dispute),
        ("resolved", ("refunded", 0, SPLIT), 360_01, ([PRICE], [CLAIM])),
    )


@scene
def a_split_is_offered_and_taken(bank: Bank) -> Scene:
    dispute = disputed_step([PRICE], claim=CLAIM)
    contract = dispute.contract
    offer = offer_split(contract.freelancer, dispute_id=dispute.pk, to_freelancer=Money(500_01, "USD"))

    def act() -> None:
        accept_offer(contract.client, dispute_id=dispute.pk, offer_id=offer.pk)
        work_off()

    return Scene(
        act,
        lambda: outcome(bank, dispute),
        ("settled", ("refunded", 0, SPLIT), 450_01, ([PRICE], [100_00])),
    )


@scene
def contest_a_claim(bank: Bank) -> Scene:
    dispute = disputed_step([PRICE], claim=CLAIM)
    return Scene(
        lambda: contest_dispute(dispute.contract.freelancer, dispute_id=dispute.pk, text="It is as agreed."),
        lambda: (fresh(dispute).status, fresh(dispute.hold).frozen_at is None, books(dispute.hold)),
        ("mediation", False, HELD),
    )


@scene
def take_a_counter_offer_to_the_staff(bank: Bank) -> Scene:
    dispute = disputed_step([PRICE], claim=CLAIM)
    contract = dispute.contract
    offer_split(contract.freelancer, dispute_id=dispute.pk, to_freelancer=Money(500_01, "USD"))
    return Scene(
        lambda: ask_mediation(contract.client, dispute_id=dispute.pk),
        lambda: (fresh(dispute).status, fresh(dispute.hold).frozen_at is None, books(dispute.hold)),
        ("mediation", False, HELD),
    )


@scene
def withdraw_a_dispute(bank: Bank) -> Scene:
    dispute = disputed_step([PRICE], claim=CLAIM)
    return Scene(
        lambda: withdraw_dispute(dispute.contract.client, dispute_id=dispute.pk),
        lambda: (fresh(dispute).status, fresh(dispute.hold).frozen_at, books(dispute.hold)),
        ("withdrawn", None, HELD),
    )


@scene
def two_of_the_staff_decide(bank: Bank) -> Scene:
    dispute = mediated(open_dispute_about(submitted_step([LARGE]), claim=CLAIM))
    first, second = staff_of("support"), staff_of("moderator")

    def act() -> None:
        decision = dispute.decisions.first()
        if decision is None:
            decision = decide_dispute(
                first, dispute_id=dispute.pk, to_freelancer=Money(1_000_00, "USD"), reasons="Half of it."
            )
        confirm_decision(second, decision_id=decision.pk)
        work_off()

    return Scene(
        act,
        lambda: outcome(bank, dispute),
        ("resolved", ("refunded", 0, SPLIT), 900_00, ([LARGE], [1_000_00])),
    )


@scene
def a_mediation_without_a_decision(bank: Bank) -> Scene:
    """Its time is over: the middle of what the two sides want is paid."""
    dispute = mediated(disputed_step([PRICE], claim=CLAIM))
    Dispute.objects.filter(pk=dispute.pk).update(mediation_by=timezone.now() - timedelta(hours=1))

    def act() -> None:
        meet_deadlines()
        work_off()

    return Scene(
        act,
        lambda: outcome(bank, dispute),
        ("resolved", ("refunded", 0, SPLIT), 450_01, ([PRICE], [100_00])),
    )
