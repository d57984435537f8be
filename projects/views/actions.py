"""Buttons: each calls one service and goes back to a page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core.errors import Conflict
from projects import services
from projects.models import Project, Proposal

REASON_LENGTH = 1000


def _project_action(service: Callable[..., Project], done: Any) -> Callable[..., HttpResponse]:
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


publish = _project_action(services.publish_project, _("Your project is open for proposals."))
close = _project_action(services.close_project, _("The project is closed. Everybody who proposed has been told."))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    services.delete_draft(request.user, project_id=pk)
    messages.success(request, _("The draft is gone."))
    return redirect("projects:mine")


def _decision(service: Callable[..., Proposal], done: Any) -> Callable[..., HttpResponse]:
    """The client's answer to a proposal; back to the comparison."""

    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        reason = request.POST.get("reason", "").strip()[:REASON_LENGTH]
        given = {"reason": reason} if reason else {}
        proposal = service(request.user, proposal_id=pk, **given)
        messages.success(request, done)
        return redirect("projects:proposals", proposal.project_id)

    return view


def _shortlisting(request: HttpRequest, proposal_id: int) -> Proposal: ...
