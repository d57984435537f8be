"""Contracts for tests, made by the real services."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from contracts.models import Contract, Dispute, Milestone
from contracts.services import accept_proposal, disputes, fund_milestone, submit_milestone
from core.money import Money
from payments.tests.fakes import VISA
from projects.tests.factories import ProposalFactory


def make_contract(amounts: Sequence[int] = (500_00, 1_000_00), **proposal: Any) -> Contract:
    """A contract whose milestones have these prices (minor units of USD)."""
    offer = ProposalFactory.create(bid_amount_minor=sum(amounts), steps=list(amounts), **proposal)
    return accept_proposal(offer.project.client, proposal_id=offer.pk)


def first_step(contract: Contract) -> Milestone:
    return contract.milestones.select_related("contract", "hold").order_by("position")[0]


def funded_step(amounts: Sequence[int] = (500_00, 1_000_00)) -> Milestone:
    """The funded first milestone of a new contract. Needs the `provider` fixture."""
    contract = make_contract(amounts)
    milestone, _ = fund_milestone(contract.client, milestone_id=first_step(contract).pk, payment_method=VISA)
    return first_step(milestone.contract)


def submitted_step(amounts: Sequence[int] = (500_00, 1_000_00)) -> Milestone:
    """The same, handed in."""
    milestone = funded_step(amounts)
    submit_milestone(milestone.contract.freelancer, milestone_id=milestone.pk, note="Here it is.")
    return first_step(milestone.contract)


def open_dispute_about(milestone: Milestone, opener: User | None = None, *, claim: int = 200_00) -> Dispute:
    """The client (or `opener`) claims so much of what is held for the milestone."""
    return disputes.open_dispute(
        opener or milestone.contract.client,
        milestone_id=milestone.pk,
        reason="not_as_agreed",
        explanation="The labels are the wrong size.",
        claim=Money(claim, milestone.currency),
    )


def disputed_step(amounts: Sequence[int] = (500_00, 1_000_00), *, claim: int = 200_00) -> Dispute:
    """Of a handed-in milestone, opened by the client."""
    return open_dispute_about(submitted_step(amounts), claim=claim)


def mediated(dispute: Dispute) -> Dispute:
    """The other side contests it, so that the staff mediate."""
    other = dispute.contract.freelancer if dispute.side == "client" else dispute.contract.client
    return disputes.contest_dispute(other, dispute_id=dispute.pk, text="They are the size that was agreed.")
