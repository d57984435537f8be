"""Browsing: a page of what a search found, and the choices of its filters with their counts."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import Count, F, Func, TextField

from accounts.models import Category
from accounts.rules import ExperienceLevel
from core.pagination import CachedCountPaginator
from projects.models import Project
from projects.querysets import NEWEST, ProjectQuerySet
from projects.rules import RANK_WINDOW, BudgetType

RELEVANCE = "relevance"
ORDERINGS: dict[str, tuple[str, ...]] = {
    "-created_at": NEWEST,
    "created_at": ("created_at", "id"),
    "-budget": ("-budget_max_minor", "-id"),
    "budget": ("budget_max_minor", "id"),
    "-proposal_count": ("-proposal_count", *NEWEST),
    "proposal_count": ("proposal_count", *NEWEST),
}
OPTIONS_SECONDS = 60
POPULAR_SKILLS = 30


class Listing:
    """What a search found, in order. A slice is one page, read in one query (in two where the ranked part ends).

    The page's ids come first, from an index where there is one, and only their rows are read: a deep page costs little
    more than the first. By relevance the newest RANK_WINDOW matches are ranked, and older ones follow by age.
    `shape` says what the reader needs of the page's rows: `values(...)`, `select_related(...)`.
    """

    def __init__(
        self, found: ProjectQuerySet, *, shape: Callable[[Any], Any], text: str = "", ordering: str = ""
    ) -> None:
        self.found, self.shape, self.text = found, shape, text
        self.ordering = ordering or (RELEVANCE if text else "-created_at")

    def count(self) -> int:
        return int(CachedCountPaginator(self.found, 1).count)

    def __getitem__(self, part: slice) -> list[Any]:
        start, stop = part.start or 0, part.stop
        if self.ordering != RELEVANCE or not self.text:
            return self._page(self.found.order_by(*ORDERINGS.get(self.ordering, NEWEST)), start, stop)
        ranked = self._page(self.found.best_first(self.text), start, min(stop, RANK_WINDOW))
        return ranked + self._page(self.found.newest(), max(start, RANK_WINDOW), stop)

    def _page(self, ordered: ProjectQuerySet, start: int, stop: int) -> list[Any]:
        if start >= stop:
            return []
        rows = Project.objects.filter(pk__in=ordered.values("pk")[start:stop])
        if "rank" in ordered.query.annotations:
            rows = rows.with_rank(self.text)
        return list(self.shape(rows.order_by(*ordered.query.order_by)))


class Option(NamedTuple):
    """One choice of a filter."""

    value: str
    label: str
    count: int


class CategoryOption(NamedTuple):
    """`count` includes the categories below."""

    value: str
    label: str
    count: int
    children: list[Option]


def filter_options() -> dict[str, Any]:
    """The choices of every filter with how many open projects each has; at most a minute old."""
    return cache.get_or_set("projects:filter-options", _count_options, OPTIONS_SECONDS)


def _count_options() -> dict[str, Any]:
    browsable = Project.objects.listed().open()
    return {
        "total": browsable.count(),
        "categories": _category_options(browsable),
        "budget_types": _choice_options(browsable, "budget_type", BudgetType),
        "experience_levels": _choice_options(browsable, "experience_level", ExperienceLevel),
        "currencies": [Option(code, code, count) for code, count in _counts(browsable, "currency").items()],
        "skills": _skill_options(browsable),
    }


def _counts(projects: ProjectQuerySet, column: str) -> dict[Any, int]:
    """Of each value, the most frequent first."""
    return dict(projects.order_by().values_list(column).annotate(n=Count("pk")).order_by("-n", column))


def _choice_options(projects: ProjectQuerySet, column: str, choices: Any) -> list[Option]:
    counts = _counts(projects, column)
    return [Option(value, label, counts.get(value, 0)) for value, label in choices.choices]


def _category_options(projects: ProjectQuerySet) -> list[CategoryOption]:
    counts = _counts(projects, "category")
    options = []
    for root in Category.objects.remote().roots().prefetch_related("children"):
        children = [Option(child.slug, child.name, counts.get(child.pk, 0)) for child in root.children.all()]
        total = counts.get(root.pk, 0) + sum(child.count for child in children)
        options.append(CategoryOption(root.slug, root.name, total, children))
    return options


def _skill_options(projects: ProjectQuerySet) -> list[Option]:
    """The skills that are asked for most."""
    names = projects.order_by().annotate(name=Func(F("skill_names"), function="unnest", output_field=TextField()))
    popular = names.values_list("name").annotate(n=Count("pk")).order_by("-n", "name")[:POPULAR_SKILLS]
    return [Option(name, name, count) for name, count in popular]
