"""Two of the town are on plans: one who hires, one who works."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from marketplace.demo.hires import CARD
from marketplace.demo.people import demo_person
from marketplace.demo.stage import Act
from payments.services import subscribe

MEMBERS = {"client05@example.com": "plus", "freelancer05@example.com": "pro"}
BEGAN_AGO = timedelta(hours=3)  # the provider counts their months from its own today


def memberships(now: datetime) -> Iterator[Act]:
    for email, plan in MEMBERS.items():
        yield Act(now - BEGAN_AGO, f"{email} begins a plan", partial(_begin, email, plan), calls_provider=True)


def _begin(email: str, plan: str) -> None:
    subscribe(demo_person(email), plan=plan, payment_method=CARD)
