"""Loading for change: visible to the person, locked, project before proposal."""

from accounts.models import User
from core.queries import get_or_refuse
from projects.models import Project, Proposal


def lock_project(actor: User, project_id: int) -> Project:
    get_or_refuse(Project.objects.visible_to(actor), pk=project_id)
    return Project.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=project_id)


def lock_proposal(actor: User, proposal_id: int) -> Proposal:
    """The proposal with its locked project as `.project`."""
    project_id = get_or_refuse(Proposal.objects.visible_to(actor), pk=proposal_id).project_id
    project = Project.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=project_id)
    proposal = (
        Proposal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("freelancer__freelancer_profile")
        .get(pk=proposal_id)
    )
    proposal.project = project
    return proposal
