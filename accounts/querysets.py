"""Named filters of people."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db import models

if TYPE_CHECKING:
    from accounts.models import User


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def visible(self) -> Self:
        """People who have a public profile page."""
        return self.filter(is_active=True, email_verified_at__isnull=False)

    def freelancers(self) -> Self:
        return self.filter(user_type__in=["freelancer", "both"])

    def near(self, place: Point, radius_km: float) -> Self:
        """Nearest first by the blurred place, with `.distance`."""
        return (
            self.filter(public_location__dwithin=(place, D(km=radius_km)))
            .annotate(distance=Distance("public_location", place))
            .order_by("distance", "id")
        )


class FreelancerProfileQuerySet(models.QuerySet[Any]):
    def listed(self) -> Self:
        """Profiles that the freelancer directory shows."""
        return self.filter(
            user__is_active=True, user__email_verified_at__isnull=False, user__user_type__in=["freelancer", "both"]
        ).exclude(headline="")

    def with_person(self) -> Self:
        return self.select_related("user", "category")


class CategoryQuerySet(models.QuerySet[Any]):
    def remote(self) -> Self:
        return self.filter(kind="remote")

    def local(self) -> Self:
        return self.filter(kind="local")
