"""Sending, changing and withdrawing a proposal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from accounts.services.limits import limit_new_proposals
from core.errors import Conflict, Invalid, require
from core.money import Money, total
from core.statements import Statement
from notifications.services import notify
from payments.selectors import fee_bps
from payments.services import require_chargeable
from projects import policies
from projects.models import Project, Proposal, ProposalMilestone
from projects.rules import (
    MAX_MILESTONES,
    PROPOSAL_LIFECYCLE,
    BudgetType,
    ProjectStatus,
    ProposalStatus,
    why_not_due,
)
from projects.selectors import ANY_PROJECT, ANY_USER
from projects.services.loading import lock_project, lock_proposal


@dataclass(frozen=True, kw_only=True)
class Step:
    """One planned milestone."""

    title: str
    amount: Money
    due_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """`bid_amount` is the whole price, for hourly projects the rate an hour."""

    cover_letter: str
    bid_amount: Money
    estimated_days: int
    milestones: Sequence[Step] = ()


@transaction.atomic
def send_proposal(actor: User, *, project_id: int, offer: Offer) -> Proposal:
    """Offer to do an open project. One live offer a person.

    Conflict: `project_not_open`, `project_deadline_passed`, `already_proposed`.
    """
    project = lock_project(actor, project_id)
    require(policies.why_not_propose(actor, project))
    _check_open(project)
    _check(offer, project)
    if _standing_offer().run(project=project.pk, user=actor.pk):
        raise Conflict("already_proposed", "You have already proposed to this project. You can change that proposal.")
    limit_new_proposals(actor)
    proposal = Proposal.objects.create(
        project=project, freelancer=actor, fee_bps=_shown_fee(project, actor), **_columns(offer)
    )
    _plan(proposal, offer.milestones)
    proposal.events.create(move="send", to_status=proposal.status, actor=actor)
    Project.objects.filter(pk=project.pk).update(proposal_count=F("proposal_count") + 1)
    audit.record(actor, "proposal.sent", proposal)
    _tell_client(proposal)
    return proposal


@transaction.atomic
def edit_proposal(actor: User, *, proposal_id: int, **changes: Any) -> Proposal:
    """Change any part of the Offer while the client has not reacted. Conflict `proposal_not_editable` afterwards."""
    proposal = lock_proposal(actor, proposal_id)
    require(policies.why_not_change(actor, proposal))
    if proposal.status != ProposalStatus.SUBMITTED:
        raise Conflict(
            "proposal_not_editable", f"This proposal is {proposal.get_status_display().lower()} and cannot be changed."
        )
    _check_open(proposal.project, allow_late=True)
    offer = replace(offer_of(proposal), **changes)
    _check(offer, proposal.project)
    for column, value in _columns(offer).items():
        setattr(proposal, column, value)
    proposal.fee_bps = _shown_fee(proposal.project, actor)
    proposal.updated_at = timezone.now()
    proposal.save()
    proposal.milestones.all().delete()
    _plan(proposal, offer.milestones)
    proposal.events.create(move="edit", from_status=proposal.status, to_status=proposal.status, actor=actor)
    return proposal


@transaction.atomic
def withdraw_proposal(actor: User, *, proposal_id: int) -> Proposal:
    """Take an undecided proposal back. Conflict `proposal_already_decided` once it was accepted or rejected."""
    proposal = lock_proposal(actor, proposal_id)
    require(policies.why_not_change(actor, proposal))
    if proposal.status == ProposalStatus.WITHDRAWN:
        return proposal
    PROPOSAL_LIFECYCLE.perform(proposal, "withdraw", actor=actor, code="proposal_already_decided")
    Project.objects.filter(pk=proposal.project_id).update(proposal_count=F("proposal_count") - 1)
    audit.record(actor, "proposal.withdrawn", proposal)
    notify(
        proposal.project.client,
        kind="proposal_withdrawn",
        title=f"{actor.get_full_name()} withdrew a proposal",
        message=proposal.project.title,
        url=reverse("projects:proposals", args=[proposal.project_id]),
        data={"project_id": proposal.project_id, "proposal_id": proposal.pk},
    )
    return proposal


def offer_of(proposal: Proposal) -> Offer:
    return Offer(
        cover_letter=proposal.cover_letter,
        bid_amount=proposal.bid_amount,
        estimated_days=proposal.estimated_days,
        milestones=[
            Step(title=step.title, amount=Money(step.amount_minor, proposal.currency), due_date=step.due_date)
            for step in proposal.milestones.all()
        ],
    )


@cache
def _standing_offer() -> Statement:
    rows = Proposal.objects.undecided_or_hired().filter(project=ANY_PROJECT, freelancer=ANY_USER).order_by()
    return Statement(rows, ["id"], project=ANY_PROJECT, user=ANY_USER)


def _check_open(project: Project, *, allow_late: bool = False) -> None:
    if project.status != ProjectStatus.OPEN:
        raise Conflict("project_not_open", f"This project is {project.get_status_display().lower()}.")
    if project.deadline and project.deadline < timezone.now().date() and not allow_late:
        raise Conflict("project_deadline_passed", "The last day for proposals has passed.")


def _check(offer: Offer, project: Project) -> None:
    if offer.bid_amount.currency != project.currency:
        raise Invalid(fields={"bid_amount": [f"Make your price in {project.currency}."]})
    if project.budget_type == BudgetType.FIXED:
        require_chargeable(offer.bid_amount, "bid_amount")
    if len(offer.milestones) > MAX_MILESTONES:
        raise Invalid(fields={"milestones": [f"At most {MAX_MILESTONES} milestones."]})
    for index, step in enumerate(offer.milestones):
        if step.amount.currency != project.currency:
            raise Invalid(fields={f"milestones.{index}.amount": [f"Make your price in {project.currency}."]})
        require_chargeable(step.amount, f"milestones.{index}.amount")
        if step.due_date and step.due_date < timezone.now().date():
            raise Invalid(fields={f"milestones.{index}.due_date": ["This day has passed."]})
        if reason := why_not_due(step.due_date, timezone.now().date()):
            raise Invalid(fields={f"milestones.{index}.due_date": [reason]})
    if offer.milestones and project.budget_type == BudgetType.FIXED:
        _check_sum(offer)


def _check_sum(offer: Offer) -> None:
    planned = total((step.amount for step in offer.milestones), offer.bid_amount.currency)
    if planned != offer.bid_amount:
        raise Invalid(
            fields={"milestones": [f"The milestones add up to {planned}, but your price is {offer.bid_amount}."]}
        )


def _shown_fee(project: Project, freelancer: User) -> int:
    return fee_bps(client=project.client, freelancer=freelancer)


def _columns(offer: Offer) -> dict[str, Any]:
    return {
        "cover_letter": offer.cover_letter,
        "bid_amount_minor": offer.bid_amount.minor,
        "currency": offer.bid_amount.currency,
        "estimated_days": offer.estimated_days,
    }


def _plan(proposal: Proposal, steps: Sequence[Step]) -> None:
    ProposalMilestone.objects.bulk_create(
        ProposalMilestone(
            proposal=proposal,
            position=position,
            title=step.title,
            amount_minor=step.amount.minor,
            due_date=step.due_date,
        )
        for position, step in enumerate(steps, start=1)
    )


def _tell_client(proposal: Proposal) -> None:
    project, sender = proposal.project, proposal.freelancer.get_full_name()
    notify(
        project.client,
        kind="proposal_received",
        title=f"{sender} sent you a proposal",
        message=f"{project.title}: {proposal.bid_amount}",
        url=reverse("projects:proposals", args=[project.pk]),
        data={"project_id": project.pk, "proposal_id": proposal.pk},
        email="projects/emails/proposal_received",
        context={
            "project": project.title,
            "freelancer": sender,
            "amount": proposal.bid_amount,
            "hourly": project.budget_type == BudgetType.HOURLY,
            "days": proposal.estimated_days,
            "letter": proposal.cover_letter,
        },
    )
