"""Loading for change: visible to the person, locked, project before proposal."""

from accounts.models import User
from core.queries import get_or_refuse
from projects.models import Project, Proposal
from projects.querysets import ProjectQuerySet


def _locked() -> ProjectQuerySet:
    return Project.objects.select_for_update(of=("self",), no_key=True).select_related("client").defer("search")


def lock_project(actor: User, project_id: int) -> Project:
    return get_or_refuse(_locked().visible_to(actor), pk=project_id)


def lock_proposal(actor: User, proposal_id: int) -> Proposal:
    """The proposal with its locked project as `.project`."""
    project_id = get_or_refuse(Proposal.objects.visible_to(actor).only("project_id"), pk=proposal_id).project_id
    project = _locked().get(pk=project_id)
    proposal = Proposal.objects.select_for_update(of=("self",), no_key=True).with_freelancer().get(pk=proposal_id)
    proposal.project = project
    return proposal
