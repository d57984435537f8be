"""The list of a person's contracts, and one contract tab by tab."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from contracts import selectors
from contracts.models import Bonus, Contract, Milestone
from contracts.rules import HELD_MILESTONES, ContractStatus, MilestoneStatus
from contracts.selectors import HourlyWorkspace, Workspace, is_due, workspace_of
from contracts.views import time
from contracts.views.frame import frame, load_workspace
from contracts.views.history import lines_of
from contracts.views.milestones import figures_of

PER_PAGE = 20
EVENTS_SHOWN = 6  # on the overview


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
        "events": lines_of(workspace, most=EVENTS_SHOWN),
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
        "quote": figures_of(step, workspace.contract.fee_bps),
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


def _latest_messages(contract: Contract) -> list[Any]:
    messages_shown = contract.room.messages.select_related("sender").filter(deleted_at=None).order_by("-seq")[:3]
    return list(reversed(messages_shown))
