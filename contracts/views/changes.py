"""Pages of what was agreed: proposing changes and answering them."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contracts import forms, services
from contracts.models import ChangeRequest, Contract, Milestone
from contracts.rules import HELD_MILESTONES, ChangeKind, ChangeStatus
from contracts.rules.changes import PLAN
from contracts.views.frame import accepted, frame, load_workspace
from core.money import Money
from core.queries import get_or_refuse
from payments.rules import quote

WORDS = {
    "title": "What is delivered",
    "description": "Details",
    "amount": "Price",
    "due_date": "Due",
    "terms": "What is done",
}


@require_GET
def changes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What waits for an answer, what holds, and how it came to be so."""
    workspace = load_workspace(request, pk)
    contract = workspace.contract
    shown = [_shown(change) for change in contract.changes.select_related("proposer", "milestone__hold")]
    context = {
        "waiting": [change for change in shown if change["change"].status == ChangeStatus.PROPOSED],
        "decided": [change for change in shown if change["change"].status != ChangeStatus.PROPOSED],
        "versions": contract.terms_versions.order_by("-number").prefetch_related("acceptances__person"),
    }
    return render(request, "contracts/changes.html", frame(workspace, "changes") | context)


def _shown(change: ChangeRequest) -> dict[str, Any]:
    """Each difference as (label, [before, after]), or [after] alone in a new milestone; what a new price comes to.

    `back`: what of the held funds a lower price returns.
    """

    def value(name: str, raw: Any) -> Any:
        if name == "amount" and raw:
            return Money.parse(raw, change.contract.currency)
        return date.fromisoformat(raw) if name == "due_date" and raw else raw

    rows = [
        (WORDS[name], [value(name, before), value(name, after)]) for name, (before, after) in change.differences.items()
    ]
    if change.kind == ChangeKind.ADD_MILESTONE:
        rows = [(label, sides[1:]) for label, sides in rows]
    before, price = (value("amount", raw) for raw in change.differences.get("amount", (None, None)))
    is_held = change.milestone and change.milestone.status in HELD_MILESTONES
    return {
        "change": change,
        "rows": rows,
        "figures": quote(price, change.contract.fee_bps) if price else None,
        "back": before - price if is_held and price and price < before else None,
        "decline_form": forms.ReasonForm(auto_id=f"decline_{change.pk}_%s"),
    }


@require_http_methods(["GET", "POST"])
def add_milestone(request: HttpRequest, pk: UUID) -> HttpResponse:
    contract = get_or_refuse(Contract.objects.visible_to(request.user), pk=pk)
    form = forms.MilestoneForm(request.POST or None, contract=contract)

    def act() -> None:
        services.add_milestone(request.user, contract_id=pk, **form.cleaned_data)

    if accepted(request, form, act, "The milestone is proposed. It counts once the other side agrees."):
        return redirect("contracts:detail", pk)
    return render(request, "contracts/add_milestone.html", {"contract": contract, "form": form})


@require_http_methods(["GET", "POST"])
def change_milestone(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = get_or_refuse(Milestone.objects.visible_to(request.user).select_related("contract", "hold"), pk=pk)
    now = {
        "title": milestone.title,
        "description": milestone.description,
        "amount": milestone.amount.as_string(),
        "due_date": milestone.due_date,
    }
    form = forms.MilestoneForm(request.POST or None, contract=milestone.contract, initial=now)

    def act() -> None:
        plan = {name: form.cleaned_data[name] for name in PLAN}
        services.propose_milestone_change(request.user, milestone_id=pk, changes=plan, note=form.cleaned_data["note"])

    if accepted(request, form, act, "The change is proposed. Nothing is different before the other side agrees."):
        return redirect("contracts:detail", milestone.contract_id)
    context = {"milestone": milestone, "contract": milestone.contract, "form": form}
    return render(request, "contracts/change_milestone.html", context)


@require_POST
def remove_milestone(request: HttpRequest, pk: int) -> HttpResponse:
    change = services.propose_milestone_removal(request.user, milestone_id=pk)
    messages.success(request, "Proposed. The milestone stays until the other side agrees.")
    return redirect("contracts:changes", change.contract_id)


@require_http_methods(["GET", "POST"])
def change_scope(request: HttpRequest, pk: UUID) -> HttpResponse:
    contract = get_or_refuse(Contract.objects.visible_to(request.user), pk=pk)
    form = forms.ScopeForm(request.POST or None, initial={"terms": contract.terms})

    def act() -> None:
        services.propose_scope(request.user, contract_id=pk, **form.cleaned_data)

    if accepted(request, form, act, "The change is proposed. Nothing is different before the other side agrees."):
        return redirect("contracts:changes", pk)
    return render(request, "contracts/change_scope.html", {"contract": contract, "form": form})


def _answer(
    service: Callable[..., ChangeRequest], done: str, *, with_reason: bool = False
) -> Callable[..., HttpResponse]:
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        extra = {"reason": request.POST.get("reason", "")[:2000]} if with_reason else {}
        change = service(request.user, change_id=pk, **extra)
        messages.success(request, done)
        return redirect("contracts:changes", change.contract_id)

    return view


accept = _answer(services.accept_change, "Agreed. It holds from now on.")
decline = _answer(services.decline_change, "Declined. Everything stays as it was.", with_reason=True)
withdraw = _answer(services.withdraw_change, "Taken back.")
