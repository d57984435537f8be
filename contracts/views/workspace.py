"""Pages of contracts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contracts import forms, selectors, services
from contracts.models import Contract, Milestone
from contracts.rules import CONTRACT_LIFECYCLE, HELD_MILESTONES, MILESTONE_LIFECYCLE, ContractStatus, MilestoneStatus
from contracts.selectors import Workspace
from core import pages
from core.errors import DomainError
from core.money import Money
from core.queries import get_or_refuse
from payments.rules import quote

PER_PAGE = 20


@require_GET
def contract_list(request: HttpRequest) -> HttpResponse:
    status = request.GET.get("status", "")
    contracts = Contract.objects.visible_to(request.user).with_parties()
    if status in ContractStatus.values:
        contracts = contracts.filter(status=status)
    page = Paginator(contracts, PER_PAGE).get_page(request.GET.get("page"))
    rows = [Workspace(contract, request.user) for contract in page]
    return render(
        request,
        "contracts/list.html",
        {"page": page, "rows": rows, "status": status, "tabs": _status_tabs(status)},
    )


def _status_tabs(current: str) -> list[dict[str, Any]]:
    url = reverse("contracts:list")
    return [{"label": "All", "url": url, "current": not current}] + [
        {"label": label, "url": f"{url}?status={value}", "current": value == current}
        for value, label in ContractStatus.choices
    ]


@require_GET
def overview(request: HttpRequest, pk: UUID) -> HttpResponse:
    workspace = _workspace(request, pk)
    context = _frame(workspace, "overview") | {
        "steps": _steps(workspace),
        "events": [_event(event, workspace) for event in reversed(selectors.history(workspace.contract)[-6:])],
        "files": selectors.files(workspace.contract)[:4],
        "messages_shown": _latest_messages(workspace.contract),
    }
    return render(request, "contracts/detail.html", context)


@require_GET
def files(request: HttpRequest, pk: UUID) -> HttpResponse:
    workspace = _workspace(request, pk)
    return render(
        request, "contracts/files.html", _frame(workspace, "files") | {"files": selectors.files(workspace.contract)}
    )


@require_GET
def money(request: HttpRequest, pk: UUID) -> HttpResponse:
    workspace = _workspace(request, pk)
    return render(request, "contracts/money.html", _frame(workspace, "money") | {"steps": _steps(workspace)})


@require_GET
def history(request: HttpRequest, pk: UUID) -> HttpResponse:
    workspace = _workspace(request, pk)
    events = [_event(event, workspace) for event in reversed(selectors.history(workspace.contract))]
    return render(request, "contracts/history.html", _frame(workspace, "history") | {"events": events})


@require_POST
def accept_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    contract = services.accept_proposal(request.user, proposal_id=pk)
    messages.success(request, "You hired. Pay in for the first milestone so that the work can start.")
    return redirect("contracts:detail", contract.pk)


@require_POST
def fund(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = services.prepare_funding(request.user, milestone_id=pk)
    if milestone.status != MilestoneStatus.PENDING:
        return redirect("contracts:detail", milestone.contract_id)
    return redirect("pay", milestone.hold_id)


@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = get_or_refuse(Milestone.objects.visible_to(request.user).select_related("contract"), pk=pk)
    form = forms.SubmitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.submit_milestone(
                request.user, milestone_id=pk, attachment_ids=form.attachment_ids(), note=form.cleaned_data["note"]
            )
        except DomainError as error:
            pages.apply(form, error)
        else:
            messages.success(request, "Handed in. The client has been told.")
            return redirect("contracts:detail", milestone.contract_id)
    return render(
        request,
        "contracts/submit.html",
        {"milestone": milestone, "form": form, "quote": quote(milestone.amount, milestone.contract.fee_bps)},
    )


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = services.approve_milestone(request.user, milestone_id=pk)
    messages.success(request, f"{milestone.amount} released.")
    return redirect("contracts:detail", milestone.contract_id)


@require_http_methods(["GET", "POST"])
def request_revision(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = get_or_refuse(Milestone.objects.visible_to(request.user).select_related("contract"), pk=pk)
    form = forms.RevisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.request_revision(request.user, milestone_id=pk, note=form.cleaned_data["note"])
        except DomainError as error:
            pages.apply(form, error)
        else:
            messages.success(request, "Your wishes were sent. The clock has stopped.")
            return redirect("contracts:detail", milestone.contract_id)
    return render(request, "contracts/request_revision.html", {"milestone": milestone, "form": form})


@require_http_methods(["GET", "POST"])
def add_milestone(request: HttpRequest, pk: UUID) -> HttpResponse:
    contract = get_or_refuse(Contract.objects.visible_to(request.user), pk=pk)
    form = forms.MilestoneForm(request.POST or None, contract=contract)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_milestone(request.user, contract_id=pk, **form.cleaned_data)
        except DomainError as error:
            pages.apply(form, error)
        else:
            messages.success(request, "The milestone was added.")
            return redirect("contracts:detail", pk)
    return render(request, "contracts/add_milestone.html", {"contract": contract, "form": form})


def _contract_action(service: Callable[..., Contract], done: str, *, with_reason: bool) -> Callable[..., HttpResponse]:
    @require_POST
    def view(request: HttpRequest, pk: UUID) -> HttpResponse:
        extra = {"reason": request.POST.get("reason", "")[:2000]} if with_reason else {}
        service(request.user, contract_id=pk, **extra)
        messages.success(request, done)
        return redirect("contracts:detail", pk)

    return view


cancel = _contract_action(
    services.cancel_contract, "The contract was ended. What was held goes back.", with_reason=True
)
complete = _contract_action(services.complete_contract, "The contract is complete.", with_reason=False)
pause = _contract_action(services.pause_contract, "The contract is paused.", with_reason=True)
resume = _contract_action(services.resume_contract, "The contract goes on.", with_reason=False)


def _workspace(request: HttpRequest, pk: UUID) -> Workspace:
    contract = get_or_refuse(Contract.objects.visible_to(request.user).with_parties(), pk=pk)
    # By its reverse name: reviews stands above contracts and is not imported here.
    reviewed = contract.reviews.filter(reviewer=request.user).exists()
    return Workspace(contract, request.user, reviewed=reviewed)


def _frame(workspace: Workspace, current: str) -> dict[str, Any]:
    """What all tabs of the workspace share."""
    contract = workspace.contract
    names = [("detail", "Overview"), ("files", "Files"), ("money", "Money"), ("history", "History")]
    tabs = [
        {
            "label": label,
            "url": reverse(f"contracts:{name}", args=[contract.pk]),
            "current": current == {"detail": "overview"}.get(name, name),
        }
        for name, label in names
    ]
    tabs.insert(2, {"label": "Chat", "url": reverse("chat:room", args=[contract.room_id]), "current": False})
    return {
        "workspace": workspace,
        "contract": contract,
        "tabs": tabs,
        "crumbs": [("Your work", reverse("dashboard")), ("Contracts", reverse("contracts:list"))],
        "menu": _menu(workspace),
        "reason_form": forms.ReasonForm(),
    }


def _menu(workspace: Workspace) -> list[dict[str, Any] | None]:
    items: dict[str, dict[str, Any]] = {
        "pause": {"label": "Pause the contract", "hint": "Stops every clock, keeps the held funds.", "icon": "pause"},
        "resume": {"label": "Go on with the contract", "hint": "The clocks run again.", "icon": "play"},
        "complete": {
            "label": "Complete the contract",
            "hint": "Leaves out steps that were not paid in.",
            "icon": "check2",
        },
        "cancel": {
            "label": "End the contract",
            "hint": "What is held goes back to the client.",
            "icon": "x-lg",
            "danger": True,
        },
    }
    menu: list[dict[str, Any] | None] = [items[name] | {"open": name} for name in items if name in workspace.moves]
    if workspace.is_client and workspace.is_active:
        url = reverse("contracts:add-milestone", args=[workspace.contract.pk])
        menu.insert(
            0, {"label": "Add a milestone", "hint": "One more step with its own price.", "icon": "plus-lg", "url": url}
        )
    return menu


def _steps(workspace: Workspace) -> list[dict[str, Any]]:
    """The milestones with what the reader can do about each now."""
    active = workspace.is_active
    return [
        {
            "milestone": step,
            "badge": workspace.badge_of(step),
            "quote": quote(_held_or_price(step), workspace.contract.fee_bps),
            "submission": (list(step.submissions.all()) or [None])[-1],
            "can_dispute": step.status in HELD_MILESTONES,
            "disputes": [one for one in workspace.disputes if one.milestone_id == step.pk],
            "can_fund": active and workspace.is_client and step.status == MilestoneStatus.PENDING,
            "can_answer": active and workspace.is_client and step.status == MilestoneStatus.SUBMITTED,
            "can_submit": active
            and not workspace.is_client
            and step.status in {MilestoneStatus.FUNDED, MilestoneStatus.REVISION_REQUESTED},
        }
        for step in workspace.milestones
    ]


def _held_or_price(step: Milestone) -> Money:
    """After a partial release, what is left to release."""
    return step.hold.held if step.hold and step.hold.held else step.amount


_SAID = {
    "start": "started the contract",
    "pause": "paused the contract",
    "resume": "went on with the contract",
    "complete": "completed the contract",
    "cancel": "ended the contract",
    "fund": "paid in",
    "submit": "handed in",
    "request_revision": "asked for changes in",
    "approve": "approved",
    "release": "released the funds of",
    "refund": "got back the funds of",
    "dispute": "opened a dispute about",
    "settle": "split the funds of",
    "back_to_work": "went on with",
    "back_to_review": "went on with",
    "back_to_changes": "went on with",
    "carry_on": "went on with the contract",
    "carry_on_paused": "left the contract paused",
}


def _event(event: Any, workspace: Workspace) -> dict[str, Any]:
    milestone = getattr(event, "milestone", None)
    lifecycle = MILESTONE_LIFECYCLE if milestone else CONTRACT_LIFECYCLE
    tone, icon = lifecycle.looks[event.to_status]
    if event.actor_id == workspace.reader.pk:
        who = "You"
    else:
        who = event.actor.get_full_name() if event.actor else "Guildhall"
    return {
        "who": who,
        "said": _SAID.get(event.move, event.move),
        "milestone": milestone,
        "reason": event.reason,
        "moment": event.created_at,
        "tone": tone,
        "icon": icon,
    }


def _latest_messages(contract: Contract) -> list[Any]:
    messages_shown = contract.room.messages.select_related("sender").filter(deleted_at=None).order_by("-seq")[:3]
    return list(reversed(messages_shown))
