"""In every state that a contract with one open milestone can come to, the site says what it will do next by itself, and when.

The walk does whatever either side may do, again and again. In each state that it had not seen, nothing may happen before
the first moment that is announced, something has to happen then, and where nothing is announced nothing ever happens.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from contracts import services
from contracts.models import (
    Contract,
    ContractEvent,
    Dispute,
    Milestone,
    Notice,
    RefundRequest,
    Submission,
)
from contracts.rules import LIVE_DISPUTES, ContractStatus, MilestoneStatus
from contracts.selectors import automatic_actions, next_steps
from contracts.services import disputes
from contracts.tests.factories import make_contract, rolled_step
from core.errors import DomainError
from core.money import Money
from payments.models import Hold
from payments.tests.fakes import VISA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]

Act = Callable[[Contract, Milestone], object]
MOMENT = timedelta(minutes=1)
LONG = timedelta(days=400)
TIMES = {
    Hold: ["funded_at"],
    Milestone: ["submitted_at", "release_at"],
    Submission: ["created_at"],
    Notice: ["created_at"],
    RefundRequest: ["answer_by"],
    Dispute: ["answer_by", "mediation_by"],
    ContractEvent: ["created_at"],
    Contract: ["ended_at"],
}


def pass_by(period: timedelta) -> None:
    """The clock of the database cannot be turned forward, so everything that happened moves back."""
    for model, names in TIMES.items():
        model._default_manager.update(**{name: F(name) - period for name in names})
    for step in Milestone.objects.exclude(due_date=None):
        Milestone.objects.filter(pk=step.pk).update(due_date=step.due_date - timedelta(days=period.days))


def run_clocks() -> None:
    services.release_overdue()
    services.refund_unanswered()
    services.send_reminders()
    services.watch_holds()
    disputes.meet_deadlines()
    disputes.warn_of_deadlines()


def ask_back_when_overdue(contract: Contract, step: Milestone) -> None:
    pass_by(timedelta(days=31))
    services.request_milestone_refund(contract.client, milestone_id=step.pk, reason="Nothing came.")


def open_dispute(contract: Contract, step: Milestone) -> None:
    disputes.open_dispute(
        contract.client,
        milestone_id=step.pk,
        reason="not_as_agreed",
        explanation="The labels are the wrong size.",
        claim=Money(50_00, step.currency),
    )


def offer_a_split(contract: Contract, step: Milestone) -> None:
    split = Money(480_00, step.currency)
    disputes.offer_split(contract.freelancer, dispute_id=dispute(contract).pk, to_freelancer=split)


def dispute(contract: Contract) -> Dispute:
    return contract.disputes.latest("id")


def asked(step: Milestone) -> RefundRequest:
    return step.refund_requests.latest("id")


ACTS: dict[str, Act] = {
    "pay in": lambda c, step: services.fund_milestone(c.client, milestone_id=step.pk, payment_method=VISA),
    "hand in": lambda c, step: services.submit_milestone(c.freelancer, milestone_id=step.pk, note="Here."),
    "ask for changes": lambda c, step: services.request_revision(c.client, milestone_id=step.pk, note="Bigger."),
    "approve": lambda c, step: services.approve_milestone(c.client, milestone_id=step.pk),
    "pause": lambda c, step: services.pause_contract(c.client, contract_id=c.pk),
    "resume": lambda c, step: services.resume_contract(c.freelancer, contract_id=c.pk),
    "the client ends": lambda c, step: services.end_contract(c.client, contract_id=c.pk),
    "the freelancer ends": lambda c, step: services.end_contract(c.freelancer, contract_id=c.pk),
    "ask the money back": ask_back_when_overdue,
    "give it back": lambda c, step: services.agree_to_refund(c.freelancer, request_id=asked(step).pk),
    "refuse it": lambda c, step: services.refuse_refund(c.freelancer, request_id=asked(step).pk, answer="Soon."),
    "wait on": lambda c, step: services.withdraw_refund_request(c.client, request_id=asked(step).pk),
    "dispute": open_dispute,
    "accept the claim": lambda c, step: disputes.accept_claim(c.freelancer, dispute_id=dispute(c).pk),
    "offer a split": offer_a_split,
    "contest": lambda c, step: disputes.contest_dispute(c.freelancer, dispute_id=dispute(c).pk, text="It is right."),
    "withdraw": lambda c, step: disputes.withdraw_dispute(c.client, dispute_id=dispute(c).pk),
}


@contextmanager
def undone() -> Iterator[None]:
    """By a savepoint, since paying in opens durable blocks."""
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)


def state(contract: Contract) -> tuple[Any, ...]:
    """What makes a difference to what comes by itself; amounts, dates and proposed changes do not."""
    contract = Contract.objects.get(pk=contract.pk)
    began = contract.events.filter(move="dispute").last()
    steps = [
        (
            step.status,
            step.rolled_into_id is not None,
            step.submissions.exists(),
            step.refund_requests.open().exists(),
        )
        for step in contract.milestones.order_by("position")
    ]
    return (
        contract.status,
        contract.status == ContractStatus.DISPUTED and began is not None and began.from_status,
        tuple(steps),
        tuple(contract.disputes.live().values_list("status", flat=True)),
    )


def seen_from_outside(contract: Contract) -> tuple[Any, ...]:
    """The state, and the news that were sent of it."""
    warned = contract.disputes.filter(warned_at__isnull=False).count()
    return state(contract), Notice.objects.count(), warned


def walk(contract: Contract, seen: set[tuple[Any, ...]]) -> None:
    here = state(contract)
    if here in seen:
        return
    seen.add(here)
    check_announcements(contract)
    for act in ACTS.values():
        with undone():
            step = contract.milestones.order_by("position").last()
            with suppress(DomainError, ObjectDoesNotExist):
                act(Contract.objects.get(pk=contract.pk), step)
                walk(contract, seen)


def check_announcements(contract: Contract) -> None:
    loaded = Contract.objects.with_parties().get(pk=contract.pk)
    assert next_steps(loaded), state(contract)
    announced = automatic_actions(loaded)
    words = render_to_string("contracts/_automatic.html", {"planned": announced, "contract": loaded})
    if not announced:
        assert "Nothing happens by itself" in words
    before = seen_from_outside(contract)
    with undone():
        if announced:
            until = announced[0].at - timezone.now()
            pass_by(until - MOMENT)
        else:
            pass_by(LONG)
        run_clocks()
        assert seen_from_outside(contract) == before, f"Something came that {announced[:1]} did not announce"
        if announced:
            pass_by(2 * MOMENT)
            run_clocks()
            assert seen_from_outside(contract) != before, f"{announced[0]} did not come"


@pytest.mark.parametrize(
    ("begin", "never"),
    [
        (lambda: make_contract([500_00]), {MilestoneStatus.APPROVED}),
        (lambda: rolled_step().contract, {MilestoneStatus.APPROVED, MilestoneStatus.PENDING, ContractStatus.CANCELLED}),
    ],
    ids=["one milestone", "a rest that rolled"],
)
def test_what_is_announced_comes_and_nothing_else(begin: Callable[[], Contract], never: set[str]) -> None:
    seen: set[tuple[Any, ...]] = set()
    walk(begin(), seen)
    assert {contract for contract, *_ in seen} == set(ContractStatus) - never
    assert {step[0] for _, _, steps, _ in seen for step in steps} == set(MilestoneStatus) - never
    assert {status for *_, live in seen for status in live} == set(LIVE_DISPUTES)
