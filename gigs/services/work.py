"""Starting and finishing."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from core.clock import database_now
from core.errors import Conflict, require
from gigs import policies
from gigs.models import Gig
from gigs.rules import GIG_LIFECYCLE, GigStatus
from gigs.services.loading import lock_gig
from notifications.services import notify
from payments.rules import HoldStatus, silence_at


@transaction.atomic
def start_gig(actor: User, *, gig_id: int) -> Gig:
    """The helper begins. Only once the funds are held: Conflict `gig_not_funded`."""
    gig = lock_gig(actor, gig_id)
    require(policies.why_not_helper(actor, gig))
    if gig.status == GigStatus.IN_PROGRESS:
        return gig
    if gig.status == GigStatus.ACCEPTED and (gig.hold is None or gig.hold.status != HoldStatus.HELD):
        raise Conflict("gig_not_funded", "The funds are not held yet. Wait before you start.")
    GIG_LIFECYCLE.perform(gig, "start", actor=actor, code="gig_not_accepted")
    _tell_seeker(gig, "gig_started", "Your gig is under way", f"{actor.get_full_name()} has started.")
    return gig


@transaction.atomic
def complete_gig(actor: User, *, gig_id: int) -> Gig:
    """The helper is done; the seeker looks and releases. Starts the clock, after which silence does."""
    gig = lock_gig(actor, gig_id)
    require(policies.why_not_helper(actor, gig))
    if gig.status == GigStatus.COMPLETED:
        return gig
    now = database_now()
    GIG_LIFECYCLE.perform(
        gig, "complete", actor=actor, code="gig_not_started", completed_at=now, release_at=_silence_at(gig, now)
    )
    _tell_seeker(gig, "gig_completed", "Your gig is done", f"Look at it and release {gig.budget}.")
    return gig


def _silence_at(gig: Gig, now: datetime) -> datetime | None:
    """None only where nothing was paid in: such a gig was never started, so it is refused."""
    funded_at = gig.hold and gig.hold.funded_at
    return silence_at(now, gig.approval_days, funded_at) if funded_at else None


def _tell_seeker(gig: Gig, kind: str, title: str, message: str) -> None:
    notify(
        gig.seeker,
        kind=kind,
        title=title,
        message=f"{gig.title}. {message}",
        url=reverse("gigs:detail", args=[gig.pk]),
        data={"gig_id": gig.pk},
    )
