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
from contracts.services.disputes.news import tell_dropped, tell_outcome, tell_reduced
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
    figures = hold.quote(to_freelancer)
    split_hold(
        actor,
        hold=hold,
        to_payee=to_freelancer,
        reason=f"Outcome of dispute {dispute.pk}.",
        cause=f"dispute:{dispute.pk}",
    )
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
    audit.record(actor, "dispute.withdrawn", dispute)
    _free(dispute, actor, f"Dispute {dispute.pk} was withdrawn.")
    return dispute


def drop_overtaken(hold: Hold) -> None:
    """The held funds of a live dispute went back by another way (the payer's bank took them): nothing is left to decide.

    The caller holds the locks of the hold's contract and milestone.
    """
    if dispute := _lock_live(hold):
        _drop(dispute, "The funds are not held any more.")
        _return_contract(dispute.contract, None)


def follow_hold(hold: Hold) -> None:
    """The client's bank took back what a live dispute is about: it is over, or goes on over what is left.

    What the bank took counts as returned, so the client claims that much less; if nothing remains of the claim, the
    dispute is over and the work goes on. Offers and decisions of another sum end, so nobody agrees to what they never saw.
    The caller holds the locks of the hold's contract, and of its milestone or week.
    """
    if not hold.held:
        drop_overtaken(hold)
        return
    dispute = _lock_live(hold)
    if dispute is None:
        return
    taken = dispute.held - hold.held
    claim = dispute.claim - taken if dispute.side == Side.CLIENT else min(dispute.claim, hold.held)
    if claim.minor <= 0:
        _drop(dispute, "The client’s bank took back what was claimed.")
        _free(dispute, None, f"Dispute {dispute.pk} is over.")
        return
    _end_proposals(dispute, "The client’s bank took back a part of what is held.")
    dispute.held_minor, dispute.claim_minor = hold.held_minor, claim.minor
    dispute.updated_at = timezone.now()
    dispute.save(update_fields=["held_minor", "claim_minor", "updated_at"])
    dispute.events.create(
        move="reduce",
        from_status=dispute.status,
        to_status=dispute.status,
        reason=f"The client’s bank took back {taken}. {hold.held} is still held.",
    )
    audit.record(
        None,
        "dispute.reduced",
        dispute,
        taken=taken.as_string(),
        held=hold.held.as_string(),
        claim=claim.as_string(),
        currency=hold.currency,
    )
    tell_reduced(dispute, taken)


def _lock_live(hold: Hold) -> Dispute | None:
    return Dispute.objects.live().select_for_update(of=("self",), no_key=True).filter(hold=hold).first()


def _drop(dispute: Dispute, reason: str) -> None:
    _end(dispute, "drop", actor=None, reason=reason)
    audit.record(None, "dispute.dropped", dispute, reason=reason)
    logger.warning("dispute_overtaken", dispute_id=dispute.pk, hold_id=dispute.hold_id)
    tell_dropped(dispute, reason)


def _free(dispute: Dispute, actor: User | None, reason: str) -> None:
    """Without an outcome: the hold moves again by the usual rules, and the work goes on."""
    unfreeze_hold(actor, hold=dispute.hold, reason=reason)
    go_on(dispute)
    if dispute.week and dispute.side == Side.CLIENT:
        approve_hours(dispute.week, actor)
    _return_contract(dispute.contract, actor)


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
    _end_proposals(dispute, "The dispute ended in another way.")


def _end_proposals(dispute: Dispute, refusal: str) -> None:
    """Offers of the two sides, and a decision that waits for a second person."""
    now = timezone.now()
    dispute.offers.standing().update(ended_at=now)
    dispute.decisions.waiting().update(refused_at=now, refusal=refusal)


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
