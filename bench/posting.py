"""Processes that post journals, as web workers and jobs do. Started anew, so that each has connections of its own."""

import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """`hot`: every journal moves the one account that all payments of a currency share. Else only the person's own."""

    hot: bool
    people: list[int]
    seconds: float
    name: str


def post_for(task: Task) -> int:
    """Post journals, one transaction each, until the time is over. How many that were."""
    import django

    django.setup()
    from django.db import transaction

    from core.money import Money
    from payments import ledger
    from payments.rules import JournalKind

    cent = Money(1, "USD")
    back = Money(-1, "USD")
    count = 0
    give_up = time.monotonic() + task.seconds
    while time.monotonic() < give_up:
        person = task.people[count % len(task.people)]
        lines: dict[Any, Money]
        if task.hot:
            kind, lines = JournalKind.CREDIT, {ledger.clearing("stripe"): back, ledger.credit(person): cent}
        else:
            kind, lines = JournalKind.PAYOUT, {ledger.available(person): back, ledger.payouts(person): cent}
        with transaction.atomic():
            ledger.post(kind, cause=f"bench:{task.name}:{count}", lines=lines, memo="Benchmark")
        count += 1
    return count
