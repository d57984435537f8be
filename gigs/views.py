"""Pages of gigs."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.gis.geos import Polygon
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Upload
from accounts.rules import UploadKind
from accounts.selectors import marketplace_rules
from core import pages
from core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from core.pagination import CachedCountPaginator
from core.queries import get_or_refuse
from core.templatetags.ui import short_money
from gigs import policies, services
from gigs.forms import RADII_KM, CancelForm, GigForm, NoShowAnswerForm, NoShowForm, PlaceForm, SearchForm, initial_of
from gigs.models import Gig, GigEvent, NoShowEvent, Town
from gigs.rules import GIG_LIFECYCLE, NO_SHOW_LIFECYCLE
from gigs.selectors import GigView
from payments.selectors import fee_bps

PER_PAGE = 30
TOWNS_SHOWN = 12


@login_not_required
@require_GET
def gig_list(request: HttpRequest) -> HttpResponse:
    """Open gigs beside their map. Without a searched place: around the reader's own, if known."""
    query = _with_own_place(request)
    form = SearchForm(query)
    page = CachedCountPaginator(form.apply(Gig.objects.open().with_people()), PER_PAGE).get_page(query.get("page"))
    context = {
        "form": form,
        "page": page,
        "places": [_pin(gig) for gig in page],
        "chips": _chips(query, form),
        "fee_bps": marketplace_rules().fee_bps,
    }
    return render(request, "gigs/list.html", context)


def _with_own_place(request: HttpRequest) -> QueryDict:
    query = request.GET.copy()
    user = request.user
    if {"lat", "bbox", "q"} & set(query) or not user.is_authenticated or user.location is None:
        return query
    query["lat"], query["lng"] = str(round(user.location.y, 4)), str(round(user.location.x, 4))
    query.setdefault("radius_km", str(user.travel_radius_km))
    return query


def _pin(gig: Gig) -> dict[str, Any]:
    """What the map draws: always the blurred place."""
    return {
        "id": gig.pk,
        "lat": round(gig.public_location.y, 5),
        "lng": round(gig.public_location.x, 5),
        "label": pages.plain_text(short_money(gig.budget)),
        "title": gig.title,
        "url": reverse("gigs:detail", args=[gig.pk]),
    }


def _chips(query: QueryDict, form: SearchForm) -> list[dict[str, Any]]:
    def link(**changes: str) -> str:
        changed = query.copy()
        changed.pop("page", None)
        for name, value in changes.items():
            changed.pop(name, None)
            if value:
                changed[name] = value
        return f"?{changed.urlencode()}"

    chips = []
    if form.place:
        chips = [
            {"label": f"Within {km} km", "url": link(radius_km=str(km), bbox=""), "on": form.radius == km}
            for km in RADII_KM
        ]
    when = form.read.get("when")
    for value, label in (("today", "Today"), ("weekend", "This weekend")):
        chips.append({"label": label, "url": link(when="" if when == value else value), "on": when == value})
    return chips


@login_not_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    gig = get_or_refuse(Gig.objects.visible_to(request.user).with_people(), pk=pk)
    view = GigView(gig, request.user)
    if not view.role:
        refusal = policies.why_not_accept(request.user, gig) if request.user.is_authenticated else None
        return render(request, "gigs/detail.html", {"gig": gig, "view": view, "refusal": refusal, "place": [_pin(gig)]})
    return _workspace(request, view)


def _workspace(request: HttpRequest, view: GigView, answer_form: NoShowAnswerForm | None = None) -> HttpResponse:
    """The page for the two sides."""
    gig = view.gig
    # By its reverse name: reviews stands above gigs and is not imported here.
    view.reviewed = gig.reviews.filter(reviewer=request.user).exists()
    exact = _pin(gig) | {"lat": gig.location.y, "lng": gig.location.x, "exact": True}
    context = {
        "gig": gig,
        "view": view,
        "place": [exact],
        "events": _events(view),
        "cancel_form": CancelForm(),
        "no_show_form": NoShowForm(),
        "answer_form": answer_form or NoShowAnswerForm(),
    }
    return render(request, "gigs/workspace.html", context)


