"""Open gigs as plain rows."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import orjson
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FloatField, Func, OuterRef
from django.db.models.functions import JSONObject

from core.pagination import CachedCountPaginator
from core.statements import Statement
from gigs.models import Gig
from gigs.querysets import GigQuerySet

# Nobody helps with them yet and nothing is paid in, so that one row says everything.
COLUMNS = (
    "id", "title", "description", "category__slug", "duration_minutes", "budget_minor", "currency", "fee_bps",
    "approval_days",
    "address", "area", "starts_at", "status", "created_at", "seeker_id", "seeker__first_name", "seeker__last_name",
    "seeker__avatar", "seeker__city", "seeker__country", "seeker__client_profile__company_name",
    "seeker__client_profile__rating_average", "seeker__client_profile__rating_count",
    "seeker__identity_verified_at",
    "public_lat", "public_lng", "lat", "lng", "pictures",
)  # fmt: skip
ANY_GIG = -1_000_001  # stands where a statement's parameter goes


class Degrees(Func):
    template = "%(function)s(%(expressions)s::geometry)"
    output_field = FloatField()


def _described(gigs: GigQuerySet) -> GigQuerySet:
    pictures = Gig.images.through.objects.filter(gig=OuterRef("pk")).order_by("upload_id")
    facts = JSONObject(id="upload_id", file="upload__file", width="upload__width", height="upload__height")
    return gigs.annotate(
        public_lat=Degrees(F("public_location"), function="ST_Y"),
        public_lng=Degrees(F("public_location"), function="ST_X"),
        lat=Degrees(F("location"), function="ST_Y"),
        lng=Degrees(F("location"), function="ST_X"),
        pictures=ArraySubquery(pictures.values(facts=facts)),
    ).order_by()


def open_gig(gig_id: int) -> dict[str, Any] | None:
    """The row of one open gig."""
    found = _open_gig().run(gig=gig_id)
    for row in found:
        row["pictures"] = [orjson.loads(picture) for picture in row["pictures"]]
    return found[0] if found else None


@cache
def _open_gig() -> Statement:
    return Statement(_described(Gig.objects.open().filter(pk=ANY_GIG)), COLUMNS, gig=ANY_GIG)


class OpenGigs:
    """What a search for open gigs found, as rows with `distance` (None unless searched by place).

    A page's ids come first and only their rows are read: finding the nearest of thousands joins nothing.
    """

    def __init__(self, found: GigQuerySet) -> None:
        self.found = found
        self.measured = "distance" in found.query.annotations

    def count(self) -> int:
        return int(CachedCountPaginator(self.found, 1).count)

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        if self.measured:
            distances: dict[int, Any] = dict(self.found.values_list("pk", "distance")[part])
        else:
            distances = dict.fromkeys(self.found.values_list("pk", flat=True)[part])
        rows = {row["id"]: row for row in self._rows(distances)}
        return [rows[pk] | {"distance": distance} for pk, distance in distances.items() if pk in rows]

    @staticmethod
    def _rows(ids: Iterable[int]) -> Any:
        return _described(Gig.objects.filter(pk__in=list(ids))).values(*COLUMNS)
