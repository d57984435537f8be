"""Somebody closes their account: what waits for an answer is taken back, and what is only theirs goes."""

from django.db.models import F, Q

from accounts.models import Upload, User
from accounts.services import audit
from projects.models import Project
from projects.rules import PROJECT_LIFECYCLE, PROPOSAL_LIFECYCLE, ProjectStatus, ProposalStatus
from projects.services.deciding import reject_live

LEFT = "The person closed their account."


def withdraw_of(user: User) -> None:
    """Close the projects that nobody was hired for yet, and withdraw undecided proposals. Asks no policy: leaving is
    open to everybody. The caller holds the transaction.
    """
    # All of both at once, by id: the other side of a proposal may leave at this moment, too.
    concerned = Q(client=user, status=ProjectStatus.OPEN) | Q(pk__in=user.proposals.live().values("project"))
    projects = Project.objects.filter(concerned).defer("search").order_by("pk").select_for_update(no_key=True)
    for project in [project for project in projects if project.client_id == user.pk]:
        PROJECT_LIFECYCLE.perform(project, "close", actor=user, reason=LEFT, code="project_not_open")
        reject_live(project, actor=user, title="A project was closed without hiring")
        audit.record(user, "project.closed", project)
    for proposal in user.proposals.live().order_by("pk"):
        PROPOSAL_LIFECYCLE.perform(proposal, "withdraw", actor=user, reason=LEFT, code="proposal_already_decided")
        Project.objects.filter(pk=proposal.project_id).update(proposal_count=F("proposal_count") - 1)
        audit.record(user, "proposal.withdrawn", proposal)


def erase_of(user: User) -> None:
    """Drafts, files of projects that never became work, and the letters of proposals that were not accepted."""
    Project.objects.filter(client=user, status=ProjectStatus.DRAFT).delete()
    unhired = Project.objects.filter(client=user, contracts=None)
    Upload.projects.through.objects.filter(project__in=unhired).delete()
    user.proposals.exclude(status=ProposalStatus.ACCEPTED).update(cover_letter="")
