"""Open gigs as plain rows, and what the page of a gig says to its two sides and to strangers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FloatField, Func, OuterRef, Q
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.hooks import Exported, Tie
from accounts.models import User
from chat.hooks import RoomContext
from chat.models import Room
from core.lifecycle import Badge
from core.pagination import CachedCountPaginator
from core.statements import Statement
from gigs import policies
from gigs.models import Gig
from gigs.querysets import GigQuerySet
from gigs.rules import GIG_LIFECYCLE, GigStatus
from payments.rules import HoldStatus, Quote, quote

# --- Open gigs as rows --------------------------------------------------------------------------

# Nobody helps with them yet and nothing is paid in, so that one row says everything.
COLUMNS = (
    "id", "title", "description", "category__slug", "duration_minutes", "budget_minor", "currency", "fee_bps",
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


# --- One gig, as one person sees it -------------------------------------------------------------


def room_context(reader: User, room: Room) -> RoomContext | None:
    """What chat shows beside the conversation of a gig."""
    gig = Gig.objects.visible_to(reader).select_related("hold").filter(room=room).first()
    if gig is None:
        return None
    held = gig.hold.held if gig.hold else None
    facts = [("Budget", gig.budget), ("Held", held), ("Starts", gig.starts_at), ("Where", gig.address)]
    return RoomContext(gig.title, GigView(gig, reader).badge, [(label, value) for label, value in facts if value])


@dataclass(frozen=True)
class NextStep:
    kind: str
    waiting: bool = False
    moment: datetime | None = None


@dataclass
class GigView:
    """One gig as one person sees it."""

    gig: Gig
    reader: User
    reviewed: bool = False

    @cached_property
    def role(self) -> str:
        return policies.role_in(self.gig, self.reader)

    @property
    def other(self) -> User | None:
        return self.gig.helper if self.role == "seeker" else self.gig.seeker

    @property
    def money_state(self) -> str:
        return self.gig.hold.status if self.gig.hold else ""

    @property
    def is_funded(self) -> bool:
        return self.money_state == HoldStatus.HELD

    @cached_property
    def quote(self) -> Quote:
        return quote(self.gig.budget, self.gig.fee_bps)

    @property
    def badge(self) -> Badge:
        if self.gig.status == GigStatus.COMPLETED and self.is_funded:
            return Badge("Done", "waiting" if self.role == "seeker" else "info", "check2")
        return self.gig.badge

    @property
    def may_cancel(self) -> bool:
        return bool(self.role) and "cancel" in GIG_LIFECYCLE.available(self.gig.status, self.role)

    @property
    def may_edit(self) -> bool:
        return self.role == "seeker" and self.gig.status == GigStatus.PENDING

    @cached_property
    def next_step(self) -> NextStep:
        return self._seeker_step() if self.role == "seeker" else self._helper_step()

    def _seeker_step(self) -> NextStep:
        match self.gig.status:
            case GigStatus.PENDING:
                return NextStep("helper_coming")
            case GigStatus.ACCEPTED:
                return (
                    NextStep("start_coming", False, self.gig.starts_at) if self.is_funded else NextStep("pay_in", True)
                )
            case GigStatus.IN_PROGRESS:
                return NextStep("under_way")
            case GigStatus.COMPLETED if self.is_funded:
                return NextStep("release", True)
        return self._end_step()

    def _helper_step(self) -> NextStep:
        match self.gig.status:
            case GigStatus.ACCEPTED:
                return NextStep("start", True, self.gig.starts_at) if self.is_funded else NextStep("pay_in_coming")
            case GigStatus.IN_PROGRESS:
                return NextStep("finish", True)
            case GigStatus.COMPLETED if self.is_funded:
                return NextStep("release_coming")
        return self._end_step()

    def _end_step(self) -> NextStep:
        if self.gig.status == GigStatus.CANCELLED:
            return NextStep("cancelled", False, self.gig.updated_at)
        return NextStep("done") if self.reviewed else NextStep("review", True)


# --- One person ---------------------------------------------------------------------------------


def ties(user: User) -> Iterable[Tie]:
    """Work that was agreed and is not paid out yet."""
    running = Gig.objects.filter(Q(seeker=user) | Q(helper=user)).under_way().count()
    if running:
        text = f"{running} of your gigs {'is' if running == 1 else 'are'} under way."
        yield Tie("gigs_under_way", text, reverse("gigs:mine"))


def export(user: User) -> Iterable[Exported]:
    """Gigs that the person posted, with the exact place, and those they helped with."""
    posted = Gig.objects.filter(seeker=user).order_by("id")
    yield Exported("posted", posted.values(*EXPORTED_GIG, "address").iterator())
    yield Exported("helped", Gig.objects.filter(helper=user).order_by("id").values(*EXPORTED_GIG).iterator())


EXPORTED_GIG = (
    "id", "title", "description", "category__name", "duration_minutes", "budget_minor", "currency", "area", "starts_at",
    "status", "accepted_at", "completed_at", "created_at",
)  # fmt: skip
