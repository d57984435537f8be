"""Pages of contracts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contracts import forms, policies, selectors, services
from contracts.models import (
    Bonus,
    ChangeEvent,
    Contract,
    ContractEvent,
    Milestone,
    MilestoneEvent,
    RefundRequestEvent,
    TimesheetEvent,
)
from contracts.rules import (
    CHANGE_LIFECYCLE,
    CONTRACT_LIFECYCLE,
    HELD_MILESTONES,
    MILESTONE_LIFECYCLE,
    REFUND_REQUEST_LIFECYCLE,
    ContractStatus,
    MilestoneStatus,
)
from contracts.rules.time import TIMESHEET_LIFECYCLE
from contracts.selectors import HourlyWorkspace, Workspace, is_due, workspace_of
from contracts.views import time
from core import pages
from core.errors import DomainError, Invalid, NotFound
from core.lifecycle import Lifecycle
from core.queries import get_or_refuse
from payments.rules import Quote, quote

PER_PAGE = 20


@require_GET
def contract_list(request: HttpRequest) -> HttpResponse:
    status = request.GET.get("status", "")
    contracts = Contract.objects.visible_to(request.user).with_parties()
    if status in ContractStatus.values:
        contracts = contracts.filter(status=status)
    page = Paginator(contracts, PER_PAGE).get_page(request.GET.get("page"))
    rows = [workspace_of(contract, request.user) for contract in page]
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
    workspace = load_workspace(request, pk)
    context = frame(workspace, "overview") | {
        "steps": _steps(workspace),
        "events": [_event(event, workspace) for event in reversed(selectors.history(workspace.contract)[-6:])],
        "files": selectors.files(workspace.contract)[:4],
        "messages_shown": _latest_messages(workspace.contract),
        "terms": selectors.terms_in_force(workspace.contract),
    }
    if isinstance(workspace, HourlyWorkspace):
        return render(request, "contracts/hours.html", context | time.overview_of(workspace))
    return render(request, "contracts/detail.html", context)


@require_GET
def files(request: HttpRequest, pk: UUID) -> HttpResponse:
    workspace = load_workspace(request, pk)
    return render(
        request, "contracts/files.html", frame(workspace, "files") | {"files": selectors.files(workspace.contract)}
    )


@require_GET
def money(request: HttpRequest, pk: UUID) -> HttpResponse:
    workspace = load_workspace(request, pk)
    bonuses = list(Bonus.objects.visible_to(request.user).filter(contract=pk).select_related("hold"))
    context = frame(workspace, "money") | {"bonuses": bonuses}
    if isinstance(workspace, HourlyWorkspace):
        weeks = time.weeks_of(workspace, request.GET.get("page"))
        context |= {"page": weeks, "rows": time.rows_of(weeks, workspace)}
        template, paid_for = "contracts/weeks_money.html", weeks
    else:
        context |= {"steps": _steps(workspace)}
        template, paid_for = "contracts/money.html", workspace.milestones
    context["entries"] = selectors.ledger_entries((each.hold for each in [*paid_for, *bonuses]), request.user)
    return render(request, template, context)


@require_GET
def history(request: HttpRequest, pk: UUID) -> HttpResponse:
    workspace = load_workspace(request, pk)
    events = [_event(event, workspace) for event in reversed(selectors.history(workspace.contract))]
    return render(request, "contracts/history.html", frame(workspace, "history") | {"events": events})


@require_POST
def accept_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    form = forms.HireForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields={name: [str(reason) for reason in reasons] for name, reasons in form.errors.items()})
    contract = services.accept_proposal(request.user, proposal_id=pk, **form.agreed())
    first = "the week" if contract.is_hourly else "the first milestone"
    messages.success(request, f"You hired. Pay in for {first} so that the work can start.")
    return redirect("contracts:detail", contract.pk)


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
    if request.method == "POST" and form.is_valid():
        try:
            files = form.take_files(request.user)
            services.submit_milestone(
                request.user, milestone_id=pk, attachment_ids=files, note=form.cleaned_data["note"]
            )
        except DomainError as error:
            pages.apply(form, error)
        else:
            messages.success(request, "Handed in. The client has been told.")
            return redirect("contracts:detail", milestone.contract_id)
    return render(
        request,
        "contracts/submit.html",
        {
            "milestone": milestone,
            "form": form,
            "files": form.files_so_far(request.user),
            "quote": _figures(milestone, milestone.contract.fee_bps),
        },
    )


@require_GET
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = get_or_refuse(Milestone.objects.visible_to(request.user).select_related("contract"), pk=pk)
    return render(
        request, "contracts/versions.html", {"milestone": milestone, "versions": selectors.versions(milestone)}
    )


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


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = services.approve_milestone(request.user, milestone_id=pk)
    messages.success(request, "Approved. What was held for it is released.")
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


def accepted(request: HttpRequest, form: Any, act: Callable[[], object], done: str) -> bool:
    """Whether the form was sent, is right, and the service took it; else the reason stands on the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except NotFound:
        raise
    except DomainError as error:
        pages.apply(form, error)
        return False
    messages.success(request, done)
    return True


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


