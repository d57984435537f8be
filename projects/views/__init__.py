"""Pages of projects and proposals."""

from projects.views.actions import close, delete, publish, reject, shortlist, unshortlist, withdraw
from projects.views.browse import project_list
from projects.views.mine import mine
from projects.views.project import detail, edit, new
from projects.views.proposal import compare, edit_proposal, proposal, propose

__all__ = [
    "close",
    "compare",
    "delete",
    "detail",
    "edit",
    "edit_proposal",
    "mine",
    "new",
    "project_list",
    "proposal",
    "propose",
    "publish",
    "reject",
    "shortlist",
    "unshortlist",
    "withdraw",
]
