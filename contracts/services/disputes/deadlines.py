"""What happens by itself: silence pays the claim, an unanswered counter-offer leads to the staff, and a mediation ends.

Every deadline is looked at again under the locks, by the database's clock: an answer may have come in between.
"""

import structlog
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from contracts.models import Dispute
from contracts.rules import DisputeStatus, Side
from contracts.rules.dispute import middle
from contracts.services.disputes.answering import begin_mediation
from contracts.services.disputes.ending import pay_out
from contracts.services.disputes.loading import lock_dispute
from contracts.services.disputes.news import alarm_staff, remind
from contracts.services.settling import BATCH, settle_each
from core.money import Money
from payments.rules import common_step

logger = structlog.get_logger(__name__)


def meet_deadlines() -> int:
    """Do what is due. Returns how many disputes moved on."""
    due = Dispute.objects.overdue(Now()).order_by("pk")[:BATCH]
    return settle_each([(dispute,) for dispute in due], _meet_one)


def warn_of_deadlines() -> int:
    """Tell whoever is expected to act soon, once. Returns how many were told."""
    due = Dispute.objects.to_warn(Now()).order_by("pk")[:BATCH]
    return settle_each([(dispute,) for dispute in due], _warn_one)


@transaction.atomic
def _meet_one(found: Dispute) -> bool:
    dispute = lock_dispute(found)
    if not Dispute.objects.overdue(Now()).filter(pk=dispute.pk).exists():
        return False
    _move_on(dispute)
    logger.info("dispute_moved_by_itself", dispute_id=dispute.pk, status=dispute.status)
    return True


def _move_on(dispute: Dispute) -> None:
    if dispute.status == DisputeStatus.OPEN:
        pay_out(
            dispute,
            "pay_claim",
            actor=None,
            to_freelancer=dispute.claimed_for_freelancer,
            reasons="The claim was not answered in time, so it is paid as it stands.",
        )
    elif dispute.status == DisputeStatus.ANSWERED:
        begin_mediation(dispute, "ask_mediation", actor=None)
    else:
        pay_out(
            dispute,
            "decide_by_rule",
            actor=None,
            to_freelancer=middle(*stands(dispute), unit=common_step(dispute.currency)),
            reasons="No decision was made in time. What is held is split halfway between what each side last stood for.",
        )


def stands(dispute: Dispute) -> tuple[Money, Money]:
    """What the opener and the other side last stood for, as the freelancer's part (gross).

    The opener's claim and the opposite of it, until somebody offered something else.
    """
    nothing = Money(0, dispute.currency)
    opener = dispute.claimed_for_freelancer
    other = nothing if dispute.side == Side.FREELANCER else dispute.held
    for offer in dispute.offers.standing():
        if offer.by_id == dispute.opener_id:
            opener = offer.to_freelancer
        else:
            other = offer.to_freelancer
    return opener, other


@transaction.atomic
def _warn_one(found: Dispute) -> bool:
    dispute = lock_dispute(found)
    if not Dispute.objects.to_warn(Now()).filter(pk=dispute.pk).exists():
        return False
    dispute.warned_at = timezone.now()
    dispute.save(update_fields=["warned_at"])
    if dispute.status == DisputeStatus.MEDIATION:
        logger.warning("dispute_waits_for_staff", dispute_id=dispute.pk, until=str(dispute.mediation_by))
        alarm_staff(dispute)
    else:
        remind(dispute)
    return True
