"""The public profile of a person, from either side."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from contracts.models import Contract
from contracts.rules import ContractStatus
from core.queries import get_or_refuse
from core.regions import language_name, place_name
from gigs.models import Gig
from gigs.rules import GigStatus
from payments.rules import quote
from projects.models import Project
from reviews.models import Review

REVIEWS_PER_PAGE = 10
PROJECTS_SHOWN = 5


@login_not_required
@require_safe
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """`?side=client` shows somebody who does both as one who hires."""
    shown: User = get_or_refuse(_visible_to(request.user), pk=user_id)
    side = _side(request, shown)
    profile = shown.client_profile if side == "client" else shown.freelancer_profile
    reviews = Review.objects.published().filter(reviewee=shown, side=side)
    context = {
        "person": shown,
        "profile": profile,
        "side": side,
        "sides": _side_tabs(shown, side),
        "name": profile.display_name if side == "client" else shown.get_full_name(),
        "place": place_name(shown.city, shown.country),
        "clock": _clock(shown, request.user),
        "languages": ", ".join(map(language_name, shown.freelancer_profile.languages)),
        "rate": _rate(shown) if side == "freelancer" else None,
        "checks": [(_("E-mail"), shown.has_verified_email)],
        "facts": _facts(shown, side),
        "bars": _bars(reviews),
        "reviews": _review_page(request, reviews),
        "projects": _open_projects(shown) if side == "client" else [],
        "is_me": shown == request.user,
    }
    return render(request, "marketplace/person.html", context)


def _visible_to(reader: Any) -> QuerySet[User]:
    """Confirmed people for everybody; oneself always."""
    people = User.objects.with_profiles()
    return people.filter(Q(pk__in=User.objects.visible()) | Q(pk=reader.pk))


def _side(request: HttpRequest, shown: User) -> str:
    if not (shown.is_client and shown.is_freelancer):
        return "client" if shown.is_client else "freelancer"
    return "client" if request.GET.get("side") == "client" else "freelancer"


def _side_tabs(shown: User, side: str) -> list[dict[str, Any]]:
    """Only for people who do both."""
    if not (shown.is_client and shown.is_freelancer):
        return []
    address = reverse("people:detail", args=[shown.pk])
    return [
        {"label": _("At work"), "url": address, "current": side == "freelancer"},
        {"label": _("As a client"), "url": f"{address}?side=client", "current": side == "client"},
    ]


def _clock(shown: User, reader: Any) -> str:
    """ "16:32 there, one hour ahead of you"."""
    there = timezone.now().astimezone(ZoneInfo(shown.time_zone))
    text = _("%(time)s there") % {"time": date_format(there, "H:i")}
    if not reader.is_authenticated or reader == shown:
        return text
    ahead = _offset(there) - _offset(timezone.now().astimezone(ZoneInfo(reader.time_zone)))
    if not ahead:
        return _("%(there)s, as with you") % {"there": text}
    hours = abs(ahead) / timedelta(hours=1)
    words = ngettext("%(hours)s hour", "%(hours)s hours", 1 if hours == 1 else 2)
    span = words % {"hours": number_format(hours, 0 if hours.is_integer() else 1)}
    if ahead > timedelta(0):
        return _("%(there)s, %(span)s ahead of you") % {"there": text, "span": span}
    return _("%(there)s, %(span)s behind you") % {"there": text, "span": span}


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta(0)


def _rate(shown: User) -> Any:
    """Gross, fee and net of an hour, or None."""
    hourly = shown.freelancer_profile.hourly_rate
    return quote(hourly, settings.PLATFORM_FEE_BPS) if hourly else None


def _facts(shown: User, side: str) -> list[tuple[str, Any]]:
    since = (_("Here since"), date_format(shown.date_joined, "F Y"))
    if side == "freelancer":
        return [(_("Jobs finished"), shown.freelancer_profile.jobs_done), since]
    contracts = Contract.objects.filter(client=shown, status=ContractStatus.COMPLETED).count()
    gigs = Gig.objects.filter(seeker=shown, status=GigStatus.COMPLETED).count()
    posted = Project.objects.listed().filter(client=shown).count()
    return [(_("Projects posted"), posted), (_("Contracts finished"), contracts), (_("Gigs finished"), gigs), since]


def _bars(reviews: QuerySet[Review]) -> list[tuple[int, int]]:
    counts = dict(reviews.order_by().values_list("rating").annotate(n=Count("pk")))
    return [(stars, counts.get(stars, 0)) for stars in range(5, 0, -1)]


def _review_page(request: HttpRequest, reviews: QuerySet[Review]) -> Page[Any]:
    rows = reviews.with_reviewer().select_related("contract", "gig")
    return Paginator(rows, REVIEWS_PER_PAGE).get_page(request.GET.get("page"))


def _open_projects(shown: User) -> QuerySet[Project]:
    return Project.objects.listed().open().filter(client=shown).order_by("-created_at", "-id")[:PROJECTS_SHOWN]
