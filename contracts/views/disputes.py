"""Pages of a dispute, for its two sides."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contracts.forms import dispute as forms
from contracts.models import Dispute, Milestone, Timesheet
from contracts.policies import role_in
from contracts.rules.dispute import Side
from contracts.selectors import DisputeRecord, DisputeView, WeekView, record_pdf, rests_with
from contracts.services import disputes as services
from core import pages
from core.clock import database_now
from core.errors import DomainError
from core.queries import get_or_refuse

PER_PAGE = 20


@require_GET
def dispute_list(request: HttpRequest) -> HttpResponse:
    """The person's own, on whichever side."""
    state = request.GET.get("state", "")
    disputes = Dispute.objects.visible_to(request.user).with_parties().open_first()
    if state == "open":
        disputes = disputes.live()
    elif state == "ended":
        disputes = disputes.ended()
    page = Paginator(disputes, PER_PAGE).get_page(request.GET.get("page"))
    rows = [DisputeView(dispute, request.user) for dispute in page]
    return render(
        request,
        "contracts/disputes.html",
        {
            "page": page,
            "rows": rows,
            "state": state,
            "tabs": _state_tabs(state),
            "crumbs": [("Contracts", reverse("contracts:list"))],
        },
    )


def _state_tabs(current: str) -> list[dict[str, Any]]:
    url = reverse("contracts:disputes")
    states = [("", "All"), ("open", "Open"), ("ended", "Ended")]
    return [
        {"label": label, "url": f"{url}?state={value}" if value else url, "current": value == current}
        for value, label in states
    ]


def _opened(
    request: HttpRequest, form: django_forms.Form, service: Callable[..., Dispute], **about: int
) -> Dispute | None:
    """The dispute, once its form is sent and right; else the reason stands on the form."""
    if request.method != "POST" or not form.is_valid():
        return None
    data = form.cleaned_data
    try:
        return service(
            request.user, reason=data["reason"], explanation=data["explanation"], claim=data["amount"], **about
        )
    except DomainError as error:
        pages.apply(form, error)
        return None


@require_http_methods(["GET", "POST"])
def open_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    milestones = Milestone.objects.visible_to(request.user).select_related(
        "contract__client", "contract__freelancer", "hold"
    )
    milestone = get_or_refuse(milestones, pk=pk)
    form = forms.DisputeForm(request.POST or None, currency=milestone.currency)
    if dispute := _opened(request, form, services.open_dispute, milestone_id=pk):
        messages.success(request, "The dispute is open. What is held stays where it is.")
        return redirect("contracts:dispute", dispute.pk)
    contract, hold = milestone.contract, milestone.hold
    is_client = role_in(contract, request.user) == "client"
    return render(
        request,
        "contracts/dispute_open.html",
        {
            "milestone": milestone,
            "contract": contract,
            "form": form,
            "is_client": is_client,
            "before": (hold.released + hold.fee).minor if hold else 0,
            "rests": rests_with(milestone),
            "other": contract.freelancer if is_client else contract.client,
        },
    )


@require_http_methods(["GET", "POST"])
def open_week_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    weeks = Timesheet.objects.visible_to(request.user).select_related(
        "contract__client", "contract__freelancer", "hold"
    )
    view = WeekView(get_or_refuse(weeks, pk=pk), request.user, database_now())
    form = forms.WeekDisputeForm(request.POST or None, currency=view.week.currency)
    if dispute := _opened(request, form, services.open_week_dispute, timesheet_id=pk):
        messages.success(request, "The dispute is open. What you claim stays held.")
        return redirect("contracts:dispute", dispute.pk)
    contract, hold = view.week.contract, view.week.hold
    context = {
        "view": view,
        "week": view.week,
        "contract": contract,
        "form": form,
        "before": (hold.released + hold.fee).minor if hold else 0,
        "other": contract.freelancer if view.is_client else contract.client,
    }
    return render(request, "contracts/dispute_week.html", context)


@require_GET
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, pk)


