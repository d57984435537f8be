"""Work by the hour: weeks, deadlines, the cap, and what a week goes through. Pure.

Weeks are Monday to Sunday in UTC for everybody, whatever zone they live in, so that daylight saving moves none of it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import TextChoices

from core.lifecycle import Lifecycle, move
from core.money import MAX_MINOR, Money, price_of_time
from payments.rules import common_step


class ContractKind(TextChoices):
    FIXED = "fixed", "Fixed price"
    HOURLY = "hourly", "By the hour"


class TimesheetStatus(TextChoices):
    PENDING = "pending", "Not paid in yet"
    OPEN = "open", "Open"
    SUBMITTED = "submitted", "To be reviewed"
    RETURNED = "returned", "Hours sent back"
    APPROVED = "approved", "Approved"
    BILLED = "billed", "Paid out"
    CONTESTED = "contested", "Not agreed"
    REFUNDED = "refunded", "Returned"
    CANCELLED = "cancelled", "Not used"


WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)
EDITS_AFTER = timedelta(hours=12)  # Monday noon
REVIEW_AFTER = timedelta(days=5, seconds=-1)  # Friday, the last second
CORRECTED_REVIEW = timedelta(days=2)  # at least, to look at hours that were corrected
FUND_AHEAD_FROM = timedelta(days=4)  # from Friday on, the next week is asked for
FUND_UNASKED = timedelta(days=1)  # from the beginning of a contract, in which nobody is reminded

DEFAULT_CAP = 40 * 60
MIN_CAP = 30
MAX_CAP = 7 * 24 * 60
MAX_ENTRIES_A_WEEK = 300

UNSETTLED_WEEKS = (
    TimesheetStatus.PENDING,
    TimesheetStatus.OPEN,
    TimesheetStatus.SUBMITTED,
    TimesheetStatus.RETURNED,
    TimesheetStatus.CONTESTED,
)
WORKED_WEEKS = (
    TimesheetStatus.SUBMITTED,
    TimesheetStatus.RETURNED,
    TimesheetStatus.APPROVED,
    TimesheetStatus.CONTESTED,
)
REVIEWED_WEEKS = (TimesheetStatus.SUBMITTED, TimesheetStatus.RETURNED)

TIMESHEET_LIFECYCLE = Lifecycle.of(
    "timesheet",
    TimesheetStatus,
    {
        TimesheetStatus.PENDING: ("quiet", "circle"),
        TimesheetStatus.OPEN: ("info", "clock"),
        TimesheetStatus.SUBMITTED: ("waiting", "box-arrow-in-right"),
        TimesheetStatus.RETURNED: ("waiting", "arrow-counterclockwise"),
        TimesheetStatus.APPROVED: ("success", "check2"),
        TimesheetStatus.BILLED: ("success", "check2"),
        TimesheetStatus.CONTESTED: ("danger", "exclamation-triangle"),
        TimesheetStatus.REFUNDED: ("quiet", "arrow-counterclockwise"),
        TimesheetStatus.CANCELLED: ("quiet", "x"),
    },
    move("fund", [TimesheetStatus.PENDING], TimesheetStatus.OPEN, "system"),
    move(
        "submit",
        [TimesheetStatus.OPEN, TimesheetStatus.RETURNED],
        TimesheetStatus.SUBMITTED,
        "freelancer",
        "system",
    ),
    move("reject", [TimesheetStatus.SUBMITTED], TimesheetStatus.RETURNED, "client"),
    move(
        "approve",
        [TimesheetStatus.SUBMITTED, TimesheetStatus.RETURNED, TimesheetStatus.CONTESTED],
        TimesheetStatus.APPROVED,
        "client",
        "system",
    ),
    move(
        "contest",
        [TimesheetStatus.SUBMITTED, TimesheetStatus.RETURNED],
        TimesheetStatus.CONTESTED,
        "client",
        "system",
    ),
    move("bill", [TimesheetStatus.APPROVED], TimesheetStatus.BILLED, "system"),
    move("concede", [TimesheetStatus.CONTESTED], TimesheetStatus.BILLED, "freelancer"),
    move(
        "decide",
        [TimesheetStatus.SUBMITTED, TimesheetStatus.RETURNED, TimesheetStatus.CONTESTED],
        TimesheetStatus.BILLED,
        "staff",
        "system",
    ),
    move(
        "refund",
        [
            TimesheetStatus.OPEN,
            TimesheetStatus.SUBMITTED,
            TimesheetStatus.RETURNED,
            TimesheetStatus.APPROVED,
            TimesheetStatus.CONTESTED,
        ],
        TimesheetStatus.REFUNDED,
        "system",
    ),
    move("lapse", [TimesheetStatus.PENDING], TimesheetStatus.CANCELLED, "system"),
)


def week_of(moment: datetime) -> date:
    """The Monday (UTC) of the week that the moment lies in."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def start_of(week: date) -> datetime:
    return datetime.combine(week, time(), UTC)


def end_of(week: date) -> datetime:
    """Monday 00:00 after it, which is the next week's."""
    return start_of(week) + WEEK


def edits_until(week: date) -> datetime:
    return end_of(week) + EDITS_AFTER


def review_until(week: date) -> datetime:
    return end_of(week) + REVIEW_AFTER


def whole_minute(moment: datetime) -> datetime:
    """Time is kept in whole minutes, each begun minute left out, so that what people see adds up.

    In UTC: Python subtracts two times of one zone by their wall clocks, as if none was ever changed.
    """
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def minutes_between(start: datetime, end: datetime) -> int:
    return (end - start) // MINUTE


def by_week(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The stretch cut at each Monday 00:00 UTC that lies within it."""
    while start < end:
        cut = min(end, end_of(week_of(start)))
        yield start, cut
        start = cut


def pay_for(minutes: int, rate: Money) -> Money:
    """What so many minutes come to, to the nearest amount that every provider can take, and send the rest of back.

    Which provider brings a week's money is not known when its hours are priced, and both sides see one figure all along.
    """
    return price_of_time(minutes, rate, common_step(rate.currency))


def most_minutes(rate: Money) -> int:
    """The longest week that can be paid in at once at this rate."""
    limit = Money(MAX_MINOR, rate.currency)
    minutes = min(MAX_CAP, MAX_MINOR * 60 // rate.minor)
    return minutes if pay_for(minutes, rate) <= limit else minutes - 1
