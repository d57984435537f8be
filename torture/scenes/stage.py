"""What the scenes are made of: how one is written down, and how to look at what became of it."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from core.clock import standing_at
from core.money import Money
from payments.models import Account, Hold, Journal, Payment
from payments.services import pay_hold
from payments.tests.factories import NO_HOOKS, make_hold
from torture.books import Bank

AT_ONCE = "pm_card_bypassPending"  # its money can be passed on at once
PRICE = 600_01
keys = itertools.count(1)


@dataclass
class Scene:
    """`act` may be repeated, as a person does who got no answer; `reached` is then what was `wanted`."""

    act: Callable[[], Any]
    reached: Callable[[], Any]
    wanted: Any


@dataclass(frozen=True)
class Script:
    """How a scene is set. With a `moment`, all of it happens with the clocks standing there."""

    make: Callable[[Bank], Scene]
    moment: Callable[[], datetime] | None = None

    def clock(self) -> AbstractContextManager[None]:
        return stopped_at(self.moment()) if self.moment else nullcontext()


SCENES: dict[str, Script] = {}


def scene(make: Callable[[Bank], Scene]) -> Callable[[Bank], Scene]:
    SCENES[make.__name__] = Script(make)
    return make


def scene_at(moment: Callable[[], datetime]) -> Callable[[Callable[[Bank], Scene]], Callable[[Bank], Scene]]:
    def noted(make: Callable[[Bank], Scene]) -> Callable[[Bank], Scene]:
        SCENES[make.__name__] = Script(make, moment)
        return make

    return noted


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Both clocks, that of the application and that of the database, are there."""
    with time_machine.travel(moment), standing_at(moment):
        yield


def requested(person: User, path: str, body: dict[str, Any]) -> Callable[[], Any]:
    """The request of the person's program, which repeats it with the same key."""
    key = f"torture-{next(keys)}-{person.pk}"

    def act() -> Any:
        api = APIClient()
        api.force_authenticate(person)
        return api.post(path, body, format="json", headers={"Idempotency-Key": key})

    return act


def posted(person: User, path: str, body: dict[str, Any]) -> Callable[[], Any]:
    """The same where nothing but success is an answer, also to a repeat."""
    request = requested(person, path, body)

    def act() -> Any:
        answer = request()
        assert answer.status_code < 400, f"POST {path} was answered {answer.status_code} {answer.content[:300]}"
        return answer

    return act


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def started(hold: Hold) -> Payment:
    """The person has opened the payment page, and confirms there without us."""
    return pay_hold(hold.payer, hold_id=hold.pk)


def paid_hold(card: str, amount: int = PRICE, **terms: Any) -> Hold:
    hold = make_hold(Money(amount, "USD"), purpose=NO_HOOKS, **terms)
    pay_hold(hold.payer, hold_id=hold.pk, payment_method=card)
    return fresh(hold)


def books(hold: Hold | None) -> tuple[str, int, dict[str, int]]:
    """(status, still held, number of journals of each kind)"""
    assert hold is not None
    kinds = Journal.objects.filter(hold=hold).values_list("kind", flat=True)
    return fresh(hold).status, fresh(hold).held_minor, dict(Counter(kinds))


def journals(cause: str) -> dict[str, int]:
    """How many of each kind were made by a cause."""
    return dict(Counter(Journal.objects.filter(cause=cause).values_list("kind", flat=True)))


def balance_of(person: User, kind: str) -> int:
    account = Account.objects.filter(owner=person, kind=kind, currency="USD").first()
    return account.balance_minor if account else 0


def credit_of(person: User) -> int:
    return balance_of(person, "credit")
