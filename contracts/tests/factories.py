"""Contracts for tests, made by the real services."""

from collections.abc import Sequence
from typing import Any

from contracts.models import Contract, Milestone
from contracts.services import accept_proposal, fund_milestone, submit_milestone
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
