"""Named filters of gigs. Strangers search and see only the blurred place."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point, Polygon
from django.contrib.gis.measure import D
from django.db import models
from django.db.models import Q

from gigs.rules import GigStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class GigQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        return self.filter(status=GigStatus.PENDING)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        if not user.is_authenticated:
            return self.open()
        return self.filter(Q(status=GigStatus.PENDING) | Q(seeker=user) | Q(helper=user))

    def near(self, place: Point, radius_km: float) -> Self:
        """Within the radius, nearest first, with `.distance`."""
        return (
            self.filter(public_location__dwithin=(place, D(km=radius_km)))
            .annotate(distance=Distance("public_location", place))
            .order_by("distance", "id")
        )

    def inside(self, bounds: Polygon) -> Self:
        """Within a map's bounds."""
        return self.filter(public_location__intersects=bounds)

    def with_people(self) -> Self:
        return self.select_related("seeker__client_profile", "helper__freelancer_profile", "category").prefetch_related(
            "images"
        )
