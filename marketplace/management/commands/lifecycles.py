"""Draws the life cycles from the transition tables."""

from typing import Any

from django.core.management.base import BaseCommand

from contracts.rules import (
    CHANGE_LIFECYCLE,
    CONTRACT_LIFECYCLE,
    DISPUTE_LIFECYCLE,
    MILESTONE_LIFECYCLE,
    REFUND_REQUEST_LIFECYCLE,
)
from contracts.rules.time import TIMESHEET_LIFECYCLE
from core.lifecycle import Lifecycle
from gigs.rules import GIG_LIFECYCLE, NO_SHOW_LIFECYCLE
from payments.rules import (
    CHARGEBACK_LIFECYCLE,
    HOLD_LIFECYCLE,
    PAYMENT_LIFECYCLE,
    PAYOUT_LIFECYCLE,
    REFUND_LIFECYCLE,
    SUBSCRIPTION_LIFECYCLE,
)
from projects.rules import PROJECT_LIFECYCLE, PROPOSAL_LIFECYCLE

LIFECYCLES = (
    PROJECT_LIFECYCLE,
    PROPOSAL_LIFECYCLE,
    CONTRACT_LIFECYCLE,
    MILESTONE_LIFECYCLE,
    CHANGE_LIFECYCLE,
    REFUND_REQUEST_LIFECYCLE,
    TIMESHEET_LIFECYCLE,
    DISPUTE_LIFECYCLE,
    GIG_LIFECYCLE,
    NO_SHOW_LIFECYCLE,
    HOLD_LIFECYCLE,
    PAYMENT_LIFECYCLE,
    REFUND_LIFECYCLE,
    PAYOUT_LIFECYCLE,
    CHARGEBACK_LIFECYCLE,
    SUBSCRIPTION_LIFECYCLE,
)


INTRODUCTION = (
    "Drawn from the transition tables in each app's `rules.py` by `manage.py lifecycles > docs/lifecycles.md`; "
    "a test fails when this page is behind them. An arrow says the move and who makes it."
)


class Command(BaseCommand):
    help = "Prints docs/lifecycles.md: every life cycle, drawn from its transition table."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document(), ending="")


def document() -> str:
    parts = [
        "# Life cycles",
        INTRODUCTION,
        *(_drawing(lifecycle) for lifecycle in LIFECYCLES),
    ]
    return "\n\n".join(parts) + "\n"


def _drawing(lifecycle: Lifecycle) -> str:
    lines = [f"## {lifecycle.noun.capitalize().replace('_', ' ')}", "", "```mermaid", "stateDiagram-v2"]
    for step in lifecycle.moves.values():
        who = ", ".join(sorted(step.who))
        lines += [f"    {source} --> {step.target}: {step.name} ({who})" for source in sorted(step.sources)]
    return "\n".join([*lines, "```"])
