"""Named filters of gigs. Strangers search and see only the blurred place."""

import unicodedata
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point, Polygon
from django.contrib.gis.measure import D
from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from core.geo import Nearness
from core.money import EXPONENTS
from gigs.rules import REMIND_AFTER, REMIND_BEFORE, STANDING_NO_SHOWS, GigStatus, NoShowStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class GigQuerySet(models.QuerySet[Any]):
    def unaccepted(self) -> Self:
        return self.filter(status=GigStatus.PENDING)

    def open(self) -> Self:
        """What anybody may take. What suspended people posted is hidden meanwhile."""
        return self.unaccepted().exclude(seeker__in=User.objects.suspended())

    def under_way(self) -> Self:
        """Agreed on, until the money is where it belongs."""
        done = Q(status=GigStatus.COMPLETED, hold__status="held")
        return self.filter(Q(status__in=[GigStatus.ACCEPTED, GigStatus.IN_PROGRESS]) | done)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        if not user.is_authenticated:
            return self.open()
        open_to_all = Q(status=GigStatus.PENDING) & ~Q(seeker__in=User.objects.suspended())
        return self.filter(open_to_all | Q(seeker=user) | Q(helper=user))

    def unanswered(self) -> Self:
        """Done, and the funds are still held and not in dispute."""
        return self.filter(status=GigStatus.COMPLETED, hold__status="held", hold__frozen_at__isnull=True)

    def due_for_release(self) -> Self:
        """Silence has lasted until the deadline."""
        return self.unanswered().filter(release_at__lte=Now())

    def due_for_early_reminder(self) -> Self:
        """Some days into the time to answer, before the later reminder, and not reminded of yet."""
        waiting = self.unanswered().filter(completed_at__lte=Now() - REMIND_AFTER, release_at__gt=Now() + REMIND_BEFORE)
        return waiting.exclude(events__move="remind")

    def due_for_late_reminder(self) -> Self:
        """Silence soon releases it, and that was not said yet."""
        soon = self.unanswered().filter(release_at__gt=Now(), release_at__lte=Now() + REMIND_BEFORE)
        return soon.exclude(events__move="remind_again")

    def silently_absent(self) -> Self:
        """Of whom a report said that they did not come, and who had nothing to say to it in time."""
        return self.filter(no_show__status=NoShowStatus.OPEN, no_show__answer_by__lte=Now())

    def undecided_for(self, period: timedelta) -> Self:
        """Whose money has been held for so long while staff had to decide who did not come."""
        return self.filter(
            no_show__status=NoShowStatus.CONTESTED, hold__status="held", hold__funded_at__lte=Now() - period
        )

    def held_for(self, period: timedelta) -> Self:
        """Whose money has been held for so long and is not in dispute."""
        return self.filter(hold__status="held", hold__frozen_at=None, hold__funded_at__lte=Now() - period)

    def taken_back(self) -> Self:
        """Begun, and the bank took back all that was held: nobody can pay in again, or call them off."""
        taken = self.filter(status=GigStatus.IN_PROGRESS, hold__status="refunded")
        return taken.exclude(no_show__status__in=STANDING_NO_SHOWS)

    def near(self, place: Point, radius_km: float) -> Self:
        """Within the radius, nearest first, with `.distance`. Ordered by `<->`, which walks the spatial index."""
        return (
            self.filter(public_location__dwithin=(place, D(km=radius_km)))
            .annotate(distance=Distance("public_location", place))
            .alias(nearness=Nearness("public_location", place))
            .order_by("nearness", "id")
        )

    def inside(self, bounds: Polygon) -> Self:
        """Within a map's bounds."""
        return self.filter(public_location__intersects=bounds)

    def matching(self, words: str) -> Self:
        """Full text, as people type it into a search box."""
        return self.filter(search=SearchQuery(words, search_type="websearch", config="english"))

    def with_people(self) -> Self:
        """Everything that a list or the page of a gig shows, in a fixed number of queries."""
        return self.select_related(
            "seeker__client_profile", "helper__freelancer_profile", "category", "hold", "no_show"
        ).prefetch_related("images")

    def within_budget(self, *, budget_min: Decimal | None = None, budget_max: Decimal | None = None) -> Self:
        """By amounts in major units, whatever the number of decimals of each gig's currency."""
        matching = Q()
        for exponent in sorted(set(EXPONENTS.values())):
            codes = [code for code, decimals in EXPONENTS.items() if decimals == exponent]
            within = Q(currency__in=codes)
            if budget_min is not None:
                within &= Q(budget_minor__gte=int(budget_min.scaleb(exponent)))
            if budget_max is not None:
                within &= Q(budget_minor__lte=int(budget_max.scaleb(exponent)))
            matching |= within
        return self.filter(matching)


class TownQuerySet(models.QuerySet[Any]):
    def named(self, beginning: str) -> Self:
        """Towns one of whose names begins so, in any case and with or without accents; the largest first."""
        plain = plain_name(beginning)
        return self.filter(Q(search_names__startswith=plain) | Q(search_names__contains=f"\n{plain}")).order_by(
            "-population"
        )

    def inside(self, bounds: Polygon) -> Self:
        return self.filter(location__intersects=bounds).order_by("-population")


def plain_name(name: str) -> str:
    """Lower case without accents; letters of other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", name.strip().lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
