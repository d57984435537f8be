"""Asking back the money of work that was never handed in."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from contracts import policies
from contracts.models import Contract, Milestone, RefundRequest
from contracts.rules import REFUND_REQUEST_LIFECYCLE, MilestoneStatus, RefundRequestStatus
from contracts.rules.clocks import REFUND_ANSWER, overdue_from
from contracts.services.ending import finish_if_done
from contracts.services.loading import lock_milestone, lock_refund_request, require_active
from contracts.services.settling import BATCH, settle_each
from core.errors import Conflict, Invalid, require
from notifications.services import notify
from payments.services import refund_hold


@transaction.atomic
def request_milestone_refund(actor: User, *, milestone_id: int, reason: str = "") -> RefundRequest:
    """The client asks the money back, since nothing came by the due date. The freelancer has 7 days; silence refunds.

    Asking again while it is open returns the same. Conflict: `milestone_not_funded`, `work_was_handed_in`, `milestone_rolled`,
    `not_overdue`.
    """
    milestone = lock_milestone(actor, milestone_id)
    contract = milestone.contract
    require(policies.why_not_client(actor, contract))
    require_active(contract)
    if asked := milestone.refund_requests.open().first():
        return asked
    _require_overdue(milestone)
    asked = RefundRequest.objects.create(
        milestone=milestone, asked_by=actor, reason=reason, answer_by=timezone.now() + REFUND_ANSWER
    )
    asked.events.create(move="ask", to_status=asked.status, actor=actor, reason=reason)
    audit.record(actor, "refund_request.made", asked, milestone=milestone.pk)
    _tell(
        asked,
        contract.freelancer,
        "refund_asked",
        f"{actor.get_full_name()} asks the money back",
        email="contracts/emails/refund_asked",
        answer_by=asked.answer_by,
        client=actor.get_full_name(),
        reason=reason,
    )
    return asked


@transaction.atomic
def agree_to_refund(actor: User, *, request_id: int) -> RefundRequest:
    """The freelancer gives the money back."""
    asked = lock_refund_request(actor, request_id)
    milestone = asked.milestone
    require(policies.why_not_give_up(actor, milestone.contract))
    if asked.status == RefundRequestStatus.AGREED:
        return asked
    require_active(milestone.contract)
    _decide(asked, "agree", actor, answered_at=timezone.now())
    _give_back(asked, actor, "The freelancer agreed to give it back.")
    _tell(asked, milestone.contract.client, "refund_agreed", "The money goes back to you")
    return asked


@transaction.atomic
def refuse_refund(actor: User, *, request_id: int, answer: str) -> RefundRequest:
    """The freelancer says why not. The money stays held; the two talk, or one of them opens a dispute."""
    if not answer.strip():
        raise Invalid(fields={"answer": ["Say why, so that the client can decide what to do next."]})
    asked = lock_refund_request(actor, request_id)
    require(policies.why_not_freelancer(actor, asked.milestone.contract))
    if asked.status == RefundRequestStatus.REFUSED:
        return asked
    _decide(asked, "refuse", actor, reason=answer, answer=answer, answered_at=timezone.now())
    _tell(asked, asked.milestone.contract.client, "refund_refused", "The money is not given back")
    return asked


@transaction.atomic
def withdraw_refund_request(actor: User, *, request_id: int) -> RefundRequest:
    """The client waits on."""
    asked = lock_refund_request(actor, request_id)
    require(policies.why_not_client(actor, asked.milestone.contract))
    if asked.status != RefundRequestStatus.WITHDRAWN:
        _decide(asked, "withdraw", actor)
        _tell(asked, asked.milestone.contract.freelancer, "refund_withdrawn", "The client waits for your work")
    return asked


def refund_unanswered() -> int:
    """Silence refunds: give back what was asked back and not answered in time. Returns how many."""
    due = RefundRequest.objects.unanswered().order_by("answer_by")
    return settle_each(due.values_list("pk", "milestone_id", "milestone__contract_id")[:BATCH], _refund_unanswered_one)


@transaction.atomic
def _refund_unanswered_one(request_id: int, milestone_id: int, contract_id: UUID) -> bool:
    """Looks again under the locks, by the database's clock: an answer may have come in between."""
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract_id)
    milestone = Milestone.objects.select_for_update(no_key=True).get(pk=milestone_id)
    asked = (
        RefundRequest.objects.unanswered().select_for_update(of=("self",), no_key=True).filter(pk=request_id).first()
    )
    if asked is None:
        return False
    milestone.contract = contract
    asked.milestone = milestone
    _decide(asked, "silence", None, reason="No answer within seven days.")
    _give_back(asked, None, "The freelancer did not answer.")
    for person in (contract.client, contract.freelancer):
        _tell(asked, person, "milestone_refunded", "The funds went back to the client")
    return True


