"""One project: its page, and the form it is posted and changed with."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Upload, User
from accounts.rules import UploadKind
from core import pages
from core.errors import Conflict, DomainError, require
from core.queries import get_or_refuse
from core.regions import place_name
from core.templatetags.ui import money_range
from payments.rules import quote
from payments.selectors import fee_bps, project_files
from projects import policies, services
from projects.forms import LENGTHS, ProjectForm, ProposalForm, project_values
from projects.models import Project, Proposal
from projects.rules import EDITABLE_PROJECTS, MAX_PROJECT_FILES, BudgetType, ProjectStatus
from projects.selectors import COLUMNS
from projects.views.cards import card, skills_of

SIMILAR_SHOWN = 3
HIRED = (ProjectStatus.IN_PROGRESS, ProjectStatus.COMPLETED)


@login_not_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Public. The panel beside it is the reader's own: to propose, about their proposal, or the client's tools."""
    project = get_or_refuse(Project.objects.visible_to(request.user).with_client(), pk=pk)
    is_owner = project.client_id == request.user.pk
    mine = None if is_owner or not request.user.is_authenticated else _own_proposal(project, request.user)
    my_skills = skills_of(request.user)
    fee = _fee(project, request.user)
    own_fee = mine.fee_at(fee) if mine else fee
    context = {
        "project": project,
        "facts": _facts(project),
        "matched": [name for name in project.skill_names if name in my_skills],
        "files": [file_of(upload) for upload in project.attachments.all()],
        "client_facts": _client_facts(project.client),
        "place": place_name(project.client.city, project.client.country),
        "similar": _similar(project),
        "is_owner": is_owner,
        "can_edit": project.status in EDITABLE_PROJECTS,
        "mine": mine,
        "mine_quote": quote(mine.bid_amount, own_fee) if mine else None,
        "refusal": None if is_owner or mine else why_closed(project, request.user),
        "form": ProposalForm(project=project),
        "fee_bps": own_fee,
    }
    return render(request, "projects/detail.html", context)


def _fee(project: Project, user: Any) -> int:
    """What we would keep if the reader did this work."""
    return fee_bps(client=project.client, freelancer=user if user.is_authenticated else None)


def why_closed(project: Project, user: Any) -> str:
    """Why this reader cannot propose; empty when they can, or could after signing in."""
    if project.status != ProjectStatus.OPEN:
        return _("This project takes no more proposals.")
    if project.deadline and project.deadline < timezone.now().date():
        return _("The last day for proposals has passed.")
    refusal = policies.why_not_propose(user, project) if user.is_authenticated else None
    return refusal.message if refusal else ""


def file_of(upload: Upload) -> dict[str, Any]:
    """For components/file_chip.html and upload.html."""
    return {
        "id": upload.pk,
        "name": upload.name,
        "url": upload.url,
        "thumb": upload.thumbnail_url,
        "content_type": upload.content_type,
        "meta": filesizeformat(upload.size),
    }


def _own_proposal(project: Project, user: User) -> Proposal | None:
    """The latest one. With its contract, by its reverse name: contracts stands above projects and is not imported."""
    sent = project.proposals.filter(freelancer=user).select_related("contract")
    latest: Proposal | None = sent.order_by("-id").first()
    return latest


def _facts(project: Project) -> list[tuple[str, Any]]:
    is_hourly = project.budget_type == BudgetType.HOURLY
    per = _("h") if is_hourly else ""
    facts = [
        (_("Budget"), money_range(project.budget_min, project.budget_max, per=per)),
        (_("Paid"), _("By the hour") if is_hourly else _("Fixed, by milestone")),
        (_("Length"), project.estimated_duration),
        (_("Experience"), project.get_experience_level_display()),
        (_("Closes"), _day(project.deadline)),
    ]
    return [(label, value) for label, value in facts if value]


def _day(day: date | datetime | None) -> str:
    return date_format(day, "j F") if day else ""


def _client_facts(client: User) -> list[tuple[str, Any]]:
    """What the client has done here, counted from projects that were not drafts."""
    posted = Project.objects.filter(client=client).exclude(status=ProjectStatus.DRAFT)
    counts = posted.aggregate(posted=Count("pk"), hired=Count("pk", filter=Q(status__in=HIRED)))
    return [
        (_("Projects posted"), counts["posted"]),
        (_("Hired for"), counts["hired"]),
        (_("Here since"), date_format(client.date_joined, "F Y")),
    ]


def _similar(project: Project) -> list[dict[str, Any]]:
    others = Project.objects.listed().open().filter(category=project.category_id).exclude(pk=project.pk)
    return [card(row) for row in others.newest().values(*COLUMNS)[:SIMILAR_SHOWN]]


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_post(request.user))
    form = ProjectForm(request.POST or None, initial={"currency": request.user.currency})
    if request.method == "POST" and form.is_valid():
        status = ProjectStatus.DRAFT if "draft" in request.POST else ProjectStatus.OPEN
        try:
            project = services.post_project(
                request.user, details=services.ProjectDetails(**form.details()), status=status
            )
        except DomainError as error:
            pages.apply(form, error)
        else:
            said = _("Kept as a draft.") if status == ProjectStatus.DRAFT else _("Your project is open for proposals.")
            messages.success(request, said)
            return redirect("projects:detail", project.pk)
    return render(request, "projects/form.html", _form_context(request, form))


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_or_refuse(Project.objects.filter(client=request.user).with_client(), pk=pk)
    if project.status not in EDITABLE_PROJECTS:
        raise Conflict("project_not_editable", _("This project cannot be changed any more."))
    form = ProjectForm(request.POST or None, initial=project_values(project))
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_project(request.user, project_id=pk, **form.details())
            if project.status == ProjectStatus.DRAFT and "publish" in request.POST:
                services.publish_project(request.user, project_id=pk)
        except DomainError as error:
            pages.apply(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("projects:detail", pk)
    return render(request, "projects/form.html", _form_context(request, form, project))


def _form_context(request: HttpRequest, form: ProjectForm, project: Project | None = None) -> dict[str, Any]:
    if form.is_bound:
        files = Upload.objects.filter(owner=request.user, kind=UploadKind.ATTACHMENT, pk__in=form.attachment_ids())
    else:
        files = project.attachments.all() if project else Upload.objects.none()
    return {
        "form": form,
        "project": project,
        "files": [file_of(upload) for upload in files],
        "max_files": project_files(request.user, usual=MAX_PROJECT_FILES),
        "lengths": LENGTHS,
        "terms_fixed": bool(project and project.proposals.live().exists()),
        "back_url": reverse("projects:detail", args=[project.pk]) if project else reverse("projects:mine"),
    }
