"""Proposals: writing one, reading one, and comparing those that came in."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.selectors import marketplace_rules
from core.errors import DomainError, require
from core.queries import get_or_refuse
from core.regions import place_name
from payments.rules import Quote, quote
from payments.selectors import fee_bps, fees_with
from projects import policies, services
from projects.forms import (
    BasePlan,
    ProposalForm,
    ReasonForm,
    more_rows,
    plan,
    proposal_values,
    step_values,
)
from projects.models import Project, Proposal
from projects.rules import LIVE_PROPOSALS, PROPOSAL_LIFECYCLE, BudgetType, ProjectStatus, ProposalStatus

ORDERS = {"": "bid_amount_minor", "soonest": "estimated_days", "newest": "-id"}


@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_or_refuse(Project.objects.visible_to(request.user).with_client(), pk=pk)
    require(policies.why_not_propose(request.user, project))
    if request.method == "GET":
        # The panel beside the project has asked for price and time already.
        given = {name: request.GET[name] for name in ("bid_amount", "estimated_days") if name in request.GET}
        return _proposal_page(request, project, ProposalForm(project=project, initial=given), plan(project))

    def send(offer: dict[str, Any]) -> Proposal:
        return services.send_proposal(request.user, project_id=pk, offer=services.Offer(**offer))

    return _take_proposal(request, project, send, _("Your proposal is with the client."))


@require_http_methods(["GET", "POST"])
def edit_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = get_or_refuse(Proposal.objects.filter(freelancer=request.user).select_related("project"), pk=pk)
    project = proposal.project
    if request.method == "GET":
        form = ProposalForm(project=project, initial=proposal_values(proposal))
        return _proposal_page(request, project, form, plan(project, steps=step_values(proposal)), proposal)

    def change(offer: dict[str, Any]) -> Proposal:
        return services.edit_proposal(request.user, proposal_id=pk, **offer)

    return _take_proposal(request, project, change, _("Saved. The client sees the new version."), proposal)


def _take_proposal(
    request: HttpRequest, project: Project, act: Any, done: str, proposal: Proposal | None = None
) -> HttpResponse:
    """Read form and plan, act on them, and go to the project; or show what to put right."""
    if "more" in request.POST:
        form = ProposalForm(project=project, initial=request.POST.dict())
        return _proposal_page(request, project, form, plan(project, more_rows(request.POST)), proposal)
    form, rows = ProposalForm(request.POST, project=project), plan(project, request.POST)
    if form.is_valid() & rows.is_valid():
        try:
            act(form.cleaned_data | {"milestones": rows.steps()})
        except DomainError as error:
            _show(error, form, rows)
        else:
            messages.success(request, done)
            return redirect("projects:detail", project.pk)
    return _proposal_page(request, project, form, rows, proposal)


def _show(error: DomainError, form: ProposalForm, rows: BasePlan) -> None:
    """The refusal beside what it is about: a field, a row of the plan, or all of it."""
    for name, reasons in error.fields.items():
        place, *rest = name.split(".")
        for reason in reasons:
            if place in form.fields:
                form.add_error(place, reason)
            elif rest:
                rows.filled[int(rest[0])].add_error(rest[1], reason)
            else:
                rows.non_form_errors().append(reason)
    if not error.fields:
        form.add_error(None, error.message)


def _proposal_page(
    request: HttpRequest, project: Project, form: ProposalForm, rows: BasePlan, proposal: Proposal | None = None
) -> HttpResponse:
    context = {
        "project": project,
        "form": form,
        "rows": rows,
        "proposal": proposal,
        "is_hourly": project.budget_type == BudgetType.HOURLY,
        "fee_bps": fee_bps(client=project.client, freelancer=request.user),
    }
    return render(request, "projects/propose.html", context)


@dataclass(frozen=True)
class Offered:
    """A proposal as its client or its freelancer sees it."""

    proposal: Proposal
    fee_bps: int
    wanted_skills: tuple[str, ...] = ()

    @cached_property
    def quote(self) -> Quote:
        return quote(self.proposal.bid_amount, self.fee_bps)

    @property
    def moves(self) -> list[str]:
        """What the client can do with it now."""
        return PROPOSAL_LIFECYCLE.available(self.proposal.status, "client")

    @property
    def place(self) -> str:
        return place_name(self.proposal.freelancer.city, self.proposal.freelancer.country)

    @property
    def matched(self) -> list[str]:
        """Of the skills that the project asks for."""
        has = set(self.proposal.freelancer.freelancer_profile.skill_names)
        return [name for name in self.wanted_skills if name in has]

    @property
    def first_step(self) -> Any:
        """What is paid in first: the first milestone, or the whole."""
        return next(iter(self.proposal.milestones.all()), None)


def offered(proposal: Proposal, project: Project, fee_bps: int) -> Offered:
    return Offered(proposal, proposal.fee_at(fee_bps), tuple(project.skill_names))


@require_safe
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole of one proposal, for the two people it concerns."""
    rows = Proposal.objects.visible_to(request.user).with_people().select_related("contract")
    shown = get_or_refuse(rows.prefetch_related("milestones"), pk=pk)
    project = get_or_refuse(Project.objects.with_client(), pk=shown.project_id)
    fee = fee_bps(client=project.client, freelancer=shown.freelancer)
    offer = offered(shown, project, fee)
    context = {
        "project": project,
        "offer": offer,
        "is_client": project.client_id == request.user.pk,
        "is_hourly": project.budget_type == BudgetType.HOURLY,
        "waiting": project.proposals.live().count() - 1,
        "can_hire": _can_hire(request, project),
        "approval_days": marketplace_rules().approval_days,
        "reason": shown.events.filter(move="reject").values_list("reason", flat=True).first() or "",
        "reason_form": ReasonForm(),
        "fee_bps": offer.fee_bps,
    }
    return render(request, "projects/proposal.html", context)


