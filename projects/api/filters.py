"""Filters of lists."""

import time
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from accounts.models import Category
from accounts.rules import ExperienceLevel
from accounts.services.profiles import find_skills
from core.errors import Invalid
from core.money import EXPONENTS
from projects.models import Project, Proposal
from projects.querysets import ProjectQuerySet
from projects.rules import MAX_PROJECT_SKILLS, BudgetType, ProjectStatus, ProposalStatus
from projects.selectors import ORDERINGS, RELEVANCE, Listing

MAX_WORDS = 30
LISTING_SECONDS = 60
MAX_BUDGET = Decimal(1_000_000_000)


class WordsInput(forms.TextInput):
    """Also takes the same name several times, as check boxes send it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        values = data.getlist(name) if hasattr(data, "getlist") else [data[name]] if name in data else []
        return ",".join(values) if values else None


class WordsField(forms.CharField):
    """Words with commas between them, as a list; only `allowed` ones if given."""

    widget = WordsInput

    def __init__(self, *, allowed: Sequence[str] = (), **kwargs: Any) -> None:
        self.allowed = allowed
        super().__init__(max_length=1000, **kwargs)

    def clean(self, value: Any) -> list[str]:
        words = list(dict.fromkeys(word.strip() for word in super().clean(value).split(",") if word.strip()))
        if len(words) > MAX_WORDS:
            raise forms.ValidationError("These are too many.")
        unknown = [word for word in words if self.allowed and word not in self.allowed]
        if unknown:
            raise forms.ValidationError(f"Choose from {', '.join(self.allowed)}.")
        return words


class CategoriesField(WordsField):
    """Slugs as the ids of those categories and the ones below them.

    Ids, because the planner knows how common each one is and chooses the better index.
    """

    def clean(self, value: Any) -> list[int]:
        slugs = super().clean(value)
        found = list(Category.objects.filter(Q(slug__in=slugs) | Q(parent__slug__in=slugs)).values_list("pk", "slug"))
        if set(slugs) - {slug for _, slug in found}:
            raise forms.ValidationError("We do not know this category.")
        return [pk for pk, _ in found]


class SkillsField(WordsField):
    """Names or slugs as the names."""

    def clean(self, value: Any) -> list[str]:
        try:
            return [skill.name for skill in find_skills(super().clean(value), most=MAX_PROJECT_SKILLS)]
        except Invalid as error:
            raise forms.ValidationError(error.fields["skills"]) from error


class WordsFilter(django_filters.Filter):
    """Any of the words."""

    field_class = WordsField

    def filter(self, rows: Any, value: list[Any]) -> Any:
        return rows.filter(**{f"{self.field_name}__in": value}) if value else rows


class CategoriesFilter(WordsFilter):
    field_class = CategoriesField


class SkillsFilter(WordsFilter):
    """All of the skills."""

    field_class = SkillsField

    def filter(self, rows: Any, value: list[str]) -> Any:
        return rows.with_all_skills(value) if value else rows


class ProjectFilter(django_filters.FilterSet):
    """`search` and `ordering` also order: see selectors.Listing."""

    status = WordsFilter(allowed=ProjectStatus.values[1:], help_text="Any of these, with commas between.")
    category = CategoriesFilter(help_text="Slugs. A category includes those below it.")
    search = django_filters.CharFilter(
        method="matching", max_length=200, help_text='Words, "a phrase", -without, this or that.'
    )
    skills = SkillsFilter(help_text="Names or slugs. Projects that ask for all of them.")
    budget_min = django_filters.NumberFilter(
        method="reaching",
        min_value=0,
        max_value=MAX_BUDGET,
        help_text="Budgets that reach this amount, in each project's own currency.",
    )
    budget_max = django_filters.NumberFilter(
        method="beginning_within",
        min_value=0,
        max_value=MAX_BUDGET,
        help_text="Budgets that begin within this amount, in each project's own currency.",
    )
    currency = WordsFilter(allowed=list(EXPONENTS), help_text="ISO 4217 codes.")
    budget_type = WordsFilter(allowed=BudgetType.values)
    experience_level = WordsFilter(allowed=ExperienceLevel.values)
    ordering = django_filters.ChoiceFilter(
        choices=[(value, value) for value in [*ORDERINGS, RELEVANCE]],
        method="as_found",
        help_text=(
            "Newest first; with `search`, most relevant first. `budget` compares figures of whatever currency: "
            "give `currency` too."
        ),
    )

    class Meta:
        model = Project
        fields: tuple[str, ...] = ()

    def matching(self, projects: ProjectQuerySet, name: str, value: str) -> ProjectQuerySet:
        return projects.matching(value)

    def reaching(self, projects: ProjectQuerySet, name: str, value: Decimal) -> ProjectQuerySet:
        return projects.reaching(value)

    def beginning_within(self, projects: ProjectQuerySet, name: str, value: Decimal) -> ProjectQuerySet:
        return projects.beginning_within(value)

    def as_found(self, projects: ProjectQuerySet, name: str, value: str) -> ProjectQuerySet:
        return projects


def listing_of(query: QueryDict) -> Listing:
    """What the parameters ask for (without those of the page); a ValidationError for values that make no sense.

    Kept for a minute in this process, with its SQL: reading the parameters costs as much as answering them.
    """
    return _listing(query.urlencode(), int(time.time() // LISTING_SECONDS))


@lru_cache(maxsize=256)
def _listing(query: str, minute: int) -> Listing:
    filters = ProjectFilter(QueryDict(query), Project.objects.listed())
    if not filters.is_valid():
        raise ValidationError(filters.errors)
    clean = filters.form.cleaned_data
    return Listing(filters.qs, text=clean["search"], ordering=clean["ordering"])


class ProposalFilter(django_filters.FilterSet):
    project_id = django_filters.NumberFilter(min_value=1, max_value=2**63 - 1, decimal_places=0)
    status = WordsFilter(allowed=ProposalStatus.values, help_text="Any of these, with commas between.")

    class Meta:
        model = Proposal
        fields: tuple[str, ...] = ()


class OwnProjectFilter(django_filters.FilterSet):
    status = WordsFilter(allowed=ProjectStatus.values, help_text="Any of these, with commas between.")

    class Meta:
        model = Project
        fields: tuple[str, ...] = ()
