"""Whom to look for."""

from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet

from accounts.models import FreelancerProfile, Skill, User
from accounts.rules import DEFAULT_SEARCH_RADIUS_KM, MAX_SEARCH_RADIUS_KM, ExperienceLevel, UserType
from core.filters import BooleanFilter
from core.forms import AmountField
from core.geo import point
from core.money import EXPONENTS, Money

ORDERINGS = {
    "rating": (F("rating_average").desc(nulls_last=True), "user_id"),
    "-rating": (F("rating_average").asc(nulls_last=True), "-user_id"),
    "rate": (F("hourly_rate_minor").asc(nulls_last=True), "user_id"),
    "-rate": (F("hourly_rate_minor").desc(nulls_last=True), "user_id"),
    "jobs": ("-jobs_done", "user_id"),
    "-created_at": ("-user__date_joined", "-user_id"),
    "created_at": ("user__date_joined", "user_id"),
}


class PlaceForm(forms.Form):
    """Half a place is no place."""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name, other in (("lat", "lng"), ("lng", "lat")):
            if values.get(name) is None and values.get(other) is not None and name not in self.errors:
                self.add_error(name, "Give both lat and lng.")
        return values

    def place(self) -> Any:
        values = self.cleaned_data
        return None if values.get("lat") is None else point(float(values["lat"]), float(values["lng"]))

    def radius_km(self) -> float:
        return float(self.cleaned_data.get("radius_km") or DEFAULT_SEARCH_RADIUS_KM)


class PlaceFilterSet(django_filters.FilterSet):
    """`lat` and `lng`, with `radius_km`: nearest first, by the blurred place."""

    lat = django_filters.NumberFilter(method="by_place", min_value=-90, max_value=90)
    lng = django_filters.NumberFilter(method="by_place", min_value=-180, max_value=180)
    radius_km = django_filters.NumberFilter(method="by_place", min_value=0.1, max_value=MAX_SEARCH_RADIUS_KM)

    class Meta:
        form = PlaceForm

    def by_place(self, queryset: Any, name: str, value: Decimal) -> Any:
        """The three are read together, in `filter_queryset`."""
        return queryset

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        place = self.form.place()
        return queryset.near(place, self.form.radius_km()) if place else queryset


class HelperFilter(PlaceFilterSet):
    lat = django_filters.NumberFilter(method="by_place", min_value=-90, max_value=90, required=True)
    lng = django_filters.NumberFilter(method="by_place", min_value=-180, max_value=180, required=True)

    class Meta(PlaceFilterSet.Meta):
        model = User
        fields: list[str] = []


class FreelancerForm(PlaceForm):
    def clean(self) -> dict[str, Any]:
        values = super().clean()
        for name in ("rate_min", "rate_max"):
            if values.get(name) is not None:
                self._to_money(name)
        return values

    def _to_money(self, name: str) -> None:
        currency = self.cleaned_data.get("currency") or settings.DEFAULT_CURRENCY
        try:
            self.cleaned_data[name] = Money.parse(self.cleaned_data[name], currency)
        except ValueError as error:
            self.add_error(name, ValidationError(str(error)))


class AmountFilter(django_filters.Filter):
    field_class = AmountField


class FreelancerFilter(PlaceFilterSet):
    """`skills`: names, with commas; all of them are needed. Rates are compared within `currency`."""

    q = django_filters.CharFilter(method="by_text", max_length=200, label="In headline, skills, text and name")
    skills = django_filters.CharFilter(method="by_skills", max_length=500, label="Names, with commas")
    category = django_filters.CharFilter(method="by_category", max_length=80, label="Slug")
    rate_min = AmountFilter(method="by_rate", label="An hour, in major units")
    rate_max = AmountFilter(method="by_rate", label="An hour, in major units")
    currency = django_filters.ChoiceFilter(choices=[(code, code) for code in EXPONENTS], method="unused")
    experience = django_filters.MultipleChoiceFilter(choices=ExperienceLevel.choices, field_name="experience_level")
    rating_min = django_filters.NumberFilter(
        field_name="rating_average", lookup_expr="gte", min_value=0, max_value=5, label="1 to 5"
    )
    available = BooleanFilter(field_name="user__is_available")
    language = django_filters.CharFilter(method="by_language", max_length=3, label='Code, such as "nl"')
    ordering = django_filters.ChoiceFilter(choices=[(name, name) for name in ORDERINGS], method="unused")

    class Meta(PlaceFilterSet.Meta):
        model = FreelancerProfile
        form = FreelancerForm
        fields: list[str] = []

    def unused(self, queryset: Any, name: str, value: str) -> Any:
        """Read with the rates, or in `filter_queryset`."""
        return queryset

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)

    def by_skills(self, queryset: Any, name: str, value: str) -> Any:
        names = [skill.strip() for skill in value.split(",") if skill.strip()]
        return queryset.with_all_skills(names)

    def by_category(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.in_category(value)

    def by_rate(self, queryset: Any, name: str, value: Money) -> Any:
        lookup = "hourly_rate_minor__gte" if name == "rate_min" else "hourly_rate_minor__lte"
        return queryset.filter(currency=value.currency, **{lookup: value.minor})

    def by_language(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(languages__contains=[value.lower()])

    def filter_queryset(self, queryset: QuerySet[Any]) -> Any:
        """An asked order wins; else nearest, else best match, else best rated."""
        values = self.form.cleaned_data
        queryset = super().filter_queryset(queryset)
        if asked := values.get("ordering"):
            return queryset.order_by(*ORDERINGS[asked])
        if self.form.place():
            return queryset
        if values.get("q"):
            return queryset.order_by("-rank", *ORDERINGS["rating"])
        return queryset.order_by(*ORDERINGS["rating"])


class AccountFilter(django_filters.FilterSet):
    """For staff."""

    search = django_filters.CharFilter(method="by_text", max_length=200, label="In name and e-mail")
    user_type = django_filters.ChoiceFilter(choices=UserType.choices)
    is_active = BooleanFilter()

    class Meta:
        model = User
        fields: list[str] = []

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)


class SkillFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="by_text", max_length=80, label="Start of the name, or something like it")
    category = django_filters.CharFilter(field_name="category__slug", max_length=80, label="Slug")

    class Meta:
        model = Skill
        fields: list[str] = []

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)
