"""Loading a gig for change: visible to the person, locked."""

from accounts.models import User
from core.queries import get_or_refuse
from gigs.models import Gig


def lock_gig(actor: User, gig_id: int) -> Gig:
    get_or_refuse(Gig.objects.visible_to(actor), pk=gig_id)
    return Gig.objects.select_for_update(no_key=True).get(pk=gig_id)
