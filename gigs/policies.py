"""Who may do what with a gig. Each answer is None (may) or the reason why not."""

from accounts.models import User
from accounts.policies import why_not_act, why_not_let_go
from core.errors import Refusal
from gigs.models import Gig, NoShow


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
    """Editing and paying are the seeker's."""
    return _why_not_the_seeker(actor, gig) or why_not_act(actor)


def why_not_release(actor: User, gig: Gig) -> Refusal | None:
    """The seeker's too, and a duty: suspended seekers still release what the helper earned."""
    return _why_not_the_seeker(actor, gig) or why_not_let_go(actor)


def why_not_helper(actor: User, gig: Gig) -> Refusal | None:
    """Starting and finishing are the helper's."""
    if role_in(gig, actor) != "helper":
        return Refusal("not_the_helper", "Only the helper of this gig can do this.")
    return why_not_act(actor)


def why_not_cancel(actor: User, gig: Gig) -> Refusal | None:
    """Open to both sides. What is held goes to the seeker, so a suspended helper may give it."""
    if refusal := _why_not_a_side(actor, gig):
        return refusal
    return why_not_let_go(actor) if role_in(gig, actor) == "helper" else why_not_act(actor)


def why_not_report_no_show(actor: User, gig: Gig) -> Refusal | None:
    """Open to both sides; it may take money from the other one."""
    return _why_not_a_side(actor, gig) or why_not_act(actor)


def why_not_answer_no_show(actor: User, no_show: NoShow) -> Refusal | None:
    """For whom it is about, suspended or not: silence would cost them."""
    if no_show.reporter_id == actor.pk:
        return Refusal("own_report", "The other side answers this. You can take it back.")
    return _why_not_a_side(actor, no_show.gig) or why_not_let_go(actor)


def why_not_withdraw_no_show(actor: User, no_show: NoShow) -> Refusal | None:
    if no_show.reporter_id != actor.pk:
        return Refusal("not_the_reporter", "Only the person who reported it can take it back.")
    return why_not_let_go(actor)


def why_not_moderate(actor: User, gig: Gig) -> Refusal | None:
    """Calling off at no cost, and deciding who did not come, are for staff who are not in it themselves."""
    if role_in(gig, actor):
        return Refusal("own_gig", "Somebody else has to decide: you are a side of this gig.")
    if not (actor.is_staff and actor.has_perm("gigs.change_gig")):
        return Refusal("not_staff", "Only staff who may change gigs can do this.")
    return None


def _why_not_a_side(actor: User, gig: Gig) -> Refusal | None:
    if not role_in(gig, actor):
        return Refusal("not_a_party", "Only the two sides of this gig can do this.")
    return None


def _why_not_the_seeker(actor: User, gig: Gig) -> Refusal | None:
    if gig.seeker_id != actor.pk:
        return Refusal("not_the_seeker", "Only the person who posted this gig can do this.")
    return None
