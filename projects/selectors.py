"""Browsing: a page of what a search found, and the choices of its filters with their counts."""

import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache as shared_cache
from django.db.models import Count, F, Func, OuterRef, TextField
from django.db.models.functions import JSONObject

from accounts.hooks import Exported
from accounts.models import Category, User
from accounts.rules import ExperienceLevel
from core.errors import NotFound
from core.pagination import COUNT_SECONDS, COUNT_WORTH_CACHING
from core.queries import found
from core.statements import Selection, Statement
from projects.models import Project, Proposal, ProposalMilestone
from projects.querysets import NEWEST, ProjectQuerySet
from projects.rules import RANK_WINDOW, SEARCH_DEPTH, BudgetType

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

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


# What one project is shown by, in the API and in lists on pages.
COLUMNS = (
    "id",
    "title",
    "description",
    "category__slug",
    "budget_type",
    "budget_min_minor",
    "budget_max_minor",
    "currency",
    "experience_level",
    "estimated_duration",
    "skill_names",
    "status",
    "visibility",
    "deadline",
    "proposal_count",
    "created_at",
    "updated_at",
    "client_id",
    "client__first_name",
    "client__last_name",
    "client__avatar",
    "client__city",
    "client__country",
    "client__client_profile__company_name",
    "client__client_profile__rating_average",
    "client__client_profile__rating_count",
    "client__identity_verified_at",
)
FILES = ArraySubquery(
    Project.attachments.through.objects.filter(project=OuterRef("pk"))
    .order_by("upload_id")
    .values(
        file=JSONObject(id="upload_id", name="upload__name", content_type="upload__content_type", size="upload__size")
    )
)
# Stand where a statement's parameters go; ids are never negative.
ANY_PROJECT, ANY_USER, ANY_PROPOSAL = -1_000_001, -1_000_002, -1_000_003


class Listing:
    """What a search found, in order, as rows of COLUMNS. A slice is one page: one query, or two where ranking ends.

    A page's ids come first, from an index where there is one, and only their rows are read: a deep page costs little
    more than the first. By relevance the newest RANK_WINDOW matches are ranked, and older ones follow by age.
    """

    def __init__(self, found: ProjectQuerySet, *, text: str = "", ordering: str = "") -> None:
        self.found, self.text = found, text
        self.ordering = ordering or (RELEVANCE if text else "-created_at")
        self._pages: dict[tuple[int, int], list[Statement]] = {}
        self._count, self._counted_until = 0, 0.0

    def count(self) -> int:
        """A large one is remembered for half a minute, as in core.pagination, but without asking Redis."""
        if self._counted_until < time.monotonic():
            found = self.found.order_by()
            self._count = (found[:SEARCH_DEPTH] if self.text else found).count()
            if self._count >= COUNT_WORTH_CACHING:
                self._counted_until = time.monotonic() + COUNT_SECONDS
        return self._count

    @property
    def is_cut_off(self) -> bool:
        """There may be more than a search shows."""
        return bool(self.text) and self.count() >= SEARCH_DEPTH

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        bounds = part.start or 0, part.stop or 0
        if bounds not in self._pages:
            self._pages[bounds] = list(self._statements(*bounds))
        return [row for statement in self._pages[bounds] for row in statement.run()]

    def _statements(self, start: int, stop: int) -> Iterator[Statement]:
        if start >= stop:
            return
        if self.ordering != RELEVANCE or not self.text:
            yield self._page(self.found.order_by(*ORDERINGS.get(self.ordering, NEWEST)), start, stop)
            return
        if start < RANK_WINDOW:
            yield self._page(self.found.best_first(self.text), start, min(stop, RANK_WINDOW))
        if stop > RANK_WINDOW:
            yield self._page(self.found.newest(), max(start, RANK_WINDOW), stop)

    def _page(self, ordered: ProjectQuerySet, start: int, stop: int) -> Statement:
        rows = Project.objects.filter(pk__in=ordered.values("pk")[start:stop])
        if "rank" in ordered.query.annotations:
            rows = rows.with_rank(self.text)
        return Statement(rows.order_by(*ordered.query.order_by), COLUMNS)


def project_row(user: "User | AnonymousUser", project_id: int) -> dict[str, Any] | None:
    """One project by COLUMNS with its `files` ({id, name, content_type, size}), if this person may see it."""
    if user.is_authenticated:
        found = _visible_row().run(project=project_id, user=user.pk)
    else:
        found = _listed_row().run(project=project_id)
    for row in found:
        row["files"] = [orjson.loads(file) for file in row["files"]]
    return found[0] if found else None


