"""Who may do what with a gig. Each answer is None (may) or the reason why not."""

from accounts.models import User
from accounts.policies import why_not_act
from core.errors import Refusal
from gigs.models import Gig


def role_in(gig: Gig, user: User) -> str:
    """ "seeker", "helper", or "" for anybody else."""
    if user.pk == gig.seeker_id:
        return "seeker"
    return "helper" if user.pk is not None and user.pk == gig.helper_id else ""


def sees_exact_place(gig: Gig, user: User) -> bool:
    """The two parties; everybody else gets the blurred place and the area's name."""
    return bool(role_in(gig, user))


def why_not_post(actor: User) -> Refusal | None:
    if not actor.is_client:
        return Refusal("not_a_client", "Turn on hiring in your settings to post a gig.")
    return why_not_act(actor)


def why_not_accept(actor: User, gig: Gig) -> Refusal | None:
    if gig.seeker_id == actor.pk:
        return Refusal("own_gig", "You cannot accept your own gig.")
    if not actor.is_freelancer:
        return Refusal("not_a_helper", "Turn on working in your settings to accept gigs.")
    return why_not_act(actor)


def why_not_seeker(actor: User, gig: Gig) -> Refusal | None:
    """Editing, paying and releasing are the seeker's."""
    if gig.seeker_id != actor.pk:
        return Refusal("not_the_seeker", "Only the person who posted this gig can do this.")
    return why_not_act(actor)


def why_not_helper(actor: User, gig: Gig) -> Refusal | None:
    """Starting and finishing are the helper's."""
    if role_in(gig, actor) != "helper":
        return Refusal("not_the_helper", "Only the helper of this gig can do this.")
    return why_not_act(actor)


def why_not_cancel(actor: User, gig: Gig) -> Refusal | None:
    if not role_in(gig, actor):
        return Refusal("not_a_party", "Only the two sides of this gig can cancel it.")
    return why_not_act(actor)


def why_not_moderate(actor: User) -> Refusal | None:
    if not (actor.is_staff and actor.has_perm("gigs.change_gig")):
        return Refusal("not_staff", "Only staff who may change gigs can do this.")
    return None
