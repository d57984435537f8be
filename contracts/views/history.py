"""What happened in a contract, told to who reads it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from contracts import selectors
from contracts.models import ChangeEvent, ContractEvent, MilestoneEvent, RefundRequestEvent, TimesheetEvent
from contracts.rules import CHANGE_LIFECYCLE, CONTRACT_LIFECYCLE, MILESTONE_LIFECYCLE, REFUND_REQUEST_LIFECYCLE
from contracts.rules.time import TIMESHEET_LIFECYCLE
from contracts.selectors import Workspace
from contracts.views import time
from contracts.views.frame import frame, load_workspace
from core.lifecycle import Lifecycle


@require_GET
def history(request: HttpRequest, pk: UUID) -> HttpResponse:
    workspace = load_workspace(request, pk)
    return render(request, "contracts/history.html", frame(workspace, "history") | {"events": lines_of(workspace)})


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


def lines_of(workspace: Workspace, most: int | None = None) -> list[dict[str, Any]]:
    """The newest first. A dispute is told once, of its milestone: that the contract's clocks stop is part of it."""
    events = [
        event
        for event in reversed(selectors.history(workspace.contract))
        if not (isinstance(event, ContractEvent) and event.move == "dispute")
    ]
    return [_told(event, workspace) for event in events[:most]]


def _told(event: Any, workspace: Workspace) -> dict[str, Any]:
    """One event of whatever kind, as a line of the timeline."""
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
