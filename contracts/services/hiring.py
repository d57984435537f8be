"""From an accepted proposal to a contract."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from accounts.models import User
from accounts.policies import why_not_act
from accounts.selectors import marketplace_rules
from accounts.services import audit
from chat.rules import RoomKind
from chat.services import open_room
from contracts import policies
from contracts.models import Contract, Milestone
from contracts.rules.terms import AcceptedBy
from contracts.rules.time import DEFAULT_CAP, ContractKind, most_minutes
from contracts.services.terms import keep_terms
from contracts.services.weeks import check_cap, open_weeks
from core.errors import Conflict, Invalid, require
from notifications.services import notify
from payments.rules import APPROVAL_DAYS
from payments.selectors import fee_bps
from projects.models import Project, Proposal
from projects.rules import PROPOSAL_LIFECYCLE, BudgetType, ProjectStatus, ProposalStatus
from projects.selectors import shown_proposal
from projects.services import lock_project_of, reject_others, start_project


@transaction.atomic
def accept_proposal(
    actor: User,
    *,
    proposal_id: int,
    weekly_cap_minutes: int | None = None,
    approval_days: int | None = None,
    read_at: datetime | None = None,
) -> Contract:
    """Hire: the contract with its milestones and room exists, the other proposals are rejected, or nothing happened.

    For a fixed price: silence for `approval_days` approves work, 14 if not said. By the hour: weeks of at most
    `weekly_cap_minutes` instead of milestones. Each is not read for the other. `read_at`: the `updated_at` of what was
    read, so that nobody is hired at another price than the one that was shown.

    Its `proposal` comes with the freelancer and the milestones that an answer shows.
    The project's row lock decides between two acceptances; a partial unique index says it again. Accepting the same
    proposal twice returns the same contract. Conflict: `project_not_open`, `proposal_already_decided`, `proposal_changed`,
    `freelancer_unavailable`.
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
    if read_at and proposal.updated_at > read_at:
        raise Conflict("proposal_changed", "This proposal was changed since you read it. Read it again, then decide.")
    if why_not_act(proposal.freelancer):
        raise Conflict("freelancer_unavailable", "This person cannot take on work at the moment.")
    fee = proposal.fee_at(fee_bps(client=actor, freelancer=proposal.freelancer))
    PROPOSAL_LIFECYCLE.perform(proposal, "accept", actor=actor, code="proposal_already_decided", fee_bps=fee)
    reject_others(project, except_id=proposal.pk, actor=actor)
    start_project(project, actor=actor)
    contract = _open_contract(actor, project, proposal, fee_bps=fee)
    if contract.is_hourly:
        _agree_on_weeks(contract, weekly_cap_minutes)
    elif approval_days is not None:
        _agree_on_approval(contract, approval_days)
    keep_terms(
        contract,
        acceptances=[
            (contract.freelancer, AcceptedBy.PROPOSAL, _offered_at(proposal)),
            (actor, AcceptedBy.HIRING, contract.started_at),
        ],
    )
    _tell(contract, proposal)
    audit.record(actor, "contract.created", contract, proposal=proposal.pk)
    return contract


def _open_contract(actor: User, project: Project, proposal: Proposal, *, fee_bps: int) -> Contract:
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
        fee_bps=fee_bps,
        approval_days=marketplace_rules().approval_days,
        **_hourly_terms(project, proposal),
    )
    contract.events.create(move="start", to_status=contract.status, actor=actor)
    if not contract.is_hourly:
        Milestone.objects.bulk_create(_planned(contract, proposal))
    return contract


def _offered_at(proposal: Proposal) -> datetime:
    """When the freelancer sent it, or last changed it, whatever its client made of it since."""
    latest = proposal.events.filter(actor=proposal.freelancer_id).aggregate(at=Max("created_at"))["at"]
    return latest or proposal.created_at


def _hourly_terms(project: Project, proposal: Proposal) -> dict[str, Any]:
    """The rate is frozen here. The usual cap, or what a week at this rate can be paid in for."""
    if project.budget_type != BudgetType.HOURLY:
        return {}
    return {
        "kind": ContractKind.HOURLY,
        "hourly_rate_minor": proposal.bid_amount_minor,
        "weekly_cap_minutes": min(DEFAULT_CAP, most_minutes(proposal.bid_amount)),
    }


def _agree_on_approval(contract: Contract, days: int) -> None:
    if days not in APPROVAL_DAYS:
        raise Invalid(fields={"approval_days": [f"From {APPROVAL_DAYS[0]} to {APPROVAL_DAYS[-1]} days."]})
    contract.approval_days = days
    contract.save(update_fields=["approval_days"])


def _agree_on_weeks(contract: Contract, weekly_cap_minutes: int | None) -> None:
    if weekly_cap_minutes is not None:
        check_cap(contract, weekly_cap_minutes)
        contract.weekly_cap_minutes = weekly_cap_minutes
        contract.save(update_fields=["weekly_cap_minutes"])
    open_weeks(contract)


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
    context = {
        "title": contract.title,
        "amount": proposal.bid_amount,
        "hourly": contract.is_hourly,
        "approval_days": contract.approval_days,
    }
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
