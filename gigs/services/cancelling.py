"""Calling a gig off."""

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.policies import words_of
from accounts.services import audit
from core.errors import require
from core.queries import get_or_refuse
from gigs import policies
from gigs.models import Gig
from gigs.rules import GIG_LIFECYCLE, GigStatus
from gigs.services.loading import lock_gig
from notifications.services import notify
from payments.services import refund_hold


@transaction.atomic
def cancel_gig(actor: User, *, gig_id: int, reason: str = "") -> Gig:
    """Before the work starts, either side may call it off; what is held goes back to the seeker in full."""
    gig = lock_gig(actor, gig_id)
    require(policies.why_not_cancel(actor, gig))
    return gig if gig.status == GigStatus.CANCELLED else _cancel(gig, actor, words_of(actor, reason))


@transaction.atomic
def cancel_gig_as_staff(actor: User, *, gig_id: int, reason: str) -> Gig:
    """For staff who may change gigs: the same for somebody else's gig. Both sides are told."""
    gig = get_or_refuse(Gig.objects.select_for_update(no_key=True), pk=gig_id)
    require(policies.why_not_moderate(actor))
    return _cancel(gig, actor, reason)


def _cancel(gig: Gig, actor: User, reason: str) -> Gig:
    GIG_LIFECYCLE.perform(gig, "cancel", actor=actor, reason=reason, code="gig_under_way")
    if gig.hold:
        refund_hold(actor, hold=gig.hold, reason="The gig was cancelled.", cause=f"gig:{gig.pk}")
    audit.record(actor, "gig.cancelled", gig, reason=reason)
    for person in (gig.seeker, gig.helper):
        if person and person != actor:
            notify(
                person,
                kind="gig_cancelled",
                title="A gig was cancelled",
                message=f"{gig.title}. {reason}".strip(),
                url=reverse("gigs:detail", args=[gig.pk]),
                data={"gig_id": gig.pk},
            )
    return gig