_SAID = {
    "post": "posted the gig",
    "accept": "accepted",
    "start": "started",
    "complete": "finished",
    "cancel": "cancelled",
    "lapse": "cancelled",
    "no_show": "ended the gig: somebody did not come",
    "report": "said that the other side did not come",
    "contest": "answered: I was there",
    "withdraw": "took that back",
    "reject": "decided that the gig goes on",
    "release": "released the money",
    "remind": "reminded of the answer",
    "remind_again": "reminded of the answer",
    "warn": "told both that the funds have to be settled soon",
}


_LOOKS = {GigEvent: GIG_LIFECYCLE.looks, NoShowEvent: NO_SHOW_LIFECYCLE.looks}


def _events(view: GigView) -> list[dict[str, Any]]:
    """Newest first, with what was said about who came. That a report was confirmed is told by the end of the gig."""
    events: list[Any] = list(view.gig.events.select_related("actor"))
    if view.no_show:
        events += view.no_show.events.exclude(move="confirm").select_related("actor")
    return [_told(event, view) for event in sorted(events, key=lambda event: event.created_at, reverse=True)]


def _told(event: Any, view: GigView) -> dict[str, Any]:
    tone, icon = _LOOKS[type(event)][event.to_status]
    if event.actor_id == view.reader.pk:
        who = "You"
    else:
        who = event.actor.get_full_name() if event.actor else "Guildhall"
    return {
        "who": who,
        "said": _said(event.move, view.gig),
        "reason": event.reason,
        "moment": event.created_at,
        "tone": tone,
        "icon": icon,
    }


