"""The public profile of a person, from either side."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rules import DAYS, EntryKind, SpanElsewhere, hours_elsewhere, written_spans
from accounts.selectors import completeness_of, marketplace_rules, meter, step_url
from contracts.models import Contract
from contracts.rules import ContractStatus
from core.queries import get_or_refuse
from core.regions import place_name
from gigs.models import Gig
from gigs.rules import GigStatus
from marketplace.pages.engines import for_search_engines
from payments.rules import quote
from projects.models import Project
from reviews.models import Review

REVIEWS_PER_PAGE = 10
PROJECTS_SHOWN = 5


@login_not_required
@require_safe
def by_number(request: HttpRequest, user_id: int) -> HttpResponse:
    """The address that everybody has; it leads on to the one that the person chose."""
    shown: User = get_or_refuse(_visible_to(request.user), pk=user_id)
    return _elsewhere(request, shown) if shown.handle else _page(request, shown)


@login_not_required
@require_safe
def by_handle(request: HttpRequest, handle: str) -> HttpResponse:
    shown: User = get_or_refuse(_visible_to(request.user), handle=handle.lower())
    return _page(request, shown) if handle == shown.handle else _elsewhere(request, shown)


def _elsewhere(request: HttpRequest, shown: User) -> HttpResponse:
    """For good, but not kept by browsers: the chosen address may change."""
    query = request.GET.urlencode()
    response = HttpResponsePermanentRedirect(f"{shown.get_absolute_url()}{f'?{query}' if query else ''}")
    response["Cache-Control"] = "no-cache"
    return response


def _said_language(name: str, level: str) -> str:
    """ "Dutch (native)", or "Dutch" where it is not said how well."""
    return f"{name} ({level.lower()})" if level else name


def _page(request: HttpRequest, shown: User) -> HttpResponse:
    """`?side=client` shows somebody who does both as one who hires."""
    side = _side(request, shown)
    profile = shown.client_profile if side == "client" else shown.freelancer_profile
    reviews = Review.objects.published().filter(reviewee=shown, side=side)
    is_me = shown == request.user
    context = {
        "person": shown,
        "profile": profile,
        "side": side,
        "sides": _side_tabs(shown, side),
        "name": profile.display_name if side == "client" else shown.get_full_name(),
        "place": place_name(shown.city, shown.country),
        "clock": _clock(shown, request.user),
        "languages": ", ".join(_said_language(*spoken) for spoken in shown.freelancer_profile.spoken),
        "rate": _rate(shown) if side == "freelancer" else None,
        "checks": [(_("E-mail"), shown.has_verified_email)],
        "facts": _facts(shown, side),
        "bars": _bars(reviews),
        "reviews": _review_page(request, reviews),
        "projects": _open_projects(shown) if side == "client" else [],
        "experience": _experience(shown) if side == "freelancer" else [],
        "hours": _hours(shown, request.user) if side == "freelancer" else [],
        "is_me": is_me,
        "meter": meter(shown, side) if is_me else None,
        "missing": _missing(shown, side) if is_me else {},
        "engines": for_search_engines(shown, side),
    }
    return render(request, "marketplace/person.html", context)


def _visible_to(reader: Any) -> QuerySet[User]:
    """Confirmed people for everybody; oneself always."""
    people = User.objects.with_profiles().with_entries()
    return people.filter(Q(pk__in=User.objects.visible()) | Q(pk=reader.pk))


def _side(request: HttpRequest, shown: User) -> str:
    if not (shown.is_client and shown.is_freelancer):
        return "client" if shown.is_client else "freelancer"
    return "client" if request.GET.get("side") == "client" else "freelancer"


def _side_tabs(shown: User, side: str) -> list[dict[str, Any]]:
    """Only for people who do both."""
    if not (shown.is_client and shown.is_freelancer):
        return []
    address = shown.get_absolute_url()
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
    return quote(hourly, marketplace_rules().fee_bps) if hourly else None


def _facts(shown: User, side: str) -> list[tuple[str, Any]]:
    since = (_("Here since"), date_format(shown.date_joined, "F Y"))
    if side == "freelancer":
        travels = [(_("Travels for a gig"), f"{shown.travel_radius_km} km")] if shown.public_location else []
        return [(_("Jobs finished"), shown.freelancer_profile.jobs_done), *travels, since]
    contracts = Contract.objects.filter(client=shown, status=ContractStatus.COMPLETED).count()
    gigs = Gig.objects.filter(seeker=shown, status=GigStatus.COMPLETED).count()
    posted = Project.objects.listed().filter(client=shown).count()
    return [(_("Projects posted"), posted), (_("Contracts finished"), contracts), (_("Gigs finished"), gigs), since]


def _experience(shown: User) -> list[dict[str, Any]]:
    """Work, education and certificates, each with what there is of it."""
    titles = {
        EntryKind.WORK: _("Work"),
        EntryKind.EDUCATION: _("Education"),
        EntryKind.CERTIFICATE: _("Certificates"),
    }
    entries = [entry | _months(entry) for entry in shown.entries]  # type: ignore[attr-defined]  # annotated
    groups = [(kind, title, [entry for entry in entries if entry["kind"] == kind]) for kind, title in titles.items()]
    return [{"kind": kind, "title": title, "rows": rows} for kind, title, rows in groups if rows]


def _months(entry: dict[str, Any]) -> dict[str, date | None]:
    return {name: date.fromisoformat(entry[name]) if entry[name] else None for name in ("started", "ended")}


def _hours(shown: User, reader: Any) -> list[dict[str, Any]]:
    """The days of this week with their hours there and, for a reader on another clock, here; days alike in one row."""
    there = ZoneInfo(shown.time_zone)
    here = ZoneInfo(reader.time_zone) if reader.is_authenticated else there
    today = timezone.now().astimezone(there).date()
    monday = today - timedelta(days=today.weekday())
    week = hours_elsewhere(shown.freelancer_profile.weekly_hours, there, here, monday)
    names = dict(zip(DAYS, WEEKDAYS_ABBR.values(), strict=True))
    rows: list[dict[str, Any]] = []
    for number, (day, name) in enumerate(names.items()):
        times = _times(day, week.get(day, []))
        if rows and rows[-1]["until"] == number - 1 and rows[-1]["times"] == times:
            rows[-1] |= {"last": name, "until": number}
        elif day in week:
            rows.append({"first": name, "last": name, "until": number, "times": times})
    return rows


def _times(day: str, spans: list[SpanElsewhere]) -> tuple[str, str]:
    """There and here; nothing here when the clocks agree."""
    there = written_spans((span.start, span.end) for span in spans)
    if all((day, span.start) == (span.reader_day, span.reader_start) for span in spans):
        return there, ""
    return there, ", ".join(_on_my_clock(span, day) for span in spans)


def _on_my_clock(span: SpanElsewhere, day: str) -> str:
    """Says so where it is another day."""
    times = f"{span.reader_start}–{span.reader_end}"
    days = list(DAYS)
    match (days.index(span.reader_day) - days.index(day)) % len(days):
        case 0:
            return times
        case 1:
            return _("%(times)s the day after") % {"times": times}
        case _:
            return _("%(times)s the day before") % {"times": times}


def _missing(shown: User, side: str) -> dict[str, str]:
    """Where to add what is not there, by the code of the step."""
    return {code: step_url(code) for code in completeness_of(shown, side).missing}


def _bars(reviews: QuerySet[Review]) -> list[tuple[int, int]]:
    counts = dict(reviews.order_by().values_list("rating").annotate(n=Count("pk")))
    return [(stars, counts.get(stars, 0)) for stars in range(5, 0, -1)]


def _review_page(request: HttpRequest, reviews: QuerySet[Review]) -> Page[Any]:
    rows = reviews.with_reviewer().select_related("contract", "gig")
    return Paginator(rows, REVIEWS_PER_PAGE).get_page(request.GET.get("page"))


def _open_projects(shown: User) -> QuerySet[Project]:
    return Project.objects.listed().open().filter(client=shown).order_by("-created_at", "-id")[:PROJECTS_SHOWN]
