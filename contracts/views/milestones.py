"""Milestones: paying in, handing in, approving, asking for changes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contracts import forms, selectors, services
from contracts.models import Milestone
from contracts.rules import MilestoneStatus
from contracts.views.frame import accepted
from core.queries import get_or_refuse
from payments.rules import Quote, quote


@require_POST
def fund(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = services.prepare_funding(request.user, milestone_id=pk)
    if milestone.status != MilestoneStatus.PENDING:
        return redirect("contracts:detail", milestone.contract_id)
    return redirect("pay", milestone.hold_id)


@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = get_or_refuse(Milestone.objects.visible_to(request.user).select_related("contract", "hold"), pk=pk)
    form = forms.SubmitForm(request.POST or None, request.FILES or None)

    def act() -> None:
        files = form.take_files(request.user)
        services.submit_milestone(request.user, milestone_id=pk, attachment_ids=files, note=form.cleaned_data["note"])

    if accepted(request, form, act, "Handed in. The client has been told."):
        return redirect("contracts:detail", milestone.contract_id)
    return render(
        request,
        "contracts/submit.html",
        {
            "milestone": milestone,
            "form": form,
            "files": form.files_so_far(request.user),
            "quote": figures_of(milestone, milestone.contract.fee_bps),
        },
    )


@require_GET
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = get_or_refuse(Milestone.objects.visible_to(request.user).select_related("contract"), pk=pk)
    return render(
        request, "contracts/versions.html", {"milestone": milestone, "versions": selectors.versions(milestone)}
    )


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = services.approve_milestone(request.user, milestone_id=pk)
    messages.success(request, "Approved. What was held for it is released.")
    return redirect("contracts:detail", milestone.contract_id)


@require_http_methods(["GET", "POST"])
def request_revision(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = get_or_refuse(Milestone.objects.visible_to(request.user).select_related("contract"), pk=pk)
    form = forms.RevisionForm(request.POST or None)

    def act() -> None:
        services.request_revision(request.user, milestone_id=pk, **form.cleaned_data)

    if accepted(request, form, act, "Your wishes were sent. The clock has stopped."):
        return redirect("contracts:detail", milestone.contract_id)
    return render(request, "contracts/request_revision.html", {"milestone": milestone, "form": form})


def figures_of(step: Milestone, fee_bps: int) -> Quote:
    """Of what is left to release, to the minor unit as it will be booked; of the price before it is paid in."""
    return step.hold.quote() if step.hold and step.hold.held else quote(step.amount, fee_bps)
