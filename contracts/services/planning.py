"""Changes of a running contract: one side proposes, nothing is so before the other has agreed."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from contracts import policies
from contracts.models import ChangeRequest, Contract, Milestone
from contracts.rules import CHANGE_LIFECYCLE, MAX_MILESTONES, ChangeKind, ChangeStatus, MilestoneStatus
from contracts.rules.changes import MAX_TERMS, PLAN, why_not_change
from contracts.rules.terms import AcceptedBy
from contracts.services.ending import finish_if_done
from contracts.services.loading import lock_change, lock_contract, lock_milestone, require_active
from contracts.services.refunding import close_refund_request, is_overdue
from contracts.services.terms import keep_terms
from core.errors import Conflict, Invalid, require
from core.money import Money
from notifications.services import notify
from payments.rules import common_step
from payments.services import refund_hold, require_chargeable
from projects.rules import why_not_due


@transaction.atomic
def add_milestone(
    actor: User,
    *,
    contract_id: UUID,
    title: str,
    amount: Money,
    description: str = "",
    due_date: date | None = None,
    note: str = "",
) -> Milestone:
    """Propose one more step. It stands in the contract without `agreed_at`, and cannot be paid in, until the other side agrees."""
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_party(actor, contract))
    require_active(contract)
    if contract.is_hourly:
        raise Conflict("contract_is_hourly", "This contract is paid by the hour, so it has no milestones.")
    if amount.currency != contract.currency:
        raise Invalid(fields={"currency": [f"This contract is in {contract.currency}."]})
    require_chargeable(amount, "amount")
    _require_due(due_date)
    if contract.milestones.count() >= MAX_MILESTONES:
        raise Conflict("too_many_milestones", f"A contract has at most {MAX_MILESTONES} milestones.")
    milestone = Milestone.objects.create(
        contract=contract,
        position=(contract.milestones.aggregate(last=Max("position"))["last"] or 0) + 1,
        title=title,
        description=description,
        amount_minor=amount.minor,
        currency=amount.currency,
        due_date=due_date,
        agreed_at=None,
    )
    _propose(actor, contract, ChangeKind.ADD_MILESTONE, milestone=milestone, after=plan_of(milestone), note=note)
    return milestone


@transaction.atomic
def propose_milestone_change(
    actor: User, *, milestone_id: int, changes: Mapping[str, Any], note: str = ""
) -> ChangeRequest:
    """Propose another title, description, amount (Money) or due_date (None: without one) of a milestone.

    Once its funds are held the price can only go down: agreeing sends the rest back. Conflict: `milestone_funded`,
    `milestone_ended`, `change_already_open`.
    """
    milestone = lock_milestone(actor, milestone_id)
    contract = milestone.contract
    require(policies.why_not_party(actor, contract))
    require_active(contract)
    before = plan_of(milestone)
    after = before | _written(contract, changes)
    if after == before:
        raise Invalid("nothing_changes", "This is how it stands already.")
    amount = changes.get("amount") or milestone.amount
    _require_changeable(milestone, amount)
    if milestone.status == MilestoneStatus.PENDING:
        require_chargeable(amount, "amount")
    return _propose(
        actor, contract, ChangeKind.CHANGE_MILESTONE, milestone=milestone, before=before, after=after, note=note
    )


@transaction.atomic
def propose_milestone_removal(actor: User, *, milestone_id: int, note: str = "") -> ChangeRequest:
    """Propose to leave a milestone out that was not paid in. Conflict `milestone_funded` after that."""
    milestone = lock_milestone(actor, milestone_id)
    contract = milestone.contract
    require(policies.why_not_party(actor, contract))
    require_active(contract)
    _require_unfunded(milestone)
    return _propose(
        actor, contract, ChangeKind.REMOVE_MILESTONE, milestone=milestone, before=plan_of(milestone), note=note
    )


@transaction.atomic
def propose_scope(actor: User, *, contract_id: UUID, terms: str, note: str = "") -> ChangeRequest:
    """Propose other words for what is done. Conflict `change_already_open` while another proposal waits."""
    contract = lock_contract(actor, contract_id)
    require(policies.why_not_party(actor, contract))
    require_active(contract)
    if not terms.strip():
        raise Invalid(fields={"terms": ["Say what is to be done."]})
    if len(terms) > MAX_TERMS:
        raise Invalid(fields={"terms": [f"At most {MAX_TERMS} characters."]})
    if terms == contract.terms:
        raise Invalid("nothing_changes", "This is how it stands already.")
    before, after = {"terms": contract.terms}, {"terms": terms}
    return _propose(actor, contract, ChangeKind.CHANGE_SCOPE, before=before, after=after, note=note)


@transaction.atomic
def accept_change(actor: User, *, change_id: int) -> ChangeRequest:
    """Agree: the change holds from now on, and the terms get their next version, accepted by both.

    Whether it is still possible is looked at again. Repeating it changes nothing. Conflict: `change_already_decided`,
    `milestone_funded`, `milestone_ended`, `amount_exceeds_held`.
    """
    change = lock_change(actor, change_id)
    contract = change.contract
    require(policies.why_not_answer_change(actor, change))
    if change.status == ChangeStatus.ACCEPTED:
        return change
    require_active(contract)
    now = timezone.now()
    CHANGE_LIFECYCLE.perform(change, "accept", actor=actor, code="change_already_decided", decided_at=now)
    _APPLY[ChangeKind(change.kind)](actor, change)
    keep_terms(
        contract,
        change=change,
        acceptances=[
            (change.proposer, AcceptedBy.CHANGE, change.created_at),
            (actor, AcceptedBy.CHANGE, now),
        ],
    )
    audit.record(actor, "change.accepted", change, kind=change.kind)
    _tell(change, change.proposer, "change_accepted", f"{actor.get_full_name()} agreed to your change")
    finish_if_done(contract, actor)
    return change


@transaction.atomic
def decline_change(actor: User, *, change_id: int, reason: str = "") -> ChangeRequest:
    """Say no: everything stays as it was."""
    change = lock_change(actor, change_id)
    require(policies.why_not_answer_change(actor, change))
    if change.status != ChangeStatus.DECLINED:
        _give_up(change, "decline", actor, reason=reason)
        _tell(change, change.proposer, "change_declined", f"{actor.get_full_name()} does not agree to your change")
    return change


@transaction.atomic
def withdraw_change(actor: User, *, change_id: int) -> ChangeRequest:
    """Take one's own proposal back."""
    change = lock_change(actor, change_id)
    require(policies.why_not_withdraw_change(actor, change))
    if change.status != ChangeStatus.WITHDRAWN:
        other = policies.other_side(change.contract, actor)
        _give_up(change, "withdraw", actor)
        _tell(change, other, "change_withdrawn", f"{actor.get_full_name()} took a proposed change back")
    return change


