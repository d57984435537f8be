"""Somebody closes their account: open gigs are called off, and exact places go."""

from django.db.models import F

from accounts.models import Upload, User
from accounts.services import audit
from gigs.models import Gig
from gigs.rules import GIG_LIFECYCLE

LEFT = "The person closed their account."


def withdraw_of(user: User) -> None:
    """Call off what nobody has accepted yet. Asks no policy: leaving is open to everybody."""
    for gig in Gig.objects.filter(seeker=user).unaccepted().order_by("pk").select_for_update(no_key=True):
        GIG_LIFECYCLE.perform(gig, "cancel", actor=user, reason=LEFT, code="gig_under_way")
        audit.record(user, "gig.cancelled", gig)


def erase_of(user: User) -> None:
    """Addresses, exact places and pictures of the gigs that the person posted."""
    posted = Gig.objects.filter(seeker=user)
    posted.update(address="", location=F("public_location"))
    Upload.gigs.through.objects.filter(gig__in=posted).delete()
