"""The end of a dispute: the held funds move by its outcome or are free again, and the contract goes on or is over."""

from typing import Any

import structlog
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from contracts.models import Contract, Dispute
from contracts.rules import (
    CONTRACT_LIFECYCLE,
    DISPUTE_LIFECYCLE,
    MILESTONE_LIFECYCLE,
    ContractStatus,
    Side,
)
from contracts.services.disputes.clock import go_on, stopped_at
from contracts.services.disputes.news import tell_dropped, tell_outcome
from contracts.services.ending import finish_if_done, prolong_clocks
from contracts.services.timesheets import approve_hours
from core.errors import Conflict
from core.money import Money
from payments.models import Hold
from payments.services import split_hold, unfreeze_hold

logger = structlog.get_logger(__name__)


def pay_out(
    dispute: Dispute,
    move: str,
    *,
    actor: User | None,
    to_freelancer: Money,
    reasons: str = "",
    decided_by: User | None = None,
) -> Dispute:
    """End the locked dispute with `to_freelancer` (gross) released and the rest returned. Conflict `held_changed`."""
    hold = Hold.objects.get(pk=dispute.hold_id)
    if hold.held != dispute.held:
        raise Conflict("held_changed", f"{hold.held} is held now, not {dispute.held}.")
    _end(
        dispute,
        move,
        actor=actor,
        reason=reasons,
        to_freelancer_minor=to_freelancer.minor,
        to_client_minor=(dispute.held - to_freelancer).minor,
        reasons=reasons,
        decided_by=decided_by,
        decided_at=timezone.now(),
    )
    milestone = dispute.milestone
    if milestone and to_freelancer:  # returned as a whole, payments reports it: contracts.services.funding
        MILESTONE_LIFECYCLE.perform(milestone, "settle", actor=actor, released_at=timezone.now())
    before = hold.released + hold.fee
    figures = hold.quote(to_freelancer)
    split_hold(
        actor,
        hold=hold,
        to_payee=to_freelancer,
        reason=f"Outcome of dispute {dispute.pk}.",
        cause=f"dispute:{dispute.pk}",
    )
    assert hold.released + hold.fee == before + to_freelancer
    audit.record(
        actor,
        "dispute.ended",
        dispute,
        move=move,
        to_freelancer=to_freelancer.as_string(),
        to_client=(dispute.held - to_freelancer).as_string(),
        currency=dispute.currency,
    )
    tell_outcome(dispute, figures)
    _return_contract(dispute.contract, actor)
    return dispute


def let_go(dispute: Dispute, *, actor: User) -> Dispute:
    """The opener takes the locked dispute back: everything goes on as before, with the time that was left.

    Hours that their client disputes no more are paid out; those of a freelancer are still not agreed.
    """
    _end(dispute, "withdraw", actor=actor)
    unfreeze_hold(actor, hold=dispute.hold, reason=f"Dispute {dispute.pk} was withdrawn.")
    go_on(dispute)
    if dispute.week and dispute.side == Side.CLIENT:
        approve_hours(dispute.week, actor)
    audit.record(actor, "dispute.withdrawn", dispute)
    _return_contract(dispute.contract, actor)
    return dispute


def drop_overtaken(hold: Hold) -> None:
    """The held funds of a live dispute went back by another way (the payer's bank took them): nothing is left to decide.

    The caller holds the locks of the hold's contract and milestone.
    """
    dispute = Dispute.objects.live().select_for_update(of=("self",), no_key=True).filter(hold=hold).first()
    if dispute is None:
        return
    _end(dispute, "drop", actor=None, reason="The funds are not held any more.")
    audit.record(None, "dispute.dropped", dispute)
    logger.warning("dispute_overtaken", dispute_id=dispute.pk, hold_id=hold.pk)
    tell_dropped(dispute)
    _return_contract(dispute.contract, None)


def _end(dispute: Dispute, move: str, *, actor: User | None, reason: str = "", **changes: Any) -> None:
    DISPUTE_LIFECYCLE.perform(
        dispute,
        move,
        actor=actor,
        reason=reason,
        code="dispute_ended" if not dispute.is_live else "",
        answer_by=None,
        mediation_by=None,
        warned_at=None,
        **changes,
    )
    now = timezone.now()
    dispute.offers.standing().update(ended_at=now)
    dispute.decisions.waiting().update(refused_at=now, refusal="The dispute ended in another way.")


def _return_contract(contract: Contract, actor: User | None) -> None:
    """After its last dispute the contract is again what it was before, or over when nothing is left to do."""
    if contract.status != ContractStatus.DISPUTED or contract.disputes.live().exists():
        return
    began = contract.events.filter(move="dispute").latest("id")
    if began.from_status == ContractStatus.PAUSED:
        CONTRACT_LIFECYCLE.perform(contract, "carry_on_paused", actor=actor)
    else:
        stood_still = timezone.now() - stopped_at(contract)
        CONTRACT_LIFECYCLE.perform(contract, "carry_on", actor=actor)
        prolong_clocks(contract, stood_still)
    finish_if_done(contract, None)
