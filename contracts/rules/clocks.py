"""When things happen by themselves: reminders, silence, and the longest that money may be held. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from payments.rules import HOLD_QUEUE, HOLD_WARNING, hold_ends_at

REMIND_AFTER = timedelta(days=5)  # of unanswered work
REMIND_BEFORE = timedelta(days=2)  # silence is approval
REFUND_ANSWER = timedelta(days=7)
# Before what is held is settled by rule: no hand-in that could not be looked at, and no wish that could not be met any more.
LAST_HAND_IN = timedelta(days=3)
LAST_REVISION = timedelta(days=5)
DELIVERY_WITHOUT_DATE = timedelta(days=30)
SHORTEST_DELIVERY = timedelta(days=3)
BONUS_AFTER_END = timedelta(days=30)


class Automatic(NamedTuple):
    """One thing that the site does by itself, unless somebody acts before."""

    kind: str
    at: datetime


def overdue_from(due_date: date | None, funded_at: datetime) -> datetime:
    """When the client may ask the money back for work that was never handed in.

    The due date ends with its day in UTC. Who was paid late still has a few days; without a date it is 30 days.
    """
    if due_date is None:
        return funded_at + DELIVERY_WITHOUT_DATE
    end_of_day = datetime.combine(due_date + timedelta(days=1), time(), UTC)
    return max(end_of_day, funded_at + SHORTEST_DELIVERY)


def early_reminder_at(release_at: datetime, approval_days: int) -> datetime | None:
    """Five days into the client's time to answer; None when that would fall on the second reminder or after it."""
    time_to_answer = timedelta(days=approval_days)
    return release_at - time_to_answer + REMIND_AFTER if time_to_answer > REMIND_AFTER + REMIND_BEFORE else None


def hold_clock(funded_at: datetime) -> list[Automatic]:
    return [
        Automatic("hold_warning", funded_at + HOLD_WARNING),
        Automatic("hold_review", funded_at + HOLD_QUEUE),
        Automatic("hold_limit", hold_ends_at(funded_at)),
    ]
