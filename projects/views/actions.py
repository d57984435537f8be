"""Buttons: each calls one service and goes back to a page with a word about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core.errors import Conflict
from core.queries import get_or_refuse
from projects import services
from projects.forms import ReasonForm
from projects.models import Project, Proposal


def _on_project(service: Callable[..., Project], done: Any) -> Callable[..., HttpResponse]:
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            service(request.user, project_id=pk)
        except Conflict as error:
            messages.error(request, error.message)
        else:
            messages.success(request, done)
        return redirect("projects:detail", pk)

    return view


publish = _on_project(services.publish_project, _("Your project is open for proposals."))
close = _on_project(services.close_project, _("The project is closed. Everybody who proposed has been told."))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    services.delete_draft(request.user, project_id=pk)
    messages.success(request, _("The draft is gone."))
    return redirect("projects:mine")


def _on_proposal(service: Callable[..., Proposal], done: Any, *, back: str) -> Callable[..., HttpResponse]:
    """`back` is the page of the project to return to."""

    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        proposal = get_or_refuse(Proposal.objects.visible_to(request.user), pk=pk)
        try:
            service(request.user, proposal_id=pk)
        except Conflict as error:
            messages.error(request, error.message)
        else:
            messages.success(request, done)
        return redirect(back, proposal.project_id)

    return view


shortlist = _on_proposal(services.shortlist_proposal, _("On your shortlist."), back="projects:proposals")
unshortlist = _on_proposal(services.unshortlist_proposal, _("Off your shortlist."), back="projects:proposals")
withdraw = _on_proposal(services.withdraw_proposal, _("Your proposal is withdrawn."), back="projects:detail")


@require_POST
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = get_or_refuse(Proposal.objects.visible_to(request.user), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["reason"]))
        return redirect("projects:proposals", proposal.project_id)
    try:
        services.reject_proposal(request.user, proposal_id=pk, reason=form.cleaned_data["reason"])
    except Conflict as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("They have been told."))
    return redirect("projects:proposals", proposal.project_id)
