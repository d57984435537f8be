"""The text that both sides agree to, and its fingerprint. Pure."""

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from django.db.models import TextChoices

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
) -> str:
    """All that was agreed, in plain text. People stand in it by their numbers, so that it says the same for ever."""
    steps = list(steps)
    lines = [
        f"Contract {contract_id}: {title}",
        f"Client: person {client_id}",
        f"Freelancer: person {freelancer_id}",
        "",
        "What is done",
        scope.strip() or "As the milestones say.",
        "",
        "Milestones",
    ]
    for number, step in enumerate(steps, start=1):
        due = f", due {step.due_date.isoformat()}" if step.due_date else ""
        lines.append(f"{number}. {step.title}: {step.amount.as_string()} {currency}{due}")
        lines.extend(f"   {line}" for line in step.description.splitlines())
    lines += [
        f"In all: {total((step.amount for step in steps), currency).as_string()} {currency}",
        "",
        f"Fee of the platform: {fee_bps / 100:g} % of what is released, taken from it.",
        "A milestone is paid in and held before work on it starts.",
        f"Work that is handed in and not answered within {approval_days} days is approved.",
        "Changes hold once both sides have agreed to them.",
    ]
    return "\n".join(lines) + "\n"


def fingerprint(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return sha256(text.encode()).hexdigest()
