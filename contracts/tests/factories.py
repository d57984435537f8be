"""Contracts for tests, made by the real services."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from contracts.models import Contract, Milestone, RefundRequest
from contracts.services import (
    accept_proposal,
    approve_milestone,
    fund_milestone,
    request_milestone_refund,
    submit_milestone,
)
from core.money import Money
from payments.models import Hold
from payments.tests.fakes import VISA
from projects.tests.factories import ProposalFactory


def make_contract(amounts: Sequence[int] = (500_00, 1_000_00), **proposal: Any) -> Contract:
    """A contract whose milestones have these prices (minor units of USD)."""
    offer = ProposalFactory.create(bid_amount_minor=sum(amounts), steps=list(amounts), **proposal)
    return accept_proposal(offer.project.client, proposal_id=offer.pk)


def first_step(contract: Contract) -> Milestone:
    return contract.milestones.select_related("contract", "hold").order_by("position")[0]


def funded_step(amounts: Sequence[int] = (500_00, 1_000_00), **proposal: Any) -> Milestone:
    """The funded first milestone of a new contract. Needs the `provider` fixture."""
    contract = make_contract(amounts, **proposal)
    milestone, _ = fund_milestone(contract.client, milestone_id=first_step(contract).pk, payment_method=VISA)
    return first_step(milestone.contract)


def submitted_step(amounts: Sequence[int] = (500_00, 1_000_00)) -> Milestone:
    """The same, handed in."""
    milestone = funded_step(amounts)
    submit_milestone(milestone.contract.freelancer, milestone_id=milestone.pk, note="Here it is.")
    return first_step(milestone.contract)


def aged(milestone: Milestone, days: float) -> Milestone:
    """The milestone as if its funds had been held for so many days."""
    Hold.objects.filter(pk=milestone.hold_id).update(funded_at=timezone.now() - timedelta(days=days))
    return first_step(milestone.contract)


def overdue_step(amounts: Sequence[int] = (500_00, 1_000_00), **proposal: Any) -> Milestone:
    """A funded first milestone whose due date has passed."""
    milestone = aged(funded_step(amounts, **proposal), days=10)
    Milestone.objects.filter(pk=milestone.pk).update(due_date=timezone.now().date() - timedelta(days=2))
    return first_step(milestone.contract)


def refund_asked(amounts: Sequence[int] = (500_00, 1_000_00), **proposal: Any) -> RefundRequest:
    """The client has asked the money of such a milestone back."""
    milestone = overdue_step(amounts, **proposal)
    return request_milestone_refund(milestone.contract.client, milestone_id=milestone.pk, reason="Nothing came.")


def rolled_step() -> Milestone:
    """Of 500.00 a part of 200.00 was released; the rest goes with the second milestone, of 1,000.00, which is funded."""
    milestone = submitted_step()
    contract = milestone.contract
    second = contract.milestones.get(position=2)
    fund_milestone(contract.client, milestone_id=second.pk, payment_method=VISA)
    approve_milestone(contract.client, milestone_id=milestone.pk, amount=Money(200_00, "USD"), remainder="roll")
    return first_step(contract)
