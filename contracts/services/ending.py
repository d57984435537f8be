"""Pausing, resuming and ending."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import audit, count_finished_job
from contracts import policies
from contracts.models import Contract
from contracts.rules import (
    CONTRACT_LIFECYCLE,
    ENDED_MILESTONES,
    WORKED_ON,
    ContractStatus,
    MilestoneStatus,
)
from contracts.services.loading import lock_contract
from contracts.services.weeks import cancel_weeks, complete_weeks
from core.errors import Conflict, require
from notifications.services import notify
from payments.services import refund_hold
from projects.services import cancel_project, complete_project


@transaction.atomic
def cancel_contract(actor: User, *, contract_id: UUID, reason: str = "") -> Contract:
    """End a contract on which nothing was handed in; what is held goes back to the client.

    Conflict `contract_has_work` otherwise: then the work is approved, or the two agree in another way.
    """
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_party(actor, contract))
    if contract.status == ContractStatus.CANCELLED:
        return contract
    milestones = list(
        contract.milestones.select_for_update(of=("self",), no_key=True).select_related("hold").order_by("pk")
    )
    if any(milestone.status in WORKED_ON for milestone in milestones):
        raise Conflict("contract_has_work", "Work was handed in on this contract, so it cannot simply be ended.")
    if contract.is_hourly:
        cancel_weeks(contract, actor)
    CONTRACT_LIFECYCLE.perform(contract, "cancel", actor=actor, reason=reason, ended_at=timezone.now())
    for milestone in milestones:
        if milestone.hold:
            refund_hold(actor, hold=milestone.hold, reason="The contract was ended.", cause=f"milestone:{milestone.pk}")
    cancel_project(contract.project, actor=actor)
    audit.record(actor, "contract.cancelled", contract, reason=reason)
    _tell_other(contract, actor, "contract_cancelled", "The contract was ended")
    return contract


@transaction.atomic
def complete_contract(actor: User, *, contract_id: UUID) -> Contract:
    """End a contract whose money is all settled, leaving out steps that were never funded."""
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_client(actor, contract))
    if contract.status == ContractStatus.COMPLETED:
        return contract
    if contract.is_hourly:
        complete_weeks(contract, actor)
        _complete(contract, actor)
        return contract
    statuses = set(contract.milestones.select_for_update(no_key=True).order_by("pk").values_list("status", flat=True))
    if statuses - {*ENDED_MILESTONES, MilestoneStatus.PENDING}:
        raise Conflict("contract_has_held_funds", "Funds are still held. Approve the work or ask for them back first.")
    if MilestoneStatus.RELEASED not in statuses:
        raise Conflict("contract_has_no_work", "Nothing was released yet. You can end the contract instead.")
    for milestone in contract.milestones.filter(status=MilestoneStatus.PENDING, hold__isnull=False):
        assert milestone.hold is not None
        refund_hold(actor, hold=milestone.hold, reason="The contract was completed.", cause=f"milestone:{milestone.pk}")
    _complete(contract, actor)
    return contract


def finish_if_done(contract: Contract, actor: User | None) -> None:
    """The contract is complete when its last milestone is settled. The caller holds the contract's lock."""
    if not contract.milestones.exclude(status__in=ENDED_MILESTONES).exists():
        _complete(contract, actor)


def _complete(contract: Contract, actor: User | None) -> None:
    CONTRACT_LIFECYCLE.perform(contract, "complete", actor=actor, ended_at=timezone.now())
    complete_project(contract.project, actor=actor)
    count_finished_job(contract.freelancer)
    audit.record(actor, "contract.completed", contract)
    url = reverse("contracts:detail", args=[contract.pk])
    for person in (contract.client, contract.freelancer):
        notify(
            person,
            kind="contract_completed",
            title="Contract completed: write a review",
            message=contract.title,
            url=url,
            data={"contract_id": str(contract.pk)},
        )


@transaction.atomic
def pause_contract(actor: User, *, contract_id: UUID, reason: str = "") -> Contract:
    """Stops work and the clock of what is handed in."""
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_party(actor, contract))
    if contract.status != ContractStatus.PAUSED:
        CONTRACT_LIFECYCLE.perform(contract, "pause", actor=actor, reason=reason)
        audit.record(actor, "contract.paused", contract, reason=reason)
        _tell_other(contract, actor, "contract_paused", "The contract was paused")
    return contract


@transaction.atomic
def resume_contract(actor: User, *, contract_id: UUID) -> Contract:
    """Goes on; the time to answer is longer by the length of the pause."""
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_party(actor, contract))
    if contract.status != ContractStatus.ACTIVE:
        CONTRACT_LIFECYCLE.perform(contract, "resume", actor=actor)
        audit.record(actor, "contract.resumed", contract)
        paused: timedelta = timezone.now() - contract.events.filter(move="pause").latest("id").created_at
        contract.milestones.filter(status=MilestoneStatus.SUBMITTED).update(release_at=F("release_at") + paused)
        _tell_other(contract, actor, "contract_resumed", "The contract goes on")
    return contract


def _tell_other(contract: Contract, actor: User, kind: str, title: str) -> None:
    other = contract.freelancer if actor.pk == contract.client_id else contract.client
    notify(
        other,
        kind=kind,
        title=title,
        message=contract.title,
        url=reverse("contracts:detail", args=[contract.pk]),
        data={"contract_id": str(contract.pk)},
    )
