"""Who may do what with projects and proposals. Each answer is None (may) or the reason why not."""

from accounts.models import User
from accounts.policies import why_not_act
from core.errors import Refusal
from projects.models import Project, Proposal


def why_not_post(actor: User) -> Refusal | None:
    if not actor.is_client:
        return Refusal("not_a_client", "Turn on hiring in your settings to post a project.")
    return why_not_act(actor)


def why_not_manage(actor: User, project: Project) -> Refusal | None:
    """Editing, publishing, closing, and deciding on its proposals are the client's."""
    return why_not_compare(actor, project) or why_not_act(actor)


def why_not_compare(actor: User, project: Project) -> Refusal | None:
    """Reading what came in is the client's, whatever their standing."""
    if project.client_id != actor.pk:
        return Refusal("not_the_client", "Only the person who posted this project can do this.")
    return None


def why_not_propose(actor: User, project: Project) -> Refusal | None:
    if project.client_id == actor.pk:
        return Refusal("own_project", "You cannot propose to your own project.")
    if not actor.is_freelancer:
        return Refusal("not_a_freelancer", "Turn on working in your settings to send proposals.")
    return why_not_act(actor)


def why_not_change(actor: User, proposal: Proposal) -> Refusal | None:
    """Editing and withdrawing are the freelancer's."""
    if proposal.freelancer_id != actor.pk:
        return Refusal("not_the_freelancer", "Only the person who sent this proposal can do this.")
    return why_not_act(actor)
