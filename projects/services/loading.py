"""Loading for change: visible to the person, locked, project before proposal."""

from django.db.models import QuerySet

from accounts.models import User
from core.queries import get_or_refuse
from projects.models import Project, Proposal


def _locked() -> QuerySet[Project]:
    return Project.objects.select_for_update(of=("self",), no_key=True).select_related("client").defer("search")


def lock_project(actor: User, project_id: int) -> Project:
    get_or_refuse(Project.objects.visible_to(actor).only("pk"), pk=project_id)
    return _locked().get(pk=project_id)


def lock_proposal(actor: User, proposal_id: int) -> Proposal:
    """The proposal with its locked project as `.project`."""
    project_id = get_or_refuse(Proposal.objects.visible_to(actor).only("project_id"), pk=proposal_id).project_id
    project = _locked().get(pk=project_id)
    proposal = Proposal.objects.select_for_update(of=("self",), no_key=True).with_freelancer().get(pk=proposal_id)
    proposal.project = project
    return proposal