def plan_of(milestone: Milestone) -> dict[str, Any]:
    """What a change may touch, as the API writes it."""
    return {
        "title": milestone.title,
        "description": milestone.description,
        "amount": milestone.amount.as_string(),
        "due_date": milestone.due_date.isoformat() if milestone.due_date else None,
    }


def _written(contract: Contract, changes: Mapping[str, Any]) -> dict[str, Any]:
    written = {name: value for name, value in changes.items() if name in PLAN}
    if amount := written.pop("amount", None):
        if amount.currency != contract.currency:
            raise Invalid(fields={"currency": [f"This contract is in {contract.currency}."]})
        written["amount"] = amount.as_string()
    if "due_date" in written:
        due_date = written["due_date"]
        _require_due(due_date)
        written["due_date"] = due_date.isoformat() if due_date else None
    return written


def _propose(
    actor: User,
    contract: Contract,
    kind: ChangeKind,
    *,
    milestone: Milestone | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str,
) -> ChangeRequest:
    """A unique index lets one proposal about the same thing be open; the contract's lock makes the question before it sure."""
    about = contract.changes.open().filter(milestone=milestone)
    if about.filter(kind=kind).exists() if milestone is None else about.exists():
        raise Conflict("change_already_open", "Another change of this waits for an answer. It is answered first.")
    change = ChangeRequest.objects.create(
        contract=contract,
        proposer=actor,
        kind=kind,
        milestone=milestone,
        before=dict(before or {}),
        after=dict(after or {}),
        note=note,
    )
    change.events.create(move="propose", to_status=change.status, actor=actor, reason=note)
    audit.record(actor, "change.proposed", change, kind=kind)
    other = policies.other_side(contract, actor)
    _tell(change, other, "change_proposed", f"{actor.get_full_name()} proposes a change")
    return change


