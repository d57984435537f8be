"""Pausing, resuming and ending."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.policies import words_of
from accounts.services import audit, count_finished_job
from contracts import policies
from contracts.models import Contract, Milestone, RefundRequest
from contracts.rules import (
    CHANGE_LIFECYCLE,
    CONTRACT_LIFECYCLE,
    ENDED_MILESTONES,
    WORKED_ON,
    ContractStatus,
    MilestoneStatus,
)
from contracts.rules.ending import keeps_from_ending
from contracts.rules.time import TimesheetStatus
from contracts.services.loading import lock_contract
from contracts.services.weeks import cancel_weeks, complete_weeks
from core.errors import Conflict, require
from core.statements import Statement
from notifications.services import notify
from payments.rules import hold_ends_at
from payments.services import refund_hold
from projects.services import cancel_project, complete_project

ENDED = "The contract was ended."
ANY_CONTRACT = UUID(int=0)  # stands where a statement's parameter goes


@transaction.atomic
def cancel_contract(actor: User, *, contract_id: UUID, reason: str = "") -> Contract:
    """End a contract on which nothing was handed in; what is held goes back to the client.

    Conflict `contract_has_work` otherwise: then `end_contract` says what becomes of the parts.
    """
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_cancel(actor, contract))
    if contract.status == ContractStatus.CANCELLED:
        return contract
    milestones = _lock_milestones(contract)
    if any(milestone.status in WORKED_ON or milestone.submissions.exists() for milestone in milestones):
        raise Conflict("contract_has_work", "Work was handed in on this contract, so it cannot simply be ended.")
    if contract.is_hourly:
        cancel_weeks(contract, actor)
    _end(contract, milestones, actor, words_of(actor, reason))
    return contract


@transaction.atomic
def end_contract(actor: User, *, contract_id: UUID, reason: str = "") -> Contract:
    """Stop here: what was released stays so, and what is held for work that was not handed in goes back to the client.

    The contract is completed if anything was released, else cancelled. Conflict `work_waits_for_answer` while work is to be
    approved, changed or disputed first: a client does not take back the money of work that was ever handed in, a freelancer
    may give it up. Hours that were logged are settled first: `contract_has_held_funds`, `contract_has_work`.
    """
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_cancel(actor, contract))
    if contract.status in {ContractStatus.CANCELLED, ContractStatus.COMPLETED}:
        return contract
    if contract.status == ContractStatus.DISPUTED:
        raise Conflict("contract_disputed", "This contract is in dispute, and ends by its outcome.")
    if contract.is_hourly:
        _end_hourly(contract, actor, words_of(actor, reason))
        return contract
    milestones = _lock_milestones(contract)
    role = policies.role_in(contract, actor)
    for milestone in milestones:
        if keeps_from_ending(role, milestone.status, handed_in=milestone.submissions.exists()):
            raise Conflict(
                "work_waits_for_answer",
                f"“{milestone.title}” is not settled. Work that was handed in is approved, changed or disputed first.",
            )
    _end(contract, milestones, actor, words_of(actor, reason))
    return contract


@transaction.atomic
def complete_contract(actor: User, *, contract_id: UUID) -> Contract:
    """End a contract whose money is all settled, leaving out steps that were never funded.

    Conflict: `contract_has_held_funds`, `contract_has_no_work`.
    """
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_client(actor, contract))
    if contract.status == ContractStatus.COMPLETED:
        return contract
    if contract.is_hourly:
        complete_weeks(contract, actor)
    else:
        _complete_milestones(contract, actor)
    _complete(contract, actor, "complete")
    return contract


def finish_if_done(contract: Contract, actor: User | None) -> None:
    """The contract ends with its last milestone: completed if anything was released, else cancelled.

    The caller holds the contract's lock. A proposed milestone keeps it open until it is answered.
    """
    if contract.status not in {ContractStatus.ACTIVE, ContractStatus.PAUSED} or _open_step().run(contract=contract.pk):
        return
    milestones = contract.milestones.all()
    if not milestones.exists():
        return
    if _was_paid(milestones):
        _complete(contract, actor, "complete")
    else:
        _cancel(contract, actor, "Everything went back to the client.")


@cache
def _open_step() -> Statement:
    steps = Milestone.objects.filter(contract=ANY_CONTRACT).exclude(status__in=ENDED_MILESTONES)
    return Statement(steps.order_by()[:1], ["pk"], contract=ANY_CONTRACT)


def _lock_milestones(contract: Contract) -> list[Milestone]:
    return list(contract.milestones.select_for_update(of=("self",), no_key=True).select_related("hold").order_by("pk"))


def _complete_milestones(contract: Contract, actor: User) -> None:
    """Conflict: `contract_has_held_funds`, `contract_has_no_work`, as of weeks."""
    milestones = _lock_milestones(contract)
    statuses = {milestone.status for milestone in milestones}
    if statuses - {*ENDED_MILESTONES, MilestoneStatus.PENDING}:
        raise Conflict("contract_has_held_funds", "Funds are still held. Approve the work or ask for them back first.")
    if MilestoneStatus.RELEASED not in statuses:
        raise Conflict("contract_has_no_work", "Nothing was released yet. You can end the contract instead.")
    _give_back(milestones, actor, "The contract was completed.")


def _end(contract: Contract, milestones: list[Milestone], actor: User, reason: str) -> None:
    """The contract's own move comes first, so that settling its last milestone does not end it a second time."""
    if _was_paid(contract.milestones.all()):
        _complete(contract, actor, "end", reason, unsettled=milestones)
    else:
        _cancel(contract, actor, reason)
        _give_back(milestones, actor, ENDED)


