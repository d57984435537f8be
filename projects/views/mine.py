"""Your own: the projects you posted, or the proposals you sent."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from projects.models import Project, Proposal
from projects.rules import LIVE_PROPOSALS, ProjectStatus, ProposalStatus
from projects.selectors import COLUMNS
from projects.views.cards import card

PER_PAGE = 20
PROJECT_TABS = {
    "": (gettext_lazy("All"), ProjectStatus.values),
    "open": (gettext_lazy("Open"), [ProjectStatus.OPEN]),
    "drafts": (gettext_lazy("Drafts"), [ProjectStatus.DRAFT]),
    "hired": (gettext_lazy("In progress"), [ProjectStatus.IN_PROGRESS]),
    "ended": (gettext_lazy("Ended"), [ProjectStatus.COMPLETED, ProjectStatus.CANCELLED]),
}
PROPOSAL_TABS = {
    "": (gettext_lazy("All"), ProposalStatus.values),
    "waiting": (gettext_lazy("Undecided"), LIVE_PROPOSALS),
    "hired": (gettext_lazy("Accepted"), [ProposalStatus.ACCEPTED]),
    "ended": (gettext_lazy("Not chosen"), [ProposalStatus.REJECTED, ProposalStatus.WITHDRAWN]),
}


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    side = _side(request)
    return _proposals(request) if side == "freelancer" else _projects(request)


def _side(request: HttpRequest) -> str:
    """The one asked for, else the one the person looks from, else the only one they have."""
    user = request.user
    if not (user.is_client and user.is_freelancer):
        return "client" if user.is_client else "freelancer"
    chosen = request.GET.get("as") or request.session.get("view", "client")
    return "freelancer" if chosen == "freelancer" else "client"


def _projects(request: HttpRequest) -> HttpResponse:
    own = Project.objects.filter(client=request.user)
    tab, tabs = _tabs(request, PROJECT_TABS, own, "client")
    rows = own.filter(status__in=PROJECT_TABS[tab][1]).newest().values(*COLUMNS)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "cards": [card(row, with_badge=True) for row in page], "tabs": tabs, "tab": tab}
    return render(request, "projects/mine.html", context | _sides(request, "client"))


def _proposals(request: HttpRequest) -> HttpResponse:
    sent = Proposal.objects.filter(freelancer=request.user)
    tab, tabs = _tabs(request, PROPOSAL_TABS, sent, "freelancer")
    rows = sent.filter(status__in=PROPOSAL_TABS[tab][1]).select_related("project__client__client_profile")
    page = Paginator(rows.order_by("-id"), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "projects/mine_proposals.html",
        {"page": page, "tabs": tabs, "tab": tab} | _sides(request, "freelancer"),
    )


def _tabs(
    request: HttpRequest, names: dict[str, tuple[Any, Any]], rows: QuerySet[Any], side: str
) -> tuple[str, list[dict[str, Any]]]:
    """The chosen tab, and all for components/tabs.html with how many each has."""
    chosen = request.GET.get("tab", "")
    chosen = chosen if chosen in names else ""
    counts = dict(rows.order_by().values_list("status").annotate(n=Count("pk")))
    address = f"{reverse('projects:mine')}?as={side}"
    tabs = [
        {
            "label": label,
            "url": f"{address}&tab={name}" if name else address,
            "current": name == chosen,
            "count": sum(counts.get(status, 0) for status in statuses),
        }
        for name, (label, statuses) in names.items()
    ]
    return chosen, tabs


def _sides(request: HttpRequest, side: str) -> dict[str, Any]:
    """For components/segment.html; nothing for people with one side."""
    if not (request.user.is_client and request.user.is_freelancer):
        return {"sides": []}
    address = reverse("projects:mine")
    labels = {"client": _("Your projects"), "freelancer": _("Your proposals")}
    return {
        "sides": [
            {"label": label, "url": f"{address}?as={name}", "current": name == side} for name, label in labels.items()
        ]
    }
