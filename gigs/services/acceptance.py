"""A helper takes a gig."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.policies import why_not_act
from accounts.services import audit
from chat.rules import RoomKind
from chat.services import open_room
from core.errors import Conflict, NotFound, require
from gigs import policies
from gigs.models import Gig
from gigs.rules import GIG_LIFECYCLE, GigStatus
from notifications.services import notify


@transaction.atomic
def accept_gig(actor: User, *, gig_id: int) -> Gig:
    """The first helper gets it, with a chat room of the two; everybody else Conflict `gig_taken`.

    The row's lock decides. The winner may repeat the request and gets the gig again.
    """
    gig = Gig.objects.select_for_update(no_key=True).filter(pk=gig_id).first()
    if gig is None:
        raise NotFound
    if gig.helper_id == actor.pk and gig.status != GigStatus.CANCELLED:
        return gig
    hidden = gig.status == GigStatus.CANCELLED or gig.seeker.is_suspended
    if hidden and not policies.role_in(gig, actor):
        raise NotFound
    require(policies.why_not_accept(actor, gig))
    if gig.status in {GigStatus.ACCEPTED, GigStatus.IN_PROGRESS, GigStatus.COMPLETED}:
        raise Conflict("gig_taken", "Another helper was quicker. There may be more gigs near you.")
    url = reverse("gigs:detail", args=[gig.pk])
    GIG_LIFECYCLE.perform(gig, "accept", actor=actor, helper=actor, accepted_at=timezone.now())
    # Who closes their account at this moment waits for this lock and then sees the gig, or we wait and see it closed.
    require(why_not_act(User.objects.select_for_update(no_key=True).get(pk=actor.pk)))
    gig.room = open_room(kind=RoomKind.GIG, members=[gig.seeker, actor], subject=gig.title, url=url)
    gig.save(update_fields=["room"])
    audit.record(actor, "gig.accepted", gig)
    notify(
        gig.seeker,
        kind="gig_accepted",
        title=f"{actor.get_full_name()} accepted your gig",
        message=f"{gig.title}. Pay in {gig.budget} so that the work can start.",
        url=url,
        data={"gig_id": gig.pk},
        email="gigs/emails/gig_accepted",
        context={"title": gig.title, "helper": actor.get_full_name(), "amount": gig.budget},
    )
    return gig
