"""What the pages of a contract share: who looks at it, tabs and menu, and answers to a form."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from contracts import forms, policies
from contracts.models import Contract
from contracts.selectors import Workspace, workspace_of
from core import pages
from core.errors import DomainError, NotFound
from core.queries import get_or_refuse


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
        "pause_form": forms.ReasonForm(auto_id="pause_%s"),
    }


def _menu(workspace: Workspace) -> list[dict[str, Any] | None]:
    pause, resume = "Stops every clock, keeps the held funds.", "The clocks run again."
    if workspace.contract.is_hourly:
        pause, resume = "No time is logged meanwhile.", "Time can be logged again."
    items: dict[str, dict[str, Any]] = {
        "pause": {"label": "Pause the contract", "hint": pause, "icon": "pause"},
        "resume": {"label": "Go on with the contract", "hint": resume, "icon": "play"},
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
