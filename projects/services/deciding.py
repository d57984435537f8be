"""What the client makes of proposals. Accepting one is hiring, and lives in contracts."""

from functools import cache

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from core.errors import require
from core.statements import Selection
from notifications.services import notify
from projects import policies
from projects.models import Project, Proposal
from projects.rules import PROPOSAL_LIFECYCLE, ProposalStatus
from projects.selectors import ANY_PROJECT
from projects.services.loading import lock_proposal


@transaction.atomic
def shortlist_proposal(actor: User, *, proposal_id: int) -> Proposal:
    """Put it beside the other favourites. Conflict `proposal_already_decided` once it was accepted or ended."""
    proposal = _lock_received(actor, proposal_id)
    if proposal.status != ProposalStatus.SHORTLISTED:
        PROPOSAL_LIFECYCLE.perform(proposal, "shortlist", actor=actor, code="proposal_already_decided")
    return proposal


@transaction.atomic
def unshortlist_proposal(actor: User, *, proposal_id: int) -> Proposal:
    """Put it back among the others."""
    proposal = _lock_received(actor, proposal_id)
    if proposal.status != ProposalStatus.SUBMITTED:
        PROPOSAL_LIFECYCLE.perform(proposal, "unshortlist", actor=actor, code="proposal_already_decided")
    return proposal


@transaction.atomic
def reject_proposal(actor: User, *, proposal_id: int, reason: str = "") -> Proposal:
    """Say no, with a word why if the client likes. Conflict `proposal_already_decided` once it was accepted."""
    proposal = _lock_received(actor, proposal_id)
    if proposal.status == ProposalStatus.REJECTED:
        return proposal
    PROPOSAL_LIFECYCLE.perform(proposal, "reject", actor=actor, reason=reason, code="proposal_already_decided")
    title = proposal.project.title
    _tell_rejected(proposal, "Your proposal was not chosen", f"{title}. {reason}" if reason else title)
    return proposal


def reject_others(project: Project, *, except_id: int, actor: User) -> None:
    """Somebody else was hired. The caller holds the project's lock and its transaction."""
    reject_live(project, except_id=except_id, actor=actor, title="The client chose somebody else")


def reject_live(project: Project, *, actor: User, title: str, except_id: int | None = None) -> None:
    """Reject what is still undecided and tell each freelancer. The caller holds the project's lock."""
    for proposal in _undecided().run(project=project.pk):
        if proposal.pk != except_id:
            PROPOSAL_LIFECYCLE.perform(proposal, "reject", actor=actor, reason=title, code="proposal_already_decided")
            _tell_rejected(proposal, title, project.title)


@cache
def _undecided() -> Selection[Proposal]:
    rows = Proposal.objects.live().filter(project=ANY_PROJECT).select_related("freelancer").order_by("pk")
    return Selection(rows, project=ANY_PROJECT)


def _tell_rejected(proposal: Proposal, title: str, message: str) -> None:
    notify(
        proposal.freelancer,
        kind="proposal_rejected",
        title=title,
        message=message,
        url=reverse("projects:detail", args=[proposal.project_id]),
        data={"project_id": proposal.project_id, "proposal_id": proposal.pk},
    )


def _lock_received(actor: User, proposal_id: int) -> Proposal:
    proposal = lock_proposal(actor, proposal_id)
    require(policies.why_not_manage(actor, proposal.project))
    return proposal