def load_workspace(request: HttpRequest, pk: UUID) -> Workspace:
    contract = get_or_refuse(Contract.objects.visible_to(request.user).with_parties(), pk=pk)
    # By its reverse name: reviews stands above contracts and is not imported here.
    reviewed = contract.reviews.filter(reviewer=request.user).exists()
    return workspace_of(contract, request.user, reviewed=reviewed)


def frame(workspace: Workspace, current: str) -> dict[str, Any]:
    """What all tabs of the workspace share."""
    contract = workspace.contract
    names = [
        ("detail", "Overview"),
        ("files", "Files"),
        ("money", "Money"),
        ("changes", "Agreement"),
        ("history", "History"),
    ]
    tabs = [
        {
            "label": label,
            "url": reverse(f"contracts:{name}", args=[contract.pk]),
            "current": current == {"detail": "overview"}.get(name, name),
        }
        for name, label in names
    ]
    tabs[3] |= {"count": workspace.changes_to_answer, "fresh": True}
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
    }
    menu: list[dict[str, Any] | None] = [items[name] | {"open": name} for name in items if name in workspace.moves]
    contract = workspace.contract
    if workspace.is_active and contract.is_hourly:
        if workspace.is_client:
            url = reverse("contracts:weekly-cap", args=[contract.pk])
            hint = "For weeks not paid in yet."
            menu.insert(0, {"label": "Change the weekly limit", "hint": hint, "icon": "clock", "url": url})
    elif workspace.is_active:
        menu = [
            {
                "label": "Propose a milestone",
                "hint": "One more step with its own price.",
                "icon": "plus-lg",
                "url": reverse("contracts:add-milestone", args=[contract.pk]),
            },
            {
                "label": "Propose another scope",
                "hint": "Other words for what is done.",
                "icon": "pencil",
                "url": reverse("contracts:change-scope", args=[contract.pk]),
            },
            *menu,
        ]
    if workspace.is_client and policies.is_open_to_bonus(contract):
        url = reverse("contracts:bonus", args=[contract.pk])
        menu.append({"label": "Give a bonus", "hint": "Something on top.", "icon": "star", "url": url})
    if "end" in workspace.moves:
        menu.append(
            {
                "label": "End the contract",
                "hint": "Shows first what becomes of the money.",
                "icon": "x-lg",
                "danger": True,
                "url": reverse("contracts:end", args=[contract.pk]),
            }
        )
    return menu


def _steps(workspace: Workspace) -> list[dict[str, Any]]:
    """The milestones with what the reader can do about each now."""
    return [_step(workspace, step) for step in workspace.milestones]


