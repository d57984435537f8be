"""From an accepted proposal to a contract."""

import uuid

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.policies import why_not_act
from accounts.services import audit
from chat.rules import RoomKind
from chat.services import open_room
from contracts import policies
from contracts.models import Contract, Milestone
from contracts.rules.terms import AcceptedBy
from contracts.services.terms import keep_terms
from core.errors import Conflict, require
from notifications.services import notify
from projects.models import Project, Proposal
from projects.rules import PROPOSAL_LIFECYCLE, ProjectStatus, ProposalStatus
from projects.selectors import shown_proposal
from projects.services import lock_project_of, reject_others, start_project


@transaction.atomic
def accept_proposal(actor: User, *, proposal_id: int) -> Contract:
    """Hire: the contract with its milestones and room exists, the other proposals are rejected, or nothing happened.

    Its `proposal` comes with the freelancer and the milestones that an answer shows.
    The project's row lock decides between two acceptances; a partial unique index says it again. Accepting the same
    proposal twice returns the same contract. Conflict: `project_not_open`, `proposal_already_decided`, `freelancer_unavailable`.
    """
    project = lock_project_of(actor, proposal_id)
    require(policies.why_not_hire(actor, project))
    proposal = shown_proposal(proposal_id)
    if proposal.status == ProposalStatus.ACCEPTED:
        contract = Contract.objects.with_parties().get(proposal=proposal)
        contract.proposal = proposal
        return contract
    if project.status != ProjectStatus.OPEN:
        raise Conflict("project_not_open", f"This project is {project.get_status_display().lower()}.")
    offered_at = proposal.updated_at
    if why_not_act(proposal.freelancer):
        raise Conflict("freelancer_unavailable", "This person cannot take on work at the moment.")
    PROPOSAL_LIFECYCLE.perform(proposal, "accept", actor=actor, code="proposal_already_decided")
    reject_others(project, except_id=proposal.pk, actor=actor)
    start_project(project, actor=actor)
    contract = _open_contract(actor, project, proposal)
    keep_terms(
        contract,
        acceptances=[
            (contract.freelancer, AcceptedBy.PROPOSAL, offered_at),
            (actor, AcceptedBy.HIRING, contract.started_at),
        ],
    )
    _tell(contract, proposal)
    audit.record(actor, "contract.created", contract, proposal=proposal.pk)
    return contract


def _open_contract(actor: User, project: Project, proposal: Proposal) -> Contract:
    contract_id = uuid.uuid4()
    room = open_room(
        kind=RoomKind.CONTRACT,
        members=[actor, proposal.freelancer],
        subject=project.title,
        url=reverse("contracts:detail", args=[contract_id]),
    )
    contract = Contract.objects.create(
        id=contract_id,
        project=project,
        proposal=proposal,
        client=actor,
        freelancer=proposal.freelancer,
        room=room,
        title=project.title,
        terms=proposal.cover_letter,
        currency=proposal.currency,
        fee_bps=settings.PLATFORM_FEE_BPS,
        approval_days=settings.APPROVAL_DAYS,
    )
    contract.events.create(move="start", to_status=contract.status, actor=actor)
    Milestone.objects.bulk_create(_planned(contract, proposal))
    return contract


def _planned(contract: Contract, proposal: Proposal) -> list[Milestone]:
    """The proposal's milestones, or one for the whole bid."""
    steps = [(step.title, step.amount_minor, step.due_date) for step in proposal.milestones.all()]
    return [
        Milestone(
            contract=contract,
            position=position,
            title=title,
            amount_minor=amount,
            currency=contract.currency,
            due_date=due,
        )
        for position, (title, amount, due) in enumerate(
            steps or [(contract.title, proposal.bid_amount_minor, None)], start=1
        )
    ]


def _tell(contract: Contract, proposal: Proposal) -> None:
    url = reverse("contracts:detail", args=[contract.pk])
    context = {"title": contract.title, "amount": proposal.bid_amount}
    notify(
        contract.freelancer,
        kind="proposal_accepted",
        title="Your proposal was accepted",
        message=contract.title,
        url=url,
        data={"contract_id": str(contract.pk), "proposal_id": proposal.pk},
        email="contracts/emails/proposal_accepted",
        context=context | {"client": contract.client.get_full_name()},
    )
    notify(
        contract.client,
        kind="contract_created",
        title=f"You hired {contract.freelancer.get_full_name()}",
        message=contract.title,
        url=url,
        data={"contract_id": str(contract.pk), "proposal_id": proposal.pk},
        email="contracts/emails/contract_created",
        context=context | {"freelancer": contract.freelancer.get_full_name()},
    )
