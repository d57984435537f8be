"""Due dates and what the site does by itself, as a calendar that programs subscribe to."""

from collections import Counter
from datetime import date, datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from accounts.models import User
from contracts.models import Contract, Milestone
from contracts.rules import ENDED_MILESTONES
from contracts.selectors.steps import Planned, automatic_actions

WORDS = {
    "release_by_silence": "Approved by silence",
    "refund_by_silence": "Refunded by silence",
    "reminder": "Reminder of unanswered work",
    "hold_warning": "Held for 75 days",
    "hold_limit": "Held funds are settled",
    "week_sent": "Hours are sent",
    "week_unworked": "Money of a week goes back",
    "week_paid_by_silence": "Hours approved by silence",
    "week_contested": "Hours that were sent back stay open",
    "dispute_unanswered": "A dispute is paid as claimed",
    "dispute_to_staff": "A dispute goes to our staff",
    "dispute_undecided": "A dispute is split by rule",
}
LIFETIME = timedelta(hours=1)


def calendar_of(user: User) -> bytes:
    """The person's running contracts as iCalendar (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Guildhall//Contracts//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Guildhall")
    calendar.add("refresh-interval", LIFETIME)
    for contract in Contract.objects.visible_to(user).running().with_parties().order_by("started_at"):
        for step in contract.milestones.all():
            if step.is_agreed and step.due_date and step.status not in ENDED_MILESTONES:
                calendar.add_component(_due(contract, step, step.due_date))
        # Numbered from the last one on: the same name for the later reminder when the earlier one is over.
        named: Counter[str] = Counter()
        for planned in reversed(automatic_actions(contract)):
            if planned.kind in WORDS:
                name = _name_of(contract, planned)
                named[name] += 1
                calendar.add_component(_automatic(contract, planned, f"{name}-{named[name]}"))
    return calendar.to_ical()


def _due(contract: Contract, step: Milestone, due_date: date) -> Event:
    event = _event(contract, f"due-{step.pk}", f"Due: {step.title}", step.updated_at)
    event.add("dtstart", due_date)
    event.add("dtend", due_date + timedelta(days=1))
    return event


def _name_of(contract: Contract, planned: Planned) -> str:
    """Without its time, which moves with a pause: the event moves, and is not another one."""
    about = planned.milestone or planned.week or contract
    return f"{planned.kind}-{about.pk}"


def _automatic(contract: Contract, planned: Planned, name: str) -> Event:
    about = planned.milestone or planned.week or contract
    title = planned.milestone.title if planned.milestone else contract.title
    event = _event(contract, name, f"{WORDS[planned.kind]}: {title}", max(about.updated_at, contract.updated_at))
    event.add("dtstart", planned.at)
    event.add("dtend", planned.at)
    return event


def _event(contract: Contract, name: str, summary: str, changed: datetime) -> Event:
    event = Event()
    event.add("uid", f"{name}@{contract.pk}")
    event.add("dtstamp", changed)
    event.add("summary", summary)
    event.add("description", contract.title)
    event.add("url", urljoin(settings.SITE_URL, reverse("contracts:detail", args=[contract.pk])))
    event.add("transp", "TRANSPARENT")
    return event
