"""Where and which gigs."""

from typing import Any

import django_filters
from django.contrib.gis.geos import Polygon
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from accounts.models import Category
from core import geo
from core.forms import BoundsField
from gigs.models import Gig
from gigs.rules import DEFAULT_RADIUS_KM, MAX_RADIUS_KM, GigStatus


@extend_schema_field(OpenApiTypes.STR)
class BoundsFilter(django_filters.Filter):
    field_class = BoundsField

    def filter(self, queryset: Any, value: Any) -> Any:
        return queryset.inside(Polygon.from_bbox(value)) if value else queryset


class GigFilter(django_filters.FilterSet):
    """`lat` and `lng` (with `radius_km`, 5 unless told) give the nearest first; `bbox` what a map shows."""

    status = django_filters.ChoiceFilter(choices=GigStatus.choices)
    lat = django_filters.NumberFilter(method="by_place", min_value=-90, max_value=90)
    lng = django_filters.NumberFilter(method="ignore", min_value=-180, max_value=180)
    radius_km = django_filters.NumberFilter(method="ignore", min_value=0.1, max_value=MAX_RADIUS_KM)
    bbox = BoundsFilter(label="minLng,minLat,maxLng,maxLat")
    search = django_filters.CharFilter(method="by_text", max_length=200)
    category = django_filters.ModelChoiceFilter(queryset=Category.objects.local(), to_field_name="slug")
    budget_min = django_filters.NumberFilter(method="by_budget", min_value=0, max_value=10**9)
    budget_max = django_filters.NumberFilter(method="by_budget", min_value=0, max_value=10**9)
    starts_after = django_filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="gte")

    class Meta:
        model = Gig
        fields: list[str] = []

    def ignore(self, queryset: Any, name: str, value: Any) -> Any:
        """Read together with `lat`."""
        return queryset

    def by_place(self, queryset: Any, name: str, value: Any) -> Any:
        lng = self.form.cleaned_data.get("lng")
        if lng is None:
            return queryset
        radius = self.form.cleaned_data.get("radius_km") or DEFAULT_RADIUS_KM
        return queryset.near(geo.point(float(value), float(lng)), float(radius))

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)

    def by_budget(self, queryset: Any, name: str, value: Any) -> Any:
        """In major units, whatever the currency's number of decimals."""
        return queryset.within_budget(**{name: value})
