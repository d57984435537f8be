"""The list of open projects, with its filters."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from core.pagination import CachedCountPaginator
from projects.api.filters import ProjectFilter, listing_of
from projects.models import Project
from projects.selectors import RELEVANCE, filter_options
from projects.views.cards import card, skills_of

PER_PAGE = 20
SKILLS_OFFERED = 8
CURRENCIES_OFFERED = 6
FILTERS = ("category", "budget_type", "budget_min", "budget_max", "currency", "experience_level", "skills")
ORDERS = {
    RELEVANCE: gettext_lazy("Best match"),
    "-created_at": gettext_lazy("Newest"),
    "-budget": gettext_lazy("Highest budget"),
    "budget": gettext_lazy("Lowest budget"),
    "proposal_count": gettext_lazy("Fewest proposals"),
}


@login_not_required
@require_safe
def project_list(request: HttpRequest) -> HttpResponse:
    search = Search(request.GET)
    page = CachedCountPaginator(search.listing, PER_PAGE).get_page(request.GET.get("page"))
    my_skills = skills_of(request.user)
    count, used = page.paginator.count, search.used()
    context = {
        "page": page,
        "rows": [card(row, my_skills=my_skills) for row in page],
        "groups": search.groups(),
        "used": used,
        "filter_count": len(used),
        "errors": search.errors(),
        "kept": [(name, search.query[name]) for name in ("q", "ordering") if search.query.get(name)],
        "q": search.text,
        "is_cut_off": search.listing.is_cut_off,
        "clear_url": search.url_without(*FILTERS),
        "all_url": reverse("projects:list"),
        "orders": search.orders(),
        "show": ngettext("Show %(n)d project", "Show %(n)d projects", count) % {"n": count},
    }
    return render(request, "projects/list.html", context)


class Search:
    """What was asked for, and how the panel shows it. Values that make no sense are left out, with a word why."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query.copy()
        self.query.pop("page", None)
        for name in [name for name, values in self.query.lists() if not any(values)]:
            del self.query[name]
        asked = self.query.copy()
        if "q" in asked:
            asked["search"] = asked.pop("q")[-1]
        asked["status"] = "open"
        self._errors = ProjectFilter(asked, Project.objects.none()).errors
        for name in self._errors:
            asked.pop(name, None)
        self.listing = listing_of(asked)
        self.text = self.listing.text

    @cached_property
    def _options(self) -> dict[str, Any]:
        return filter_options()

    def groups(self) -> list[dict[str, Any]]:
        """For components/filter_panel.html."""
        options = self._options
        return [
            self._choice(_("Category"), "category", options["categories"]),
            self._choice(_("How it is paid"), "budget_type", options["budget_types"]),
            {
                "legend": _("Budget"),
                "kind": "range",
                "low_name": "budget_min",
                "high_name": "budget_max",
                "low": self.query.get("budget_min", ""),
                "high": self.query.get("budget_max", ""),
            },
            self._choice(_("Currency"), "currency", self._offered("currency", "currencies", CURRENCIES_OFFERED)),
            self._choice(_("Experience"), "experience_level", options["experience_levels"]),
            self._choice(_("Skills"), "skills", self._offered("skills", "skills", SKILLS_OFFERED)),
            {"legend": _("Another skill"), "kind": "text", "name": "skills", "placeholder": _("Its name")},
        ]

    def used(self) -> list[dict[str, str]]:
        """For components/filters_used.html."""
        return [
            {"label": self._label(name, value), "url": self._url_dropping(name, value)}
            for name in FILTERS
            if name not in self._errors
            for value in self.query.getlist(name)
            if value
        ]

    def errors(self) -> list[str]:
        """What could not be read, and was left out."""
        legends = {"q": _("Search"), "search": _("Search"), "budget_min": _("Budget"), "budget_max": _("Budget")}
        return [
            f"{legends.get(name, name.replace('_', ' ').capitalize())}: {reason}"
            for name, reasons in self._errors.items()
            for reason in reasons
        ]

    def orders(self) -> list[dict[str, Any]]:
        """For the menu. By relevance only when something is searched, by budget only within one currency."""
        current = self.listing.ordering
        possible = {
            name: label
            for name, label in ORDERS.items()
            if (name != RELEVANCE or self.text) and ("budget" not in name or self._in_one_currency or name == current)
        }
        return [
            {"label": label, "url": self._url(ordering=name), "current": name == current}
            for name, label in possible.items()
        ]

    @property
    def _in_one_currency(self) -> bool:
        return len(self.query.getlist("currency")) == 1

    def url_without(self, *names: str) -> str:
        query = self.query.copy()
        for name in names:
            query.pop(name, None)
        return _address(query)

    def _choice(self, legend: str, name: str, options: Iterable[dict[str, Any]]) -> dict[str, Any]:
        chosen = self.query.getlist(name)
        marked = [option | {"checked": option["value"] in chosen} for option in options]
        return {"legend": legend, "name": name, "kind": "checkbox", "options": marked}

    def _offered(self, name: str, options: str, most: int) -> list[dict[str, Any]]:
        """The most frequent ones, and those in use however rare."""
        known = {option["value"]: option for option in self._options[options]}
        shown = list(known.values())[:most]
        chosen = [value for value in self.query.getlist(name) if value]
        options_in_use = [known.get(value, {"value": value, "label": value, "count": None}) for value in chosen]
        return shown + [option for option in options_in_use if option not in shown]

    def _label(self, name: str, value: str) -> str:
        if name == "budget_min":
            return _("From %(amount)s") % {"amount": value}
        if name == "budget_max":
            return _("Up to %(amount)s") % {"amount": value}
        for group in self.groups():
            for option in group.get("options", []):
                if group["name"] == name and option["value"] == value:
                    return str(option["label"])
        return value

    def _url(self, **changes: str) -> str:
        query = self.query.copy()
        for name, value in changes.items():
            query[name] = value
        return _address(query)

    def _url_dropping(self, name: str, value: str) -> str:
        query = self.query.copy()
        query.setlist(name, [other for other in query.getlist(name) if other != value])
        return _address(query)


def _address(query: QueryDict) -> str:
    address = reverse("projects:list")
    return f"{address}?{query.urlencode()}" if query else address