def _require_changeable(milestone: Milestone, amount: Money) -> None:
    step = amount.minor - milestone.amount_minor
    is_rolled = milestone.rolled_into_id is not None
    if refusal := why_not_change(milestone.status, is_rolled=is_rolled, step=step):
        raise Conflict(refusal.code, refusal.message)
    if (
        step < 0
        and milestone.hold
        and milestone.status != MilestoneStatus.PENDING
        and -step >= milestone.hold.held_minor
    ):
        raise Conflict("amount_exceeds_held", f"Only {milestone.hold.held} is held, and something has to be left.")
    if step < 0 and milestone.status != MilestoneStatus.PENDING and -step % common_step(milestone.currency):
        raise Invalid(fields={"amount": ["The rest could not be sent back in full. Choose a rounder amount."]})


def _require_due(day: date | None) -> None:
    if reason := why_not_due(day, timezone.now().date()):
        raise Invalid(fields={"due_date": [reason]})


def _require_unfunded(milestone: Milestone) -> None:
    if milestone.status != MilestoneStatus.PENDING:
        raise Conflict(
            "milestone_funded", "Its funds were paid in already. It ends by approval, or by giving the funds back."
        )


def _agree_on_new_step(actor: User, change: ChangeRequest) -> None:
    milestone = _milestone_of(change)
    milestone.agreed_at = change.decided_at
    milestone.save(update_fields=["agreed_at"])


def _change_milestone(actor: User, change: ChangeRequest) -> None:
    milestone = _milestone_of(change)
    before = milestone.amount
    after = Money.parse(change.after["amount"], milestone.currency)
    _require_changeable(milestone, after)
    due_date = change.after["due_date"]
    milestone.title = change.after["title"]
    milestone.description = change.after["description"]
    milestone.amount_minor = after.minor
    milestone.due_date = date.fromisoformat(due_date) if due_date else None
    if milestone.status == MilestoneStatus.PENDING:
        _call_off_payment(actor, milestone)
    elif after < before:
        assert milestone.hold is not None  # a CHECK: work has a hold
        refund_hold(
            actor,
            hold=milestone.hold,
            amount=before - after,
            reason="Both sides agreed to a lower price.",
            cause=f"change:{change.pk}",
        )
    milestone.updated_at = timezone.now()
    milestone.save(update_fields=["title", "description", "amount_minor", "due_date", "hold", "updated_at"])
    if milestone.status == MilestoneStatus.FUNDED and not is_overdue(milestone):
        close_refund_request(milestone)


def _remove_milestone(actor: User, change: ChangeRequest) -> None:
    milestone = _milestone_of(change)
    _require_unfunded(milestone)
    _call_off_payment(actor, milestone)
    milestone.delete()
    change.milestone = None


def _change_scope(actor: User, change: ChangeRequest) -> None:
    change.contract.terms = change.after["terms"]
    change.contract.save(update_fields=["terms"])


_APPLY = {
    ChangeKind.ADD_MILESTONE: _agree_on_new_step,
    ChangeKind.CHANGE_MILESTONE: _change_milestone,
    ChangeKind.REMOVE_MILESTONE: _remove_milestone,
    ChangeKind.CHANGE_SCOPE: _change_scope,
}


def _call_off_payment(actor: User, milestone: Milestone) -> None:
    """What was asked to be paid in is no longer what is agreed. Money that still comes for it goes back by itself."""
    if milestone.hold:
        refund_hold(actor, hold=milestone.hold, reason="The milestone was changed.", cause=f"milestone:{milestone.pk}")
        milestone.hold = None


def _milestone_of(change: ChangeRequest) -> Milestone:
    assert change.milestone_id is not None  # only a decided change outlives its milestone
    milestone: Milestone = Milestone.objects.select_for_update(no_key=True).get(pk=change.milestone_id)
    return milestone


def _give_up(change: ChangeRequest, move: str, actor: User, *, reason: str = "") -> None:
    CHANGE_LIFECYCLE.perform(
        change, move, actor=actor, reason=reason, code="change_already_decided", decided_at=timezone.now()
    )
    if change.kind == ChangeKind.ADD_MILESTONE:
        Milestone.objects.filter(changes=change.pk, agreed_at=None).delete()
        change.milestone = None
    audit.record(actor, f"change.{change.status}", change, reason=reason)
    finish_if_done(change.contract, actor)


def _tell(change: ChangeRequest, person: User, kind: str, title: str) -> None:
    notify(
        person,
        kind=kind,
        title=title,
        message=f"{change.contract.title}: {change}",
        url=reverse("contracts:changes", args=[change.contract_id]),
        data={"contract_id": str(change.contract_id), "change_id": change.pk},
    )
