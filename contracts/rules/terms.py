"""The text that both sides agree to, and its fingerprint. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from django.db.models import TextChoices

from core.clock import hours_text
from core.money import Money, total


class AcceptedBy(TextChoices):
    PROPOSAL = "proposal", "By the proposal"
    HIRING = "hiring", "By hiring"
    CHANGE = "change", "By a change"


class TermsStep(NamedTuple):
    title: str
    description: str
    amount: Money
    due_date: date | None


class TermsWeeks(NamedTuple):
    """Of work by the hour."""

    rate: Money
    cap_minutes: int


def terms_text(
    *,
    contract_id: str,
    title: str,
    client_id: int,
    freelancer_id: int,
    scope: str,
    currency: str,
    fee_bps: int,
    approval_days: int,
    steps: Iterable[TermsStep],
    weeks: TermsWeeks | None = None,
) -> str:
    """All that was agreed, in plain text. People stand in it by their numbers, so that it says the same for ever."""
    lines = [
        f"Contract {contract_id}: {title}",
        f"Client: person {client_id}",
        f"Freelancer: person {freelancer_id}",
        "",
        "What is done",
        scope.strip() or ("What the two agree on as they go." if weeks else "As the milestones say."),
        "",
        *(_price_by_the_hour(weeks) if weeks else _price_by_milestones(steps, currency)),
        "",
        f"Fee of the platform: {fee_bps / 100:g} % of what is released, taken from it.",
        *(_WEEKLY_RULES if weeks else _milestone_rules(approval_days)),
        "Changes hold once both sides have agreed to them.",
    ]
    return "\n".join(lines) + "\n"


def _price_by_milestones(steps: Iterable[TermsStep], currency: str) -> Iterator[str]:
    steps = list(steps)
    yield "Milestones"
    for number, step in enumerate(steps, start=1):
        due = f", due {step.due_date.isoformat()}" if step.due_date else ""
        yield f"{number}. {step.title}: {step.amount.as_string()} {currency}{due}"
        yield from (f"   {line}" for line in step.description.splitlines())
    yield f"In all: {total((step.amount for step in steps), currency).as_string()} {currency}"


def _price_by_the_hour(weeks: TermsWeeks) -> Iterator[str]:
    yield "By the hour"
    yield f"Rate: {weeks.rate.as_string()} {weeks.rate.currency} an hour"
    yield f"At most {hours_text(weeks.cap_minutes)} hours a week, unless the client sets another limit for weeks to come"


def _milestone_rules(approval_days: int) -> Iterator[str]:
    yield "A milestone is paid in and held before work on it starts."
    yield f"Work that is handed in and not answered within {approval_days} days is approved."


_WEEKLY_RULES = (
    "A week is paid in and held before it is worked in. What was not worked goes back.",
    "Hours of a week can be changed until the Monday after it, 12:00 UTC.",
    "Hours that are not answered by the Friday after that are approved.",
)


def fingerprint(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return sha256(text.encode()).hexdigest()
