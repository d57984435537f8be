"""Loading for change: visible to the person, locked, project before proposal."""

from functools import cache

from accounts.models import User
from core.errors import NotFound
from core.queries import found
from core.statements import Selection, Statement
from projects.models import Project, Proposal
from projects.querysets import ProjectQuerySet
from projects.selectors import ANY_PROJECT, ANY_PROPOSAL, ANY_USER


def lock_project(actor: User, project_id: int) -> Project:
    return found(_visible_project().first(project=project_id, user=actor.pk))


def lock_project_of(actor: User, proposal_id: int) -> Project:
    """The project of a proposal that the person sent or received."""
    proposals = _visible_proposal().run(proposal=proposal_id, user=actor.pk)
    if not proposals:
        raise NotFound
    return found(_project().first(project=proposals[0]["project_id"]))


def lock_proposal(actor: User, proposal_id: int) -> Proposal:
    """The proposal with its locked project as `.project`."""
    project = lock_project_of(actor, proposal_id)
    proposal = found(_proposal().first(proposal=proposal_id))
    proposal.project = project
    return proposal


def _locked() -> ProjectQuerySet:
    return Project.objects.select_for_update(of=("self",), no_key=True).select_related("client").defer("search")


@cache
def _project() -> Selection[Project]:
    return Selection(_locked().filter(pk=ANY_PROJECT).order_by(), project=ANY_PROJECT)


@cache
def _visible_project() -> Selection[Project]:
    rows = _locked().visible_to(User(pk=ANY_USER)).filter(pk=ANY_PROJECT).order_by()
    return Selection(rows, project=ANY_PROJECT, user=ANY_USER)


@cache
def _visible_proposal() -> Statement:
    rows = Proposal.objects.visible_to(User(pk=ANY_USER)).filter(pk=ANY_PROPOSAL).order_by()
    return Statement(rows, ["project_id"], proposal=ANY_PROPOSAL, user=ANY_USER)


@cache
def _proposal() -> Selection[Proposal]:
    rows = Proposal.objects.select_for_update(of=("self",), no_key=True).with_freelancer()
    return Selection(rows.filter(pk=ANY_PROPOSAL).order_by(), proposal=ANY_PROPOSAL)
