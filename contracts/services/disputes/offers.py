"""Agreeing: offers of a split, and taking one or the claim itself."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.selectors import marketplace_rules
from accounts.services import audit
from contracts import policies
from contracts.models import Dispute, DisputeOffer
from contracts.rules import DISPUTE_LIFECYCLE, DisputeStatus
from contracts.rules.dispute import MAX_OFFERS
from contracts.services.disputes.ending import pay_out
from contracts.services.disputes.loading import lock_visible_dispute, require_live, require_share
from contracts.services.disputes.news import tell_offer
from core.errors import Conflict, Forbidden, require
from core.money import Money
from core.queries import get_or_refuse


@transaction.atomic
def accept_claim(actor: User, *, dispute_id: int) -> Dispute:
    """The other side agrees with the claim as it stands: it is paid."""
    dispute = lock_visible_dispute(actor, dispute_id)
    require(policies.why_not_answer_dispute(actor, dispute))
    require_live(dispute)
    return pay_out(dispute, "accept_claim", actor=actor, to_freelancer=dispute.claimed_for_freelancer)


@transaction.atomic
def offer_split(actor: User, *, dispute_id: int, to_freelancer: Money, note: str = "") -> DisputeOffer:
    """Say which split one would agree to. It takes the place of one's earlier offer.

    To the claim it is an answer (a counter-offer), and gives the opener as long to answer it.
    """
    dispute = lock_visible_dispute(actor, dispute_id)
    require_live(dispute)
    require_share(dispute, to_freelancer)
    if dispute.offers.filter(by=actor).count() >= MAX_OFFERS:
        raise Conflict("too_many_offers", f"Each side makes at most {MAX_OFFERS} offers. The mediator decides now.")
    dispute.offers.standing().filter(by=actor).update(ended_at=timezone.now())
    offer = DisputeOffer.objects.create(
        dispute=dispute,
        by=actor,
        to_freelancer_minor=to_freelancer.minor,
        to_client_minor=(dispute.held - to_freelancer).minor,
        currency=dispute.currency,
        note=note.strip(),
    )
    if dispute.status == DisputeStatus.OPEN and actor.pk != dispute.opener_id:
        DISPUTE_LIFECYCLE.perform(
            dispute,
            "counter",
            actor=actor,
            answer=note.strip(),
            answer_by=timezone.now() + timedelta(days=marketplace_rules().dispute_answer_days),
            warned_at=None,
        )
    audit.record(actor, "dispute.offered", dispute, to_freelancer=to_freelancer.as_string(), currency=dispute.currency)
    tell_offer(dispute, offer)
    return offer


@transaction.atomic
def accept_offer(actor: User, *, dispute_id: int, offer_id: int) -> Dispute:
    """Take the other side's standing offer: the dispute ends by agreement. Conflict `offer_ended` when it does not stand."""
    dispute = lock_visible_dispute(actor, dispute_id)
    offer = get_or_refuse(dispute.offers.all(), pk=offer_id)
    if offer.by_id == actor.pk:
        raise Forbidden("own_offer", "The other side accepts your offer.")
    require_live(dispute)
    if offer.ended_at:
        raise Conflict("offer_ended", "This offer does not stand any more.")
    now = timezone.now()
    dispute.offers.filter(pk=offer.pk).update(accepted_at=now, ended_at=now)
    return pay_out(dispute, "accept_offer", actor=actor, to_freelancer=offer.to_freelancer)
