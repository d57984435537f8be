"""Posting, publishing and editing a project."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Category, Skill, User
from accounts.rules import ExperienceLevel, UploadKind
from accounts.services import audit, uploads
from core.errors import Conflict, FieldErrors, Invalid, require
from core.money import Money
from notifications.services import queue_email
from payments.selectors import project_files
from projects import policies
from projects.models import Project
from projects.rules import (
    EDITABLE_PROJECTS,
    MAX_PROJECT_FILES,
    MAX_PROJECT_SKILLS,
    PROJECT_LIFECYCLE,
    ProjectStatus,
    Visibility,
)
from projects.services.loading import lock_project


@dataclass(frozen=True, kw_only=True)
class ProjectDetails:
    """What the client says about the work. The budget is a range; for hourly work it is the rate an hour."""

    title: str
    description: str
    category: Category
    budget_type: str
    budget_min: Money
    budget_max: Money
    experience_level: str = ExperienceLevel.INTERMEDIATE
    estimated_duration: str = ""
    skills: Sequence[Skill] = ()
    visibility: str = Visibility.PUBLIC
    deadline: date | None = None
    attachment_ids: Sequence[int] = ()


@transaction.atomic
def post_project(actor: User, *, details: ProjectDetails, status: str = ProjectStatus.OPEN) -> Project:
    """Keep a project as a draft, or open it for proposals at once."""
    require(policies.why_not_post(actor))
    _check(actor, details)
    project = Project(client=actor, status=status, **_columns(details))
    if status == ProjectStatus.OPEN:
        project.published_at = project.created_at
    project.save()
    project.skills.add(*details.skills)
    project.attachments.add(*uploads.claim(actor, ids=details.attachment_ids, kind=UploadKind.ATTACHMENT))
    project.events.create(move="post", to_status=project.status, actor=actor)
    audit.record(actor, "project.posted", project, status=project.status)
    if project.status == ProjectStatus.OPEN:
        _tell_client(project)
    return project


@transaction.atomic
def publish_project(actor: User, *, project_id: int) -> Project:
    """Open a draft for proposals; it is listed as new from now on. Conflict `project_not_draft` later on."""
    project = lock_project(actor, project_id)
    require(policies.why_not_manage(actor, project))
    if project.status == ProjectStatus.OPEN:
        return project
    _check_deadline(project.deadline)
    now = timezone.now()
    PROJECT_LIFECYCLE.perform(
        project, "publish", actor=actor, code="project_not_draft", published_at=now, created_at=now
    )
    audit.record(actor, "project.published", project)
    _tell_client(project)
    return project


@transaction.atomic
def edit_project(actor: User, *, project_id: int, **changes: Any) -> Project:
    """Change any of the ProjectDetails of a draft or open project. Conflict `project_not_editable` afterwards.

    Once somebody has proposed, the currency and the way of paying stay: Conflict `project_has_proposals`.
    """
    project = lock_project(actor, project_id)
    require(policies.why_not_manage(actor, project))
    if project.status not in EDITABLE_PROJECTS:
        raise Conflict(
            "project_not_editable", f"This project is {project.get_status_display().lower()} and cannot be changed."
        )
    before = details_of(project)
    details = replace(before, **changes)
    _check(actor, details, deadline_kept=details.deadline == before.deadline)
    _check_promises(project, before, details)
    for column, value in _columns(details).items():
        setattr(project, column, value)
    project.updated_at = timezone.now()
    project.save()
    project.skills.set(details.skills)
    project.attachments.set(uploads.claim(actor, ids=details.attachment_ids, kind=UploadKind.ATTACHMENT))
    return project


def details_of(project: Project) -> ProjectDetails:
    return ProjectDetails(
        title=project.title,
        description=project.description,
        category=project.category,
        budget_type=project.budget_type,
        budget_min=project.budget_min,
        budget_max=project.budget_max,
        experience_level=project.experience_level,
        estimated_duration=project.estimated_duration,
        skills=list(project.skills.all()),
        visibility=project.visibility,
        deadline=project.deadline,
        attachment_ids=list(project.attachments.values_list("pk", flat=True)),
    )


def start_project(project: Project, *, actor: User) -> None:
    """Somebody was hired. The caller holds the project's lock."""
    PROJECT_LIFECYCLE.perform(project, "start", actor=actor, code="project_not_open")


def _check(client: User, details: ProjectDetails, *, deadline_kept: bool = False) -> None:
    fields: dict[str, list[str]] = {}
    if details.budget_min.currency != details.budget_max.currency:
        fields["currency"] = ["Both ends of the budget are in one currency."]
    elif details.budget_max < details.budget_min:
        fields["budget_max"] = ["The upper end is below the lower one."]
    if len(details.skills) > MAX_PROJECT_SKILLS:
        fields["skills"] = [f"At most {MAX_PROJECT_SKILLS} skills."]
    most_files = project_files(client, usual=MAX_PROJECT_FILES)
    if len(details.attachment_ids) > most_files:
        fields["attachment_ids"] = [f"At most {most_files} files."]
    if fields:
        raise Invalid(fields=fields)
    if not deadline_kept:
        _check_deadline(details.deadline)


def _check_deadline(deadline: date | None) -> None:
    if deadline and deadline < timezone.now().date():
        raise Invalid(fields={"deadline": ["This day has passed."]})


def _check_promises(project: Project, before: ProjectDetails, after: ProjectDetails) -> None:
    """People have made prices on these terms."""
    fields: FieldErrors = {
        name: ["This stays as it is once somebody has proposed."]
        for name, changed in (
            ("currency", before.budget_max.currency != after.budget_max.currency),
            ("budget_type", before.budget_type != after.budget_type),
        )
        if changed
    }
    if fields and project.proposals.live().exists():
        raise Conflict(
            "project_has_proposals",
            "Somebody has already proposed, so the currency and the way of paying stay as they are.",
            fields=fields,
        )


def _columns(details: ProjectDetails) -> dict[str, Any]:
    return {
        "title": details.title,
        "description": details.description,
        "category": details.category,
        "skill_names": [skill.name for skill in details.skills],
        "budget_type": details.budget_type,
        "budget_min_minor": details.budget_min.minor,
        "budget_max_minor": details.budget_max.minor,
        "currency": details.budget_max.currency,
        "experience_level": details.experience_level,
        "estimated_duration": details.estimated_duration,
        "visibility": details.visibility,
        "deadline": details.deadline,
    }


def _tell_client(project: Project) -> None:
    url = reverse("projects:detail", args=[project.pk])
    queue_email(
        project.client, template="projects/emails/project_created", context={"project": project.title, "url": url}
    )
