"""The freelancer directory."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.api.filters import FreelancerFilter
from accounts.models import FreelancerProfile
from accounts.selectors import freelancer_options
from core.pagination import CachedCountPaginator
from core.regions import place_name
from marketplace.pages.person import by_handle, by_number

PER_PAGE = 20
SKILLS_IN_ROW = 5
SKILLS_OFFERED = 10
LANGUAGES_OFFERED = 6
ORDERS = {
    "rating": gettext_lazy("Best rated"),
    "rate": gettext_lazy("Lowest rate"),
    "-rate": gettext_lazy("Highest rate"),
    "jobs": gettext_lazy("Most jobs finished"),
    "-created_at": gettext_lazy("Newest"),
}


@login_not_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    search = _Search(request.GET)
    page = CachedCountPaginator(search.found, PER_PAGE).get_page(request.GET.get("page"))
    count = page.paginator.count
    context = {
        "page": page,
        "rows": [_row(profile, search.skills) for profile in page],
        "groups": search.groups(),
        "used": search.used(),
        "filter_count": len(search.used()),
        "kept": [(name, search.query[name]) for name in ("q", "ordering") if search.query.get(name)],
        "q": search.query.get("q", ""),
        "clear_url": search.url_without(*_FILTERS),
        "orders": search.orders(),
        "errors": search.errors(),
        "show": ngettext("Show %(n)s person", "Show %(n)s people", count) % {"n": intcomma(count)},
    }
    return render(request, "marketplace/people.html", context)


urls = [
    path("", people, name="list"),
    path("<int:user_id>/", by_number, name="detail"),
    path("<slug:handle>/", by_handle, name="own"),
]

_FILTERS = ("category", "skills", "rate_min", "rate_max", "experience", "rating_min", "available", "language")


class _Search:
    """What was asked for, and how the panel shows it. Values that make no sense are left out, and said."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query.copy()
        self.query.pop("page", None)
        for name in [name for name, values in self.query.lists() if not any(values)]:
            del self.query[name]
        self.skills = self.query.getlist("skills")
        asked = self.query.copy()
        if self.skills:
            asked["skills"] = ",".join(self.skills)
        self._filter = FreelancerFilter(asked, FreelancerProfile.objects.listed().for_rows())
        self.found = self._filter.qs

    def groups(self) -> list[dict[str, Any]]:
        """For components/filter_panel.html."""
        options = freelancer_options()
        return [
            self._choice(_("Category"), "category", "radio", [_any(options["count"]), *options["categories"]]),
            self._choice(_("Skills"), "skills", "checkbox", _offered(options["skills"], SKILLS_OFFERED, self.skills)),
            {
                "legend": _("An hour, in %(currency)s") % {"currency": self._currency},
                "kind": "range",
                "low_name": "rate_min",
                "high_name": "rate_max",
                "low": self.query.get("rate_min", ""),
                "high": self.query.get("rate_max", ""),
            },
            self._choice(_("Experience"), "experience", "checkbox", options["experience"]),
            self._choice(_("Rating"), "rating_min", "radio", [_any(options["count"]), *options["ratings"]]),
            self._choice(
                _("Availability"),
                "available",
                "checkbox",
                [{"value": "true", "label": _("Open to work"), "count": options["available"]}],
            ),
            self._choice(
                _("Language"),
                "language",
                "radio",
                [_any(options["count"]), *_offered(options["languages"], LANGUAGES_OFFERED, [self._value("language")])],
            ),
        ]

    def used(self) -> list[dict[str, str]]:
        """For components/filters_used.html."""
        labels = {
            (group["name"], option["value"]): option["label"]
            for group in self.groups()
            for option in group.get("options", [])
        }
        chips = []
        for name in _FILTERS:
            for value in self.query.getlist(name):
                label = labels.get((name, value)) or _rate_label(name, value, self._currency)
                if label:
                    chips.append({"label": str(label), "url": self._url_dropping(name, value)})
        return chips

    def errors(self) -> list[str]:
        """What was left out, and why."""
        names = {"rate_min": _("Rate"), "rate_max": _("Rate"), "lat": _("Place"), "lng": _("Place"), "q": _("Search")}
        return [f"{names.get(name, name)}: {reasons[0]}" for name, reasons in self._filter.errors.items()]

    def orders(self) -> list[dict[str, Any]]:
        """For the menu; the first is what holds without a choice."""
        default = _("Best match") if self.query.get("q") else str(ORDERS["rating"])
        names = [("", default), *((name, label) for name, label in ORDERS.items() if str(label) != default)]
        chosen = self.query.get("ordering", "")
        return [{"label": label, "url": self._url(ordering=name), "current": name == chosen} for name, label in names]

    def url_without(self, *names: str) -> str:
        query = self.query.copy()
        for name in names:
            query.pop(name, None)
        return _address(query)

    @property
    def _currency(self) -> str:
        return self._value("currency") or settings.DEFAULT_CURRENCY

    def _value(self, name: str) -> str:
        return str(self.query.get(name, ""))

    def _choice(self, legend: str, name: str, kind: str, options: Iterable[dict[str, Any]]) -> dict[str, Any]:
        chosen = self.query.getlist(name) or [""]
        marked = [option | {"checked": option["value"] in chosen} for option in options]
        return {"legend": legend, "name": name, "kind": kind, "options": marked}

    def _url(self, **changes: str) -> str:
        query = self.query.copy()
        for name, value in changes.items():
            query[name] = value
            if not value:
                del query[name]
        return _address(query)

    def _url_dropping(self, name: str, value: str) -> str:
        query = self.query.copy()
        query.setlist(name, [other for other in query.getlist(name) if other != value])
        return _address(query)


def _address(query: QueryDict) -> str:
    address = reverse("people:list")
    return f"{address}?{query.urlencode()}" if query else address


def _any(count: int) -> dict[str, Any]:
    return {"value": "", "label": _("Any"), "count": count}


def _offered(options: list[dict[str, Any]], most: int, chosen: list[str]) -> list[dict[str, Any]]:
    """The most frequent ones, and those in use however rare."""
    shown = options[:most]
    known = {option["value"] for option in shown}
    rest = {option["value"]: option for option in options[most:]}
    extra = [rest.get(value, {"value": value, "label": value, "count": None}) for value in chosen if value]
    return shown + [option for option in extra if option["value"] not in known]


def _rate_label(name: str, value: str, currency: str) -> str:
    words = {"rate_min": _("From %(rate)s an hour"), "rate_max": _("Up to %(rate)s an hour")}.get(name)
    return words % {"rate": f"{value} {currency}"} if words else ""


def _row(profile: FreelancerProfile, searched: list[str]) -> dict[str, Any]:
    """For components/card_row_freelancer.html. Skills that were searched for come first."""
    user = profile.user
    matched = [skill for skill in profile.skill_names if skill in searched]
    others = [skill for skill in profile.skill_names if skill not in searched]
    shown = others[: max(SKILLS_IN_ROW - len(matched), 0)]
    distance = getattr(profile, "distance", None)
    return {
        "name": user.get_full_name(),
        "url": user.get_absolute_url(),
        "src": user.avatar_url,
        "headline": profile.headline,
        "rate": profile.hourly_rate,
        "matched": matched,
        "skills": shown,
        "more": len(others) - len(shown),
        "rating": profile.rating_average,
        "reviews": profile.rating_count,
        "place": place_name(user.city, user.country),
        "away": distance.m if distance is not None else None,
        "available": user.is_available,
        "jobs": profile.jobs_done,
        "verified": user.has_verified_identity,
    }