@cache
def _listed_row() -> Statement:
    rows = Project.objects.listed().filter(pk=ANY_PROJECT).annotate(files=FILES).order_by()
    return Statement(rows, (*COLUMNS, "files"), project=ANY_PROJECT)


@cache
def _visible_row() -> Statement:
    rows = Project.objects.visible_to(User(pk=ANY_USER)).filter(pk=ANY_PROJECT).annotate(files=FILES).order_by()
    return Statement(rows, (*COLUMNS, "files"), project=ANY_PROJECT, user=ANY_USER)


def currency_of(user: User, project_id: int) -> str:
    """What a visible project is paid in; NotFound otherwise."""
    rows = _currency().run(project=project_id, user=user.pk)
    if not rows:
        raise NotFound
    return str(rows[0]["currency"])


@cache
def _currency() -> Statement:
    rows = Project.objects.visible_to(User(pk=ANY_USER)).filter(pk=ANY_PROJECT).order_by()
    return Statement(rows, ["currency"], project=ANY_PROJECT, user=ANY_USER)


def shown_proposal(proposal_id: int) -> Proposal:
    """As answers show it: with the freelancer and the milestones."""
    return found(_shown_proposal().first(proposal=proposal_id))


@cache
def _shown_proposal() -> Selection[Proposal]:
    rows = Proposal.objects.with_freelancer().prefetch_related("milestones").filter(pk=ANY_PROPOSAL).order_by()
    return Selection(rows, proposal=ANY_PROPOSAL)


def filter_options() -> dict[str, Any]:
    """The choices of every filter with how many open projects each has; at most a minute old."""
    return shared_cache.get_or_set("projects:filter-options", _count_options, OPTIONS_SECONDS)


def _count_options() -> dict[str, Any]:
    browsable = Project.objects.listed().open()
    return {
        "count": browsable.count(),
        "categories": _category_options(_counts(browsable, "category")),
        "budget_types": _options(BudgetType.choices, _counts(browsable, "budget_type")),
        "experience_levels": _options(ExperienceLevel.choices, _counts(browsable, "experience_level")),
        "currencies": [_option(code, code, count) for code, count in _counts(browsable, "currency").items()],
        "skills": [_option(name, name, count) for name, count in _skill_counts(browsable).items()],
    }


def _counts(projects: ProjectQuerySet, column: str) -> dict[Any, int]:
    """How many have each value, the most frequent first."""
    return dict(projects.order_by().values_list(column).annotate(n=Count("pk")).order_by("-n", column))


def _skill_counts(projects: ProjectQuerySet) -> dict[str, int]:
    """The skills that are asked for most."""
    named = projects.order_by().annotate(name=Func(F("skill_names"), function="unnest", output_field=TextField()))
    return dict(named.values_list("name").annotate(n=Count("pk")).order_by("-n", "name")[:POPULAR_SKILLS])


def _option(value: str, label: str, count: int) -> dict[str, Any]:
    return {"value": value, "label": label, "count": count}


def _options(choices: Iterable[tuple[str, Any]], counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [_option(value, str(label), counts.get(value, 0)) for value, label in choices]


def _category_options(counts: Mapping[int, int]) -> list[dict[str, Any]]:
    """The tree; a category's count includes those below it."""
    options = []
    for root in Category.objects.remote().roots().prefetch_related("children"):
        children = [_option(child.slug, child.name, counts.get(child.pk, 0)) for child in root.children.all()]
        total = counts.get(root.pk, 0) + sum(child["count"] for child in children)
        options.append(_option(root.slug, root.name, total) | {"children": children})
    return options


def export(user: User) -> Iterable[Exported]:
    """Projects that the person posted and proposals that they sent."""
    posted = Project.objects.filter(client=user).order_by("id")
    yield Exported("projects", posted.values(*EXPORTED_PROJECT).iterator())
    sent = user.proposals.order_by("id")
    yield Exported("proposals", sent.values(*EXPORTED_PROPOSAL).iterator())
    steps = ProposalMilestone.objects.filter(proposal__freelancer=user).order_by("proposal", "position")
    yield Exported("proposal_steps", steps.values("proposal_id", "title", "amount_minor", "due_date").iterator())


EXPORTED_PROJECT = (
    "id", "title", "description", "category__name", "skill_names", "budget_type", "budget_min_minor", "budget_max_minor",
    "currency", "experience_level", "estimated_duration", "visibility", "deadline", "status", "created_at",
)  # fmt: skip
EXPORTED_PROPOSAL = (
    "id", "project_id", "project__title", "cover_letter", "bid_amount_minor", "currency", "estimated_days", "status",
    "created_at",
)  # fmt: skip