def _step(workspace: Workspace, step: Milestone) -> dict[str, Any]:
    active, client = workspace.is_active, workspace.is_client
    change = next((change for change in workspace.open_changes if change.milestone_id == step.pk), None)
    refund_from = selectors.refund_possible_from(step) if active and client else None
    can_ask_refund = refund_from is not None and refund_from <= timezone.now()
    is_changeable = step.status in {MilestoneStatus.PENDING, *HELD_MILESTONES} and not step.rolled_into_id
    handed_in = list(step.submissions.all())
    return {
        "milestone": step,
        "badge": workspace.badge_of(step),
        "quote": _figures(step, workspace.contract.fee_bps),
        "paid_part": step.hold.released + step.hold.fee if step.hold and step.hold.held else None,
        "submission": (handed_in or [None])[-1],
        "versions": len(handed_in),
        "change": change,
        "can_answer_change": active and change is not None and change.proposer_id != workspace.reader.pk,
        "can_withdraw_change": change is not None and change.proposer_id == workspace.reader.pk,
        "can_change": active and change is None and is_changeable,
        "can_dispute": step.status in HELD_MILESTONES and not step.rolled_into_id,
        "disputes": [one for one in workspace.disputes if one.milestone_id == step.pk],
        "can_fund": active and client and is_due(step),
        "can_answer": active and client and step.status == MilestoneStatus.SUBMITTED,
        "can_submit": active
        and not client
        and step.status in {MilestoneStatus.FUNDED, MilestoneStatus.REVISION_REQUESTED}
        and not step.rolled_into_id,
        "refund_request": selectors.open_refund_request(step),
        "can_ask_refund": can_ask_refund,
        "refund_opens_at": None if can_ask_refund else refund_from,
    }


def _figures(step: Milestone, fee_bps: int) -> Quote:
    """Of what is left to release, to the minor unit as it will be booked; of the price before it is paid in."""
    return step.hold.quote() if step.hold and step.hold.held else quote(step.amount, fee_bps)


SAID = {
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
    "release_part": "released a part of",
    "refund": "returned the funds of",
    "end": "ended the contract early",
    "roll": "let the rest go with the next milestone of",
    "release_rolled": "released the rest of",
    "propose": "proposed a change:",
    "accept": "agreed to a change:",
    "decline": "did not agree to a change:",
    "withdraw": "took back:",
    "lapse": "dropped a proposed change:",
    "ask": "asked the money back for",
    "agree": "agreed to give the money back for",
    "refuse": "did not agree to give the money back for",
    "deliver": "closed the request for money of",
    "silence": "let the money go back, without an answer, for",
    "close": "closed the request for money of",
    "dispute": "opened a dispute about",
    "settle": "split the funds of",
    "back_to_work": "went on with",
    "back_to_review": "went on with",
    "back_to_changes": "went on with",
    "carry_on": "went on with the contract",
    "carry_on_paused": "left the contract paused",
}
_LIFECYCLES: dict[type[Any], Lifecycle] = {
    ContractEvent: CONTRACT_LIFECYCLE,
    MilestoneEvent: MILESTONE_LIFECYCLE,
    ChangeEvent: CHANGE_LIFECYCLE,
    RefundRequestEvent: REFUND_REQUEST_LIFECYCLE,
    TimesheetEvent: TIMESHEET_LIFECYCLE,
}


def _event(event: Any, workspace: Workspace) -> dict[str, Any]:
    asked, timesheet = getattr(event, "refund_request", None), getattr(event, "timesheet", None)
    subjects = [getattr(event, "milestone", None), getattr(event, "change", None), asked and asked.milestone]
    about = next((subject for subject in subjects if subject), f"the {timesheet.name}" if timesheet else "")
    tone, icon = _LIFECYCLES[type(event)].looks[event.to_status]
    if event.actor_id == workspace.reader.pk:
        who = "You"
    else:
        who = event.actor.get_full_name() if event.actor else "Guildhall"
    return {
        "who": who,
        "said": (time.SAID if timesheet else SAID)[event.move],
        "about": about,
        "reason": event.reason,
        "moment": event.created_at,
        "tone": tone,
        "icon": icon,
    }


def _latest_messages(contract: Contract) -> list[Any]:
    messages_shown = contract.room.messages.select_related("sender").filter(deleted_at=None).order_by("-seq")[:3]
    return list(reversed(messages_shown))