@require_GET
def transcript(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole record on one page, to print or to keep."""
    record = services.read_dispute(request.user, dispute_id=pk)
    # Staff who mediate come from their own page of it, in the console.
    crumbs = [("The dispute", reverse("contracts:dispute", args=[pk]))] if record.reader else []
    context = {"record": record, "dispute": record.dispute, "crumbs": crumbs}
    return render(request, "contracts/dispute_transcript.html", context)


@require_GET
def transcript_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    record = services.read_dispute(request.user, dispute_id=pk)
    response = HttpResponse(record_pdf(record), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="dispute-{pk}.pdf"'
    return response


@require_POST
def accept_claim(request: HttpRequest, pk: int) -> HttpResponse:
    services.accept_claim(request.user, dispute_id=pk)
    return _done(request, pk, "You agreed. The money moves as claimed.")


@require_POST
def ask_mediation(request: HttpRequest, pk: int) -> HttpResponse:
    services.ask_mediation(request.user, dispute_id=pk)
    return _done(request, pk, "Guildhall mediates from now on.")


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    withdrawn = services.withdraw_dispute(request.user, dispute_id=pk)
    pays = DisputeView(withdrawn).pays_if_withdrawn
    return _done(request, pk, "Withdrawn. The hours are paid out." if pays else "Withdrawn. Work goes on.")


@require_POST
def accept_offer(request: HttpRequest, pk: int, offer_id: int) -> HttpResponse:
    services.accept_offer(request.user, dispute_id=pk, offer_id=offer_id)
    return _done(request, pk, "You agreed. The money moves as offered.")


@require_POST
def contest(request: HttpRequest, pk: int) -> HttpResponse:
    form = forms.ContestForm(request.POST, auto_id="contest-%s")

    def act() -> None:
        services.contest_dispute(request.user, dispute_id=pk, text=form.cleaned_data["text"])

    return _act(request, pk, "contest", form, act, "Guildhall mediates from now on. Add what supports your view.")


@require_POST
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    currency = get_or_refuse(Dispute.objects.visible_to(request.user), pk=pk).currency
    form = forms.OfferForm(request.POST, auto_id="offer-%s", currency=currency)

    def act() -> None:
        services.offer_split(request.user, dispute_id=pk, **form.cleaned_data)

    return _act(request, pk, "offer", form, act, "Your offer was sent.")


@require_POST
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    form = forms.EvidenceForm(request.POST, request.FILES, auto_id="evidence-%s")

    def act() -> None:
        files = form.take_files(request.user)
        services.add_evidence(request.user, dispute_id=pk, text=form.cleaned_data["text"], attachment_ids=files)

    return _act(request, pk, "evidence", form, act, "Added. The other side has been told.")


def _act(
    request: HttpRequest, pk: int, name: str, form: django_forms.Form, act: Callable[[], None], done: str
) -> HttpResponse:
    """Do it, or show the page again with the refusal beside the field."""
    if form.is_valid():
        try:
            act()
        except DomainError as error:
            if error.status == 404:
                raise
            pages.apply(form, error)
        else:
            return _done(request, pk, done)
    return _page(request, pk, **{name: form})


def _done(request: HttpRequest, pk: int, done: str) -> HttpResponse:
    messages.success(request, done)
    return redirect("contracts:dispute", pk)


# Of the parts of a split, to each side.
WORDS = {
    Side.CLIENT: {"gross": "To the freelancer", "net": "The freelancer receives", "back": " goes back to you."},
    Side.FREELANCER: {"gross": "To you", "net": "You receive", "back": " goes back to the client."},
}


def _page(request: HttpRequest, pk: int, **bound: django_forms.Form) -> HttpResponse:
    found = get_or_refuse(Dispute.objects.visible_to(request.user).with_record(), pk=pk)
    view = DisputeRecord(found, request.user)
    shown: dict[str, Any] = {
        "contest": forms.ContestForm(auto_id="contest-%s"),
        "offer": forms.OfferForm(auto_id="offer-%s", currency=found.currency),
        "evidence": forms.EvidenceForm(auto_id="evidence-%s"),
        **bound,
    }
    context: dict[str, Any] = {
        "view": view,
        "dispute": found,
        "contract": found.contract,
        "forms": shown,
        "files": shown["evidence"].files_so_far(request.user),
        "crumbs": [
            ("Disputes", reverse("contracts:disputes")),
            ("The contract", reverse("contracts:detail", args=[found.contract_id])),
        ],
        "menu": _menu(view),
        "facts": _facts(view),
        "timeline": [one._asdict() for one in view.happenings],
        "words": WORDS[Side(view.role)],
    }
    return render(request, "contracts/dispute.html", context)


def _menu(view: DisputeView) -> list[dict[str, Any]]:
    pk = view.dispute.pk
    menu: list[dict[str, Any]] = [
        {
            "label": "The whole record",
            "hint": "All that either side said and showed.",
            "icon": "file-earmark-text",
            "url": reverse("contracts:dispute-transcript", args=[pk]),
        },
        {
            "label": "The record as PDF",
            "hint": "To print or to keep.",
            "icon": "download",
            "url": reverse("contracts:dispute-pdf", args=[pk]),
        },
    ]
    if "withdraw" in view.moves:
        menu.append(
            {
                "label": "Withdraw the dispute",
                "hint": "The hours are paid out." if view.pays_if_withdrawn else "Work and clocks go on.",
                "icon": "x-lg",
                "open": "withdraw",
                "danger": True,
            }
        )
    return menu


def _facts(view: DisputeView) -> list[tuple[str, str]]:
    dispute = view.dispute
    return [
        ("About", dispute.title),
        ("Reason", dispute.get_reason_display()),
        ("Opened by", "You" if view.is_opener else dispute.opener.get_full_name()),
    ]
