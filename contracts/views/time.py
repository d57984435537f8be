"""Pages of hourly work: the timer and the hours, a week and its review."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contracts import forms, selectors, services
from contracts.models import Contract, TimeEntry, Timesheet, TimesheetEvent
from contracts.rules.time import TIMESHEET_LIFECYCLE, TimesheetStatus
from contracts.selectors import HourlyWorkspace, WeekView
from core import pages
from core.clock import database_now, hours_text
from core.errors import DomainError
from core.lifecycle import Badge
from core.queries import get_or_refuse
from payments.rules import quote

WEEKS_SHOWN = 6
WEEKS_A_PAGE = 26
SAID = {
    "ask": "asked once more to pay in",
    "ask_ahead": "asked to pay in",
    "fund": "paid in",
    "submit": "sent the hours of",
    "reject": "sent back hours of",
    "approve": "approved",
    "warn": "reminded you both to agree on hours of",
    "contest": "kept the money of hours that are not agreed in",
    "bill": "paid out",
    "concede": "gave up hours of",
    "decide": "decided on",
    "refund": "returned the money of",
    "lapse": "left out",
}


def overview_of(workspace: HourlyWorkspace) -> dict[str, Any]:
    """What the overview of an hourly contract shows beside the frame."""
    running = workspace.running
    timer = running if running and running.timesheet.contract_id == workspace.contract.pk else None
    return _timer(timer, workspace) | {
        "views": [_view(week, workspace) for week in workspace.weeks if week != workspace.next_week],
        "this_view": _view(workspace.this_week, workspace) if workspace.this_week else None,
        "next_view": _view(workspace.next_week, workspace) if workspace.next_week else None,
        "settled": selectors.settled_weeks(workspace.contract)[:WEEKS_SHOWN],
        "timer_elsewhere": None if timer else running,
        "timer_form": forms.TimerForm(),
    }


def _timer(timer: TimeEntry | None, workspace: HourlyWorkspace) -> dict[str, Any]:
    """The running timer, its minutes so far, and at how many it stops by itself."""
    timesheet = timer and next((week for week in workspace.weeks if week.pk == timer.timesheet_id), None)
    if timer is None or timesheet is None:
        return {"timer": None}
    view = _view(timesheet, workspace)
    most = timesheet.cap_minutes - view.finished_minutes
    return {"timer": timer, "timer_minutes": view.minutes_of(timer), "timer_most": most}


def weeks_of(workspace: HourlyWorkspace, page: str | None) -> Page[Timesheet]:
    weeks = workspace.contract.timesheets.exclude(status=TimesheetStatus.CANCELLED).with_sums().select_related("hold")
    shown = Paginator(weeks, WEEKS_A_PAGE).get_page(page)
    for each in shown:
        each.contract = workspace.contract
    return shown


def rows_of(weeks: Iterable[Timesheet], workspace: HourlyWorkspace) -> list[tuple[Timesheet, Badge]]:
    return [(week, _view(week, workspace).badge) for week in weeks]


def _view(week: Timesheet, workspace: HourlyWorkspace) -> WeekView:
    return WeekView(week, workspace.reader, workspace.now)


@require_POST
def start_timer(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.start_timer(request.user, contract_id=pk, memo=request.POST.get("memo", "")[:500])
    return redirect("contracts:detail", pk)


@require_POST
def stop_timer(request: HttpRequest, pk: int) -> HttpResponse:
    entries = services.stop_timer(request.user, entry_id=pk)
    if minutes := sum(entry.minutes for entry in entries):
        messages.success(request, f"{hours_text(minutes)} hours written down.")
    else:
        messages.info(request, "That was less than a minute, so it does not count.")
    return redirect("contracts:detail", entries[0].timesheet.contract_id)


@require_http_methods(["GET", "POST"])
def add_time(request: HttpRequest, pk: UUID) -> HttpResponse:
    contract = get_or_refuse(Contract.objects.visible_to(request.user), pk=pk)
    form = forms.HoursForm(request.POST or None, initial={"day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.add_time(request.user, contract_id=pk, **_hours(form))
        except DomainError as error:
            _apply(form, error)
        else:
            messages.success(request, "Written down.")
            return redirect("contracts:detail", pk)
    return render(request, "contracts/hours_form.html", {"contract": contract, "form": form, "back": _home(pk)})


@require_http_methods(["GET", "POST"])
def edit_time(request: HttpRequest, pk: int) -> HttpResponse:
    entry = get_or_refuse(TimeEntry.objects.visible_to(request.user).with_week(), pk=pk)
    timer = entry.is_running
    initial = forms.HoursForm.of(entry)
    form: Any = forms.TimerForm(request.POST or None, initial=initial)
    if not timer:
        form = forms.HoursForm(request.POST or None, initial=initial)
    back = reverse("contracts:week", args=[entry.timesheet_id])
    if request.method == "POST" and form.is_valid():
        changes = {"memo": form.cleaned_data["memo"]} if timer else _hours(form)
        try:
            services.edit_time(request.user, entry_id=pk, **changes)
        except DomainError as error:
            _apply(form, error)
        else:
            messages.success(request, "Changed.")
            return redirect(back)
    context = {"contract": entry.timesheet.contract, "form": form, "entry": entry, "back": back}
    return render(request, "contracts/hours_form.html", context)


@require_POST
def delete_time(request: HttpRequest, pk: int) -> HttpResponse:
    entry = get_or_refuse(TimeEntry.objects.visible_to(request.user), pk=pk)
    services.delete_time(request.user, entry_id=pk)
    messages.success(request, "The hours were taken away.")
    return redirect("contracts:week", entry.timesheet_id)


@require_GET
def week(request: HttpRequest, pk: int) -> HttpResponse:
    view = WeekView(_week(request, pk), request.user, database_now())
    contract = view.week.contract
    context = {
        "view": view,
        "week": view.week,
        "contract": contract,
        "other": contract.freelancer if view.is_client else contract.client,
        "events": [
            {"event": event, "said": SAID[event.move]} | _look(event)
            for event in view.week.events.exclude(move="open").select_related("actor").order_by("-id")
        ],
        "crumbs": [("Contracts", reverse("contracts:list")), (contract.title, _home(contract.pk))],
    }
    return render(request, "contracts/week.html", context)


def _look(event: TimesheetEvent) -> dict[str, str]:
    tone, icon = TIMESHEET_LIFECYCLE.looks[event.to_status]
    return {"tone": tone, "icon": icon}


@require_POST
def fund_week(request: HttpRequest, pk: int) -> HttpResponse:
    timesheet = services.prepare_week(request.user, timesheet_id=pk)
    if timesheet.status != TimesheetStatus.PENDING:
        return redirect("contracts:week", pk)
    return redirect("pay", timesheet.hold_id)


@require_POST
def submit_week(request: HttpRequest, pk: int) -> HttpResponse:
    services.submit_timesheet(request.user, timesheet_id=pk)
    messages.success(request, "Sent. Your client has been told.")
    return redirect("contracts:week", pk)


@require_POST
def approve_week(request: HttpRequest, pk: int) -> HttpResponse:
    timesheet = services.approve_timesheet(request.user, timesheet_id=pk)
    messages.success(request, f"{timesheet.billed} released.")
    return redirect("contracts:week", pk)


@require_http_methods(["GET", "POST"])
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    timesheet = _week(request, pk)
    entries = [entry for entry in timesheet.entries.all() if entry.minutes]
    form = forms.SendBackForm(request.POST or None, entries=entries)
    if request.method == "POST" and form.is_valid():
        try:
            services.reject_timesheet(request.user, timesheet_id=pk, reasons=form.reasons)
        except DomainError as error:
            pages.apply(form, error)
        else:
            messages.success(request, "Sent back. The other hours stand.")
            return redirect("contracts:week", pk)
    context = {"week": timesheet, "contract": timesheet.contract, "form": form}
    return render(request, "contracts/send_back.html", context)


@require_POST
def concede_week(request: HttpRequest, pk: int) -> HttpResponse:
    services.concede_timesheet(request.user, timesheet_id=pk)
    messages.success(request, "What was held for these hours goes back.")
    return redirect("contracts:week", pk)


@require_http_methods(["GET", "POST"])
def weekly_cap(request: HttpRequest, pk: UUID) -> HttpResponse:
    contract = get_or_refuse(Contract.objects.visible_to(request.user), pk=pk)
    initial = {"hours": f"{(contract.weekly_cap_minutes or 0) / 60:g}"}
    form = forms.WeeklyCapForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_weekly_cap(request.user, contract_id=pk, minutes=form.minutes)
        except DomainError as error:
            _apply(form, error)
        else:
            messages.success(request, "The weekly limit was changed for weeks that are not paid in yet.")
            return redirect("contracts:detail", pk)
    figures = quote(contract.hourly_rate, contract.fee_bps) if contract.hourly_rate else None
    return render(request, "contracts/weekly_cap.html", {"contract": contract, "form": form, "quote": figures})


def _week(request: HttpRequest, pk: int) -> Timesheet:
    weeks = Timesheet.objects.visible_to(request.user).select_related(
        "contract__client__client_profile", "contract__freelancer__freelancer_profile", "hold"
    )
    return get_or_refuse(weeks, pk=pk)


def _home(contract_id: UUID) -> str:
    return reverse("contracts:detail", args=[contract_id])


def _hours(form: forms.HoursForm) -> dict[str, Any]:
    """The times only where they were given, or changed."""
    return {name: form.cleaned_data[name] for name in ("started_at", "ended_at", "memo") if name in form.cleaned_data}


def _apply(form: Any, error: DomainError) -> None:
    """Show the refusal at the field that the page asks it by."""
    places = getattr(form, "PLACES", {})
    error.fields = {places.get(name, name): reasons for name, reasons in error.fields.items()}
    pages.apply(form, error)
