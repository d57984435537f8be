"""Gigs: statuses and their moves, and what calling one off costs. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import TextChoices

from core.lifecycle import Lifecycle, move
from core.money import Money, share
from payments.rules import common_step

MAX_IMAGES = 6
FARTHEST_START = timedelta(days=36_525)  # a later one is a slip of the keys, and calendars end at the year 9999
MAX_RADIUS_KM = 200
DEFAULT_RADIUS_KM = 5
FREE_CANCEL_BEFORE_START = timedelta(hours=24)
FREE_CANCEL_AFTER_ACCEPTANCE = timedelta(minutes=5)
LATE_BPS = 2_000  # of the budget, to the helper, when the seeker calls it off later or does not come
NO_SHOW_REPORT = timedelta(hours=24)  # after the start
NO_SHOW_ANSWER = timedelta(hours=24)
REMIND_AFTER = timedelta(days=5)  # of work that is done and not released
REMIND_BEFORE = timedelta(days=2)  # silence is approval


class Side(TextChoices):
    SEEKER = "seeker", "Seeker"
    HELPER = "helper", "Helper"


class GigStatus(TextChoices):
    PENDING = "pending", "Open"
    ACCEPTED = "accepted", "Accepted"
    IN_PROGRESS = "in_progress", "Under way"
    COMPLETED = "completed", "Done"
    CANCELLED = "cancelled", "Cancelled"


GIG_LIFECYCLE = Lifecycle.of(
    "gig",
    GigStatus,
    {
        GigStatus.PENDING: ("success", "door-open"),
        GigStatus.ACCEPTED: ("info", "person-check"),
        GigStatus.IN_PROGRESS: ("info", "arrow-repeat"),
        GigStatus.COMPLETED: ("success", "check2"),
        GigStatus.CANCELLED: ("quiet", "x"),
    },
    move("accept", [GigStatus.PENDING], GigStatus.ACCEPTED, "helper"),
    move("start", [GigStatus.ACCEPTED], GigStatus.IN_PROGRESS, "helper"),
    move("complete", [GigStatus.IN_PROGRESS], GigStatus.COMPLETED, "helper"),
    move("cancel", [GigStatus.PENDING, GigStatus.ACCEPTED], GigStatus.CANCELLED, "seeker", "helper", "staff"),
    move("lapse", [GigStatus.ACCEPTED, GigStatus.IN_PROGRESS], GigStatus.CANCELLED, "system"),
    move(
        "no_show",
        [GigStatus.ACCEPTED, GigStatus.IN_PROGRESS, GigStatus.COMPLETED],
        GigStatus.CANCELLED,
        "system",
        "staff",
    ),
)


class NoShowStatus(TextChoices):
    OPEN = "open", "Reported"
    CONTESTED = "contested", "With Guildhall"
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Not confirmed"
    WITHDRAWN = "withdrawn", "Withdrawn"


STANDING_NO_SHOWS = frozenset({NoShowStatus.OPEN, NoShowStatus.CONTESTED})
NO_SHOW_LIFECYCLE = Lifecycle.of(
    "no-show",
    NoShowStatus,
    {
        NoShowStatus.OPEN: ("waiting", "bell"),
        NoShowStatus.CONTESTED: ("info", "shield-check"),
        NoShowStatus.CONFIRMED: ("danger", "exclamation-triangle"),
        NoShowStatus.REJECTED: ("quiet", "x"),
        NoShowStatus.WITHDRAWN: ("quiet", "arrow-counterclockwise"),
    },
    move("contest", [NoShowStatus.OPEN], NoShowStatus.CONTESTED, "reported"),
    move("withdraw", STANDING_NO_SHOWS, NoShowStatus.WITHDRAWN, "reporter"),
    move("confirm", STANDING_NO_SHOWS, NoShowStatus.CONFIRMED, "system", "staff"),
    move("reject", STANDING_NO_SHOWS, NoShowStatus.REJECTED, "system", "staff"),
)


def reportable_in(role: str) -> frozenset[str]:
    """Statuses in which that side may report that the other did not come; who says that they have begun has come."""
    begun = {GigStatus.IN_PROGRESS, GigStatus.COMPLETED} if role == Side.SEEKER else set()
    return frozenset({GigStatus.ACCEPTED, *begun})


# --- What calling it off costs ------------------------------------------------------------------


def agreed_start(starts_at: datetime | None, accepted_at: datetime | None) -> datetime | None:
    """A start that had passed when the gig was accepted binds nobody: the two agree on another one."""
    return starts_at if starts_at and accepted_at and starts_at > accepted_at else None


def free_until(starts_at: datetime | None, accepted_at: datetime | None) -> datetime | None:
    """Until when either side calls it off for free; None: until the work begins."""
    start = agreed_start(starts_at, accepted_at)
    if start is None or accepted_at is None:
        return None
    return max(start - FREE_CANCEL_BEFORE_START, accepted_at + FREE_CANCEL_AFTER_ACCEPTANCE)


def compensation(budget: Money, held: Money) -> Money:
    """What the helper gets, gross, of what is held, when the seeker lets them down; in a step that every provider takes."""
    return min(share(budget, LATE_BPS, common_step(budget.currency)), held)


class Cost(NamedTuple):
    """What calling it off costs whoever does: a part (gross) of what is held goes to the helper, and it may be a strike."""

    is_late: bool
    to_helper: Money
    is_strike: bool


def cost_of_cancelling(role: str, *, is_late: bool, budget: Money, held: Money) -> Cost:
    """Late, the seeker pays out of what is held, or has a strike where nothing is.

    For the helper it is a strike, unless nothing is held: nobody has to wait for money that does not come.
    """
    nothing = Money(0, budget.currency)
    if not is_late:
        return Cost(False, nothing, False)
    if role == Side.SEEKER:
        return Cost(True, compensation(budget, held), not held)
    return Cost(bool(held), nothing, bool(held))