def _said(move: str, gig: Gig) -> str:
    said = _SAID.get(move, move)
    paid = gig.compensation and move in {"cancel", "no_show"}
    return f"{said}. {gig.compensation} of what was held went to the helper" if paid else said


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    if refusal := policies.why_not_post(request.user):
        raise Forbidden(refusal.code, refusal.message)
    user = request.user
    initial = {"currency": user.currency, "area": user.city}
    if user.location:
        initial |= {"lat": user.location.y, "lng": user.location.x}
    form = GigForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            gig = services.post_gig(request.user, details=form.details())
        except DomainError as error:
            pages.apply(form, error)
        else:
            messages.success(request, "Your gig is on the map. You will hear when a helper accepts.")
            return redirect("gigs:detail", gig.pk)
    return render(request, "gigs/form.html", _form_context(request, form))


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    gig = get_or_refuse(Gig.objects.filter(seeker=request.user).with_people(), pk=pk)
    form = GigForm(request.POST or None, initial=initial_of(gig))
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_gig(request.user, gig_id=pk, details=form.details())
        except DomainError as error:
            pages.apply(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("gigs:detail", pk)
    return render(request, "gigs/form.html", _form_context(request, form, gig))


def _form_context(request: HttpRequest, form: GigForm, gig: Gig | None = None) -> dict[str, Any]:
    images = (
        Upload.objects.filter(owner=request.user, kind=UploadKind.GIG, pk__in=form.image_ids()) if form.is_bound else []
    )
    if gig and not form.is_bound:
        images = gig.images.all()
    fee = gig.fee_bps if gig else fee_bps(client=request.user)
    days = gig.approval_days if gig else marketplace_rules().approval_days
    return {"form": form, "gig": gig, "images": images, "fee_bps": fee, "approval_days": days}


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Gigs the person posted or helps with."""
    side = request.GET.get("as", "")
    wanted = {"seeker": Q(seeker=request.user), "helper": Q(helper=request.user)}.get(
        side, Q(seeker=request.user) | Q(helper=request.user)
    )
    page = Paginator(Gig.objects.filter(wanted).with_people().order_by("-id"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    url = reverse("gigs:mine")
    tabs = [
        {"label": label, "url": f"{url}?as={value}" if value else url, "current": side == value}
        for value, label in (("", "All"), ("seeker", "Posted by you"), ("helper", "You help"))
    ]
    return render(
        request, "gigs/mine.html", {"page": page, "rows": [GigView(gig, request.user) for gig in page], "tabs": tabs}
    )


def _action(service: Callable[..., Gig], done: str) -> Callable[..., HttpResponse]:
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        service(request.user, gig_id=pk)
        messages.success(request, done)
        return redirect("gigs:detail", pk)

    return view


accept = _action(services.accept_gig, "The gig is yours. Start once the funds are held.")
start = _action(services.start_gig, "Started. Say when it is done.")
release = _action(services.release_gig, "Released. Thank you for paying on time.")


@require_POST
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    gig = services.complete_gig(request.user, gig_id=pk)
    messages.success(
        request, f"Done. The money is released once it has been looked at, in {gig.approval_days} days at the latest."
    )
    return redirect("gigs:detail", pk)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """`late` says that the page named the cost; without it, a gig that became late meanwhile is not called off."""
    reason, late = request.POST.get("reason", "")[:500], "late" in request.POST
    try:
        gig = services.cancel_gig(request.user, gig_id=pk, reason=reason, late=late)
    except Conflict as error:
        if error.code != "cancellation_is_late":
            raise
        messages.error(request, error.message)
        return redirect("gigs:detail", pk)
    if gig.compensation:
        messages.success(request, f"The gig was cancelled. {gig.compensation} goes to the helper, the rest goes back.")
    else:
        messages.success(request, "The gig was cancelled. What was held goes back.")
    return redirect("gigs:detail", pk)


@require_POST
def report_no_show(request: HttpRequest, pk: int) -> HttpResponse:
    services.report_no_show(request.user, gig_id=pk, note=request.POST.get("note", "")[:2000])
    messages.success(request, "Reported. The other side has 24 hours to answer.")
    return redirect("gigs:detail", pk)


@require_POST
def contest_no_show(request: HttpRequest, pk: int) -> HttpResponse:
    gig = get_or_refuse(Gig.objects.visible_to(request.user).with_people(), pk=pk)
    form = NoShowAnswerForm(request.POST)
    if form.is_valid():
        try:
            services.contest_no_show(request.user, gig_id=pk, **form.cleaned_data)
        except Invalid as error:
            pages.apply(form, error)
        else:
            messages.success(request, "Our staff look at it now, and tell you both what they decide.")
            return redirect("gigs:detail", pk)
    view = GigView(gig, request.user)
    if not view.role:
        raise NotFound
    return _workspace(request, view, form)


withdraw_no_show = _action(services.withdraw_no_show, "Taken back. The gig goes on as it was.")


@require_POST
def fund(request: HttpRequest, pk: int) -> HttpResponse:
    gig = services.prepare_funding(request.user, gig_id=pk)
    return redirect("pay", gig.hold_id)


@login_not_required
@require_GET
def places(request: HttpRequest) -> JsonResponse:
    """Towns by the beginning of a name (`q`) or inside a map's bounds (`bbox`): [{name, lat, lng}], largest first."""
    query = PlaceForm(request.GET)
    if not query.is_valid():
        return JsonResponse([], safe=False)
    if name := query.cleaned_data["q"]:
        towns = Town.objects.named(name)
    elif bounds := query.cleaned_data["bbox"]:
        towns = Town.objects.inside(Polygon.from_bbox(bounds))
    else:
        towns = Town.objects.none()
    answer = [
        {"name": f"{town.name}, {town.country}", "lat": round(town.location.y, 5), "lng": round(town.location.x, 5)}
        for town in towns[:TOWNS_SHOWN]
    ]
    return JsonResponse(answer, safe=False, headers={"Cache-Control": "public, max-age=86400"})