def close_refund_request(milestone: Milestone, move: str = "close") -> None:
    """Nothing is asked back any more, because work came or the funds are settled. The caller has locked the milestone."""
    for asked in milestone.refund_requests.open():
        REFUND_REQUEST_LIFECYCLE.perform(asked, move)


def leave_to_dispute(milestone: Milestone, opener: User) -> None:
    """A dispute about the same money decides; who asked for it back hears that. The caller has locked the milestone."""
    for asked in milestone.refund_requests.open().select_related("asked_by"):
        REFUND_REQUEST_LIFECYCLE.perform(asked, "close", actor=opener, reason="A dispute was opened.")
        if asked.asked_by != opener:
            asked.milestone = milestone
            _tell(asked, asked.asked_by, "refund_closed", "The dispute decides about the money that you asked back")


def _require_overdue(milestone: Milestone) -> None:
    if milestone.rolled_into_id:
        raise Conflict("milestone_rolled", "What is held here goes with the next milestone.")
    if milestone.submissions.exists():
        raise Conflict(
            "work_was_handed_in",
            "Work was handed in for this milestone. Approve it, ask for changes, or open a dispute.",
        )
    if milestone.status != MilestoneStatus.FUNDED:
        raise Conflict("milestone_not_funded", "No funds are held for this milestone.")
    if not is_overdue(milestone):
        raise Conflict(
            "not_overdue",
            f"If nothing comes by {_overdue_from(milestone):%-d %B %Y, %H:%M} UTC, you can ask the money back.",
        )


def is_overdue(milestone: Milestone) -> bool:
    """Of a funded milestone."""
    return timezone.now() >= _overdue_from(milestone)


def _overdue_from(milestone: Milestone) -> datetime:
    assert milestone.hold and milestone.hold.funded_at  # a CHECK: funded milestones have a hold
    return overdue_from(milestone.due_date, milestone.hold.funded_at)


def _decide(asked: RefundRequest, move: str, actor: User | None, *, reason: str = "", **changes: object) -> None:
    REFUND_REQUEST_LIFECYCLE.perform(
        asked, move, actor=actor, reason=reason, code="refund_request_already_answered", **changes
    )
    audit.record(actor, f"refund_request.{asked.status}", asked, reason=reason)


def _give_back(asked: RefundRequest, actor: User | None, reason: str) -> None:
    milestone = asked.milestone
    assert milestone.hold is not None
    refund_hold(actor, hold=milestone.hold, reason=reason, cause=f"milestone:{milestone.pk}")
    finish_if_done(milestone.contract, actor)


def _tell(asked: RefundRequest, person: User, kind: str, title: str, *, email: str = "", **context: object) -> None:
    milestone = asked.milestone
    notify(
        person,
        kind=kind,
        title=title,
        message=milestone.title,
        url=reverse("contracts:detail", args=[milestone.contract_id]),
        data={
            "contract_id": str(milestone.contract_id),
            "milestone_id": milestone.pk,
            "refund_request_id": asked.pk,
        },
        email=email or None,
        context={"title": milestone.title, **context},
    )
