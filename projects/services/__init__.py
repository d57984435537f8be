"""Use cases of projects and proposals."""

from projects.services.closing import cancel_project, close_project, complete_project, delete_draft
from projects.services.deciding import reject_others, reject_proposal, shortlist_proposal, unshortlist_proposal
from projects.services.loading import lock_project_of
from projects.services.posting import ProjectDetails, edit_project, post_project, publish_project, start_project
from projects.services.proposing import Offer, Step, edit_proposal, send_proposal, withdraw_proposal

__all__ = [
    "Offer",
    "ProjectDetails",
    "Step",
    "cancel_project",
    "close_project",
    "complete_project",
    "delete_draft",
    "edit_project",
    "edit_proposal",
    "lock_project_of",
    "post_project",
    "publish_project",
    "reject_others",
    "reject_proposal",
    "send_proposal",
    "shortlist_proposal",
    "start_project",
    "unshortlist_proposal",
    "withdraw_proposal",
]
