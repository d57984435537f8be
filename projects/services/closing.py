"""The end of a project: called off, thrown away, or done."""

from django.db import transaction

from accounts.models import User
from accounts.services import audit
from core.errors import Conflict, require
from projects import policies
from projects.models import Project
from projects.rules import PROJECT_LIFECYCLE, ProjectStatus
from projects.services.deciding import reject_live
from projects.services.loading import lock_project


@transaction.atomic
def close_project(actor: User, *, project_id: int, reason: str = "") -> Project:
    """Call off a draft or open project and tell everybody who proposed. Conflict `project_not_open` later on."""
    project = lock_project(actor, project_id)
    require(policies.why_not_manage(actor, project))
    if project.status == ProjectStatus.CANCELLED:
        return project
    PROJECT_LIFECYCLE.perform(project, "close", actor=actor, reason=reason, code="project_not_open")
    reject_live(project, actor=actor, title="A project was closed without hiring")
    audit.record(actor, "project.closed", project, reason=reason)
    return project


@transaction.atomic
def delete_draft(actor: User, *, project_id: int) -> None:
    """Throw a draft away. Conflict `project_not_draft` for anything that others may have seen."""
    project = lock_project(actor, project_id)
    require(policies.why_not_manage(actor, project))
    if project.status != ProjectStatus.DRAFT:
        raise Conflict("project_not_draft", "Only drafts can be deleted. Close the project instead.")
    audit.record(actor, "project.deleted", project, title=project.title)
    project.delete()


def complete_project(project: Project, *, actor: User | None) -> None:
    """The contract is done."""
    PROJECT_LIFECYCLE.perform(project, "complete", actor=actor, code="project_not_in_progress")


def cancel_project(project: Project, *, actor: User | None) -> None:
    """The contract was ended without work."""
    PROJECT_LIFECYCLE.perform(project, "cancel", actor=actor, code="project_not_in_progress")
