"""Named filters of projects and proposals."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.money import EXPONENTS
from projects.rules import LIVE_PROPOSALS, RANK_WINDOW, ProjectStatus, ProposalStatus, Visibility

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

NEWEST = ("-created_at", "-id")


def search_query(text: str) -> SearchQuery:
    """What people type: words, "a phrase", -without, or."""
    return SearchQuery(text, config="english", search_type="websearch")


class ProjectQuerySet(models.QuerySet[Any]):
    def listed(self) -> Self:
        """What anybody may browse. What suspended people posted is hidden meanwhile."""
        return self.filter(_listed())

    def open(self) -> Self:
        return self.filter(status=ProjectStatus.OPEN)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        listed = _listed()
        if not user.is_authenticated:
            return self.filter(listed)
        return self.filter(listed | Q(client=user) | Q(pk__in=user.proposals.values("project")))

    def with_client(self) -> Self:
        return self.select_related("client__client_profile", "category")

    def matching(self, text: str) -> Self:
        return self.filter(search=search_query(text))

    def with_all_skills(self, names: Iterable[str]) -> Self:
        """Every one of the skills, by name as it is kept."""
        return self.filter(skill_names__contains=list(names))

    def reaching(self, amount: Decimal) -> Self:
        """Budgets whose upper end reaches `amount`, in major units of each project's own currency."""
        return self.filter(_in_own_currency("budget_max_minor__gte", amount))

    def beginning_within(self, amount: Decimal) -> Self:
        """Budgets whose lower end is within `amount`, in major units of each project's own currency."""
        return self.filter(_in_own_currency("budget_min_minor__lte", amount))

    def newest(self) -> Self:
        return self.order_by(*NEWEST)

    def best_first(self, text: str) -> Self:
        """Ranked by `text`. Only the newest RANK_WINDOW matches: ranking reads each one, and a common word has many."""
        window = self.newest().values("pk")[:RANK_WINDOW]
        return self.model.objects.filter(pk__in=window).with_rank(text).order_by("-rank", *NEWEST)

    def with_rank(self, text: str) -> Self:
        return self.annotate(rank=SearchRank(F("search"), search_query(text)))


def _listed() -> Q:
    public = Q(visibility=Visibility.PUBLIC) & ~Q(status=ProjectStatus.DRAFT)
    return public & ~Q(client__in=User.objects.suspended())


def _in_own_currency(lookup: str, amount: Decimal) -> Q:
    """Compare minor units with an amount in major units, currency by currency of the same number of decimals."""
    by_exponent: dict[int, list[str]] = {}
    for currency, exponent in EXPONENTS.items():
        by_exponent.setdefault(exponent, []).append(currency)
    condition = Q()
    for exponent, currencies in by_exponent.items():
        condition |= Q(currency__in=currencies) & Q(**{lookup: int(amount.scaleb(exponent))})
    return condition


class ProposalQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        """Sent or received. Two index scans joined by id: an OR over the join would read every row."""
        sent = self.model._base_manager.filter(freelancer=user).values("pk")
        received = self.model._base_manager.filter(project__client=user).values("pk")
        return self.filter(pk__in=sent.union(received))

    def live(self) -> Self:
        return self.filter(status__in=LIVE_PROPOSALS)

    def undecided_or_hired(self) -> Self:
        """A person has at most one of these on a project."""
        return self.filter(status__in=[*LIVE_PROPOSALS, ProposalStatus.ACCEPTED])

    def standing(self) -> Self:
        """All that were not taken back: what a project's `proposal_count` counts."""
        return self.exclude(status=ProposalStatus.WITHDRAWN)

    def with_freelancer(self) -> Self:
        """The freelancer as lists and answers show them."""
        return self.select_related("freelancer__freelancer_profile").defer("freelancer__freelancer_profile__search")

    def with_people(self) -> Self:
        return self.with_freelancer().select_related("project__client")
