"""Beginning, pausing and ending a contract."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contracts import forms, selectors, services
from contracts.models import Contract
from contracts.views.frame import accepted, load_workspace
from core.errors import Conflict, Invalid


@require_POST
def accept_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    form = forms.HireForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields={name: [str(reason) for reason in reasons] for name, reasons in form.errors.items()})
    try:
        contract = services.accept_proposal(request.user, proposal_id=pk, **form.agreed())
    except Conflict as error:
        if error.code != "proposal_changed":
            raise
        messages.error(request, error.message)
        return redirect("projects:proposal", pk)
    first = "the week" if contract.is_hourly else "the first milestone"
    messages.success(request, f"You hired. Pay in for {first} so that the work can start.")
    return redirect("contracts:detail", contract.pk)


@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What ending would come to, and the question whether to."""
    workspace = load_workspace(request, pk)
    form = forms.ReasonForm(request.POST or None)

    def act() -> None:
        services.end_contract(request.user, contract_id=pk, **form.cleaned_data)

    if accepted(request, form, act, "The contract was ended."):
        return redirect("contracts:detail", pk)
    context = {"contract": workspace.contract, "workspace": workspace, "form": form}
    return render(request, "contracts/end.html", context | {"outcome": selectors.outcome_of_ending(workspace)})


def _contract_action(service: Callable[..., Contract], done: str, *, with_reason: bool) -> Callable[..., HttpResponse]:
    @require_POST
    def view(request: HttpRequest, pk: UUID) -> HttpResponse:
        extra = {"reason": request.POST.get("reason", "")[:2000]} if with_reason else {}
        service(request.user, contract_id=pk, **extra)
        messages.success(request, done)
        return redirect("contracts:detail", pk)

    return view


complete = _contract_action(services.complete_contract, "The contract is complete.", with_reason=False)
pause = _contract_action(services.pause_contract, "The contract is paused.", with_reason=True)
resume = _contract_action(services.resume_contract, "The contract goes on.", with_reason=False)