def _end_hourly(contract: Contract, actor: User, reason: str) -> None:
    if contract.timesheets.filter(status=TimesheetStatus.BILLED).exists():
        complete_weeks(contract, actor)
        _complete(contract, actor, "end", reason)
    else:
        cancel_weeks(contract, actor)
        _cancel(contract, actor, reason)


def _was_paid(milestones: QuerySet[Milestone]) -> bool:
    return milestones.filter(Q(hold__released_minor__gt=0) | Q(hold__fee_minor__gt=0)).exists()


def _give_back(milestones: Iterable[Milestone], actor: User | None, reason: str) -> None:
    """What is held for unsettled steps goes back; what was not paid in is called off. Rolled rests follow by themselves."""
    for milestone in milestones:
        if milestone.hold_id is None:
            continue
        milestone.refresh_from_db()
        if milestone.hold and milestone.status not in ENDED_MILESTONES:
            refund_hold(actor, hold=milestone.hold, reason=reason, cause=f"milestone:{milestone.pk}")


def _complete(
    contract: Contract, actor: User | None, move: str, reason: str = "", *, unsettled: Iterable[Milestone] = ()
) -> None:
    """Money moves before the freelancer's profile is counted on, as when the last release completes a contract."""
    CONTRACT_LIFECYCLE.perform(contract, move, actor=actor, reason=reason, ended_at=timezone.now())
    _give_back(unsettled, actor, ENDED)
    complete_project(contract.project, actor=actor)
    count_finished_job(contract.freelancer)
    _lapse_changes(contract)
    audit.record(actor, "contract.completed", contract, reason=reason)
    title = "Contract completed: write a review" if move == "complete" else "The contract was ended: write a review"
    _tell(contract, [contract.client, contract.freelancer], "contract_completed", title)


def _cancel(contract: Contract, actor: User | None, reason: str) -> None:
    CONTRACT_LIFECYCLE.perform(contract, "cancel", actor=actor, reason=reason, ended_at=timezone.now())
    cancel_project(contract.project, actor=actor)
    _lapse_changes(contract)
    audit.record(actor, "contract.cancelled", contract, reason=reason)
    others = [contract.client, contract.freelancer] if actor is None else [policies.other_side(contract, actor)]
    _tell(contract, others, "contract_cancelled", "The contract was ended")


def _lapse_changes(contract: Contract) -> None:
    for change in contract.changes.open().select_for_update(no_key=True).order_by("pk"):
        CHANGE_LIFECYCLE.perform(change, "lapse", decided_at=timezone.now())
    contract.milestones.filter(agreed_at=None).delete()


@transaction.atomic
def pause_contract(actor: User, *, contract_id: UUID, reason: str = "") -> Contract:
    """Stops work and the clock of what is handed in."""
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_party(actor, contract))
    if contract.status != ContractStatus.PAUSED:
        CONTRACT_LIFECYCLE.perform(contract, "pause", actor=actor, reason=reason)
        audit.record(actor, "contract.paused", contract, reason=reason)
        _tell(contract, [policies.other_side(contract, actor)], "contract_paused", "The contract was paused")
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
        prolong_clocks(contract, paused)
        _tell(contract, [policies.other_side(contract, actor)], "contract_resumed", "The contract goes on")
    return contract


def prolong_clocks(contract: Contract, stood_still: timedelta) -> None:
    """Who has to answer has that much longer, but no funds are held beyond their limit. The caller locked the contract."""
    waiting = contract.milestones.filter(status=MilestoneStatus.SUBMITTED).select_related("hold")
    for milestone in waiting.select_for_update(of=("self",), no_key=True).order_by("pk"):
        assert milestone.hold and milestone.hold.funded_at and milestone.release_at  # CHECKs: work is held, and timed
        milestone.release_at = min(milestone.release_at + stood_still, hold_ends_at(milestone.hold.funded_at))
        milestone.save(update_fields=["release_at"])
    RefundRequest.objects.open().filter(milestone__contract=contract).update(answer_by=F("answer_by") + stood_still)


def _tell(contract: Contract, people: Iterable[User], kind: str, title: str) -> None:
    for person in people:
        notify(
            person,
            kind=kind,
            title=title,
            message=contract.title,
            url=reverse("contracts:detail", args=[contract.pk]),
            data={"contract_id": str(contract.pk)},
        )