@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """What came in on a project, for its client: the shortlist side by side, the others below."""
    project = get_or_refuse(Project.objects.visible_to(request.user).with_client(), pk=pk)
    require(policies.why_not_compare(request.user, project))
    order = request.GET.get("sort", "")
    received = (
        project.proposals.standing()
        .with_people()
        .prefetch_related("milestones")
        .order_by(ORDERS.get(order, ORDERS[""]), "id")
    )
    fees = fees_with(request.user, [row.freelancer_id for row in received])
    everything = [offered(row, project, fees[row.freelancer_id]) for row in received]
    undecided = [offer for offer in everything if offer.proposal.status in LIVE_PROPOSALS]
    shortlist = [offer for offer in undecided if offer.proposal.status == ProposalStatus.SHORTLISTED]
    show_all = request.GET.get("show") == "all" or not shortlist
    columns = undecided if show_all else shortlist
    context = {
        "project": project,
        "columns": columns,
        "others": [offer for offer in undecided if offer not in columns],
        "decided": [offer for offer in everything if offer not in undecided],
        "received": len(everything),
        "waiting": len(undecided) - 1,
        "views": _views(project, len(shortlist), len(undecided), show_all=show_all) if shortlist else [],
        "orders": _orders(project, order),
        "can_hire": _can_hire(request, project),
        "approval_days": marketplace_rules().approval_days,
        "is_hourly": project.budget_type == BudgetType.HOURLY,
    }
    return render(request, "projects/compare.html", context)


def _can_hire(request: HttpRequest, project: Project) -> bool:
    return project.status == ProjectStatus.OPEN and policies.why_not_manage(request.user, project) is None


def _views(project: Project, shortlisted: int, undecided: int, *, show_all: bool) -> list[dict[str, Any]]:
    """For components/segment.html."""
    url = reverse("projects:proposals", args=[project.pk])
    return [
        {"label": _("Shortlist %(n)d") % {"n": shortlisted}, "url": url, "current": not show_all},
        {"label": _("All %(n)d") % {"n": undecided}, "url": f"{url}?show=all", "current": show_all},
    ]


def _orders(project: Project, current: str) -> list[dict[str, Any]]:
    """For the menu."""
    url = reverse("projects:proposals", args=[project.pk])
    labels = {"": _("Lowest price"), "soonest": _("Soonest"), "newest": _("Newest")}
    return [
        {"label": label, "url": f"{url}?sort={name}" if name else url, "current": name == current}
        for name, label in labels.items()
    ]
