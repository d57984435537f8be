"""What needs me next: one page for each side of a person."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.selectors import meter
from contracts.models import Contract, Dispute
from contracts.rules import DisputeStatus
from contracts.selectors import Workspace, workspace_of
from gigs.models import Gig
from gigs.rules import GigStatus
from gigs.selectors import GigView
from marketplace.context import current_view
from payments.selectors import wallet
from projects.models import Project, Proposal
from projects.rules import LIVE_PROPOSALS, ProjectStatus

SHOWN = 8
IDEAS = 4
RUNNING_GIGS = [GigStatus.PENDING, GigStatus.ACCEPTED, GigStatus.IN_PROGRESS, GigStatus.COMPLETED]


@dataclass(frozen=True)
class Task:
    """One thing that waits for the person: what, and where to do it."""

    about: str
    text: str
    url: str
    action: str
    icon: str = "bell"
    until: Any = None


@dataclass
class Dashboard:
    user: User
    view: str
    tasks: list[Task] = field(default_factory=list)
    contracts: list[Workspace] = field(default_factory=list)
    gigs: list[GigView] = field(default_factory=list)
    meter: dict[str, Any] = field(default_factory=dict)


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    me = User.objects.with_profiles().with_entries().get(pk=request.user.pk)
    board = Dashboard(me, current_view(request))
    board.meter = meter(me, board.view)
    _add_disputes(board)
    _add_contracts(board)
    _add_gigs(board)
    context: dict[str, Any] = {"board": board}
    if board.view == "client":
        context |= _client_side(board)
    else:
        context |= _freelancer_side(board)
    return render(request, f"marketplace/dashboard_{board.view}.html", context)


def _add_disputes(board: Dashboard) -> None:
    """First of all: silence costs money here."""
    side = Q(contract__client=board.user) if board.view == "client" else Q(contract__freelancer=board.user)
    for dispute in Dispute.objects.awaiting(board.user).filter(side).select_related("hold", "opener")[:SHOWN]:
        url = reverse("contracts:dispute", args=[dispute.pk])
        if dispute.status == DisputeStatus.OPEN:
            text = f"{dispute.opener.first_name} opened a dispute and asks for {dispute.claim}. Silence pays it."
            action = "Answer the dispute"
        else:
            text, action = "Another split of what is held is offered to you.", "Look at the offer"
        board.tasks.append(Task(dispute.title, text, url, action, "exclamation-triangle", dispute.answer_by))


def _add_contracts(board: Dashboard) -> None:
    """Running ones, and completed ones that the person has not reviewed."""
    side = Q(client=board.user) if board.view == "client" else Q(freelancer=board.user)
    mine = Contract.objects.filter(side).with_parties()
    running = [workspace_of(contract, board.user) for contract in mine.running()[:SHOWN]]
    to_review = mine.filter(status="completed").exclude(reviews__reviewer=board.user)[:IDEAS]
    board.contracts = running
    for workspace in running + [workspace_of(contract, board.user) for contract in to_review]:
        if workspace.next_step.waiting and not workspace.next_step.dispute:  # those are added by themselves
            board.tasks.append(_contract_task(workspace))


_CONTRACT_TASKS = {
    "answer": ("handed in work. Look it over, or it is released on its own.", "Review the work", "box-arrow-in-right"),
    "answer_change": ("proposes a change. It holds once you agree.", "Look at it", "arrow-left-right"),
    "answer_refund": ("asks the money back. Without an answer it goes back on its own.", "Answer", "hourglass-split"),
    "pay_in": ("can start once you have paid in for the next step.", "Pay in", "lock"),
    "make_changes": ("asked for changes.", "See the changes", "arrow-counterclockwise"),
    "hand_in": ("The funds are held. Do the work and hand it in.", "Open the contract", "box-arrow-in-right"),
    "review": ("The work is done and paid. Say how it was.", "Write a review", "star"),
    "fund_week": ("can log time once the week is paid in.", "Pay in", "lock"),
    "fund_next_week": ("goes on next week once it is paid in.", "Pay in", "lock"),
    "review_week": ("sent a week of hours. Look them over, or they are paid out on their own.", "Look over", "clock"),
    "log_hours": ("The week is paid in. Log your time; it is sent on its own.", "Log time", "clock"),
    "send_week": ("The week is over. Check your hours; they are sent on their own.", "Check the week", "clock"),
    "correct_hours": ("sent hours back to you. Correct them in time.", "See why", "arrow-counterclockwise"),
    "agree": (
        "and you do not agree on some hours. Unless one of you opens a dispute, their money goes back.",
        "Look at it",
        "exclamation-triangle",
    ),
}
_WEEK_PAGES = {"review_week", "send_week", "correct_hours", "agree"}


def _contract_task(workspace: Workspace) -> Task:
    step = workspace.next_step
    text, action, icon = _CONTRACT_TASKS[step.kind]
    name = workspace.other.first_name
    url = reverse("contracts:detail", args=[workspace.contract.pk])
    if step.kind == "review":
        url = f"{reverse('reviews:new')}?contract={workspace.contract.pk}"
    elif step.kind == "answer_change":
        url = reverse("contracts:changes", args=[workspace.contract.pk])
    if step.week and step.kind in _WEEK_PAGES:
        url = reverse("contracts:week", args=[step.week.pk])
    about = workspace.contract.title if step.milestone is None else step.milestone.title
    sentence = f"{name} {text}" if text[0].islower() else text
    return Task(about, sentence, url, action, icon, step.until)


def _add_gigs(board: Dashboard) -> None:
    side = Q(seeker=board.user) if board.view == "client" else Q(helper=board.user)
    mine = Gig.objects.filter(side).with_people()
    running = mine.filter(status__in=RUNNING_GIGS).exclude(status="completed", reviews__reviewer=board.user)
    for gig in running.order_by("starts_at", "-id")[:SHOWN]:
        view = GigView(gig, board.user)
        step = view.next_step
        if step.waiting:
            board.tasks.append(_gig_task(view))
        if step.kind != "review":
            board.gigs.append(view)


_GIG_TASKS = {
    "pay_in": ("Your gig has a helper. Pay in so that the work can start.", "Pay in", "lock"),
    "release": ("The work is done. Look at it and release the funds.", "Look at it", "check2"),
    "start": ("The funds are held. Say when you start.", "Open the gig", "play"),
    "finish": ("Say when it is done.", "Open the gig", "check2"),
    "review": ("Done and paid. Say how it was.", "Write a review", "star"),
    "no_show_answer": ("It is said that you did not come. Say so if you did.", "Answer", "bell"),
}


def _gig_task(view: GigView) -> Task:
    text, action, icon = _GIG_TASKS[view.next_step.kind]
    url = reverse("gigs:detail", args=[view.gig.pk])
    if view.next_step.kind == "review":
        url = f"{reverse('reviews:new')}?gig={view.gig.pk}"
    return Task(view.gig.title, text, url, action, icon, view.next_step.moment)


def _client_side(board: Dashboard) -> dict[str, Any]:
    waiting_proposals = Count("proposals", filter=Q(proposals__status__in=LIVE_PROPOSALS))
    projects = list(
        Project.objects.filter(client=board.user, status__in=[ProjectStatus.OPEN, ProjectStatus.DRAFT])
        .annotate(waiting=waiting_proposals)
        .order_by("-created_at")[:SHOWN]
    )
    for project in projects:
        if project.waiting:
            noun = "proposal waits" if project.waiting == 1 else "proposals wait"
            url = reverse("projects:proposals", args=[project.pk])
            board.tasks.append(
                Task(project.title, f"{project.waiting} {noun} for your answer.", url, "Compare proposals", "people")
            )
    held = [balance.committed for balance in wallet(board.user) if balance.committed]
    return {"projects": projects, "held": held}


def _freelancer_side(board: Dashboard) -> dict[str, Any]:
    user = board.user
    skills = user.freelancer_profile.skill_names
    ideas = Project.objects.listed().open().with_client().exclude(client=user).exclude(proposals__freelancer=user)
    matching = ideas.filter(skill_names__overlap=skills) if skills else ideas
    sent = Proposal.objects.filter(freelancer=user).live().select_related("project").order_by("-id")[:SHOWN]
    nearby = Gig.objects.none()
    if user.location:
        nearby = (
            Gig.objects.open().exclude(seeker=user).near(user.location, user.travel_radius_km).with_people()[:IDEAS]
        )
    return {
        "proposals": sent,
        "balances": wallet(user),
        "ideas": [
            {"project": project, "matched": [name for name in project.skill_names if name in skills]}
            for project in matching[:IDEAS]
        ],
        "nearby": nearby,
    }
