"""A served site under load whose database, Redis, processes and payment provider fail, one after the other.

People go on as careful programs do: the same request with the same key until there is an answer. In the end everybody
has exactly what they were answered, and the books agree with the bank.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import psycopg
import redis
from django.contrib.auth.hashers import make_password
from django.db import connection, connections
from django.test import override_settings

from accounts.models import User
from accounts.tests.factories import PASSWORD, ClientFactory, FreelancerFactory
from bin.lib import environment
from bin.lib.memory import processes_of
from contracts.models import Milestone
from contracts.tests.factories import first_step, make_contract
from payments.tests.fakes import VISA
from tests.fixtures.databases import DatabaseCopy
from tests.fixtures.served_site import ServedSite
from torture.books import Bank, forget_providers, violated
from torture.figures import Figures
from torture.later import recover_all
from torture.place import FOLDER, Place
from torture.scenes import books, credit_of, fresh

PEOPLE = 4
CONTRACTS_EACH = 30
PRICE, PART = 600_01, 200_00
PAUSE = (0.5, 2.0)  # seconds between two blows
PATIENCE = 90  # seconds for one answer
HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@dataclass
class Person:
    """Pays in, takes back, and works with a freelancer, one thing after the other, until told to stop."""

    http: httpx.Client
    client: User
    steps: list[Milestone]
    tokens: dict[int, str]
    numbers: Any = field(default_factory=lambda: count(1))
    paid: int = 0
    back: int = 0
    payments: int = 0
    finished: list[Milestone] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def live(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                self._credit()
                if self.steps and not stop.is_set():
                    self._work(self.steps.pop())
        except Exception as problem:
            self.problems.append(repr(problem))

    def _credit(self) -> None:
        paid = self._insist("/api/payments", {"amount": PRICE, "currency": "usd", "payment_method": VISA}, 201)
        self.payments += 1
        self.paid += PRICE
        if paid["status"] != "succeeded":
            self.answers[f"payment {paid['status']}"] += 1
            return
        intent_id = paid["payment_intent"]
        self._insist("/api/stripe/refunds", {"payment_intent": intent_id, "amount": PART}, 201)
        self.back += PART

    def _work(self, step: Milestone) -> None:
        path = f"/api/milestones/{step.pk}"
        self._insist(f"{path}/fund", {"payment_method": VISA})
        self._insist(f"{path}/submit", {"note": "Here it is."}, by=step.contract.freelancer_id)
        self._insist(f"{path}/approve", {"amount": "200.00"})
        self._insist(f"{path}/approve", {})
        self.finished.append(step)

    def _insist(self, path: str, body: dict[str, Any], status: int = 200, *, by: int | None = None) -> Any:
        """The answer to a request that is repeated with its key for as long as nobody answers it."""
        person = by or self.client.pk
        headers = {"Authorization": f"Bearer {self.tokens[person]}", "Idempotency-Key": f"crash-{next(self.numbers)}"}
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            try:
                answer = self.http.post(path, json=body, headers=headers)
            except httpx.HTTPError as problem:
                self.answers[type(problem).__name__] += 1
            else:
                self.answers[str(answer.status_code)] += 1
                if answer.status_code == status:
                    return answer.json()
                if answer.status_code < 500:
                    raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text[:300]}")
            time.sleep(0.2)
        raise RuntimeError(f"POST {path}: no answer in {PATIENCE} s")


def run(place: Place, *, seed: int, crashes: int) -> Figures:
    """So many failures of each kind while `PEOPLE` people use the site."""
    figures = Figures()
    database = DatabaseCopy("crashed")
    database.make()
    with psycopg.connect(place.postgres.url("postgres"), autocommit=True) as server:
        # This cluster is one for tests, which would lose what it has just committed.
        server.execute("ALTER DATABASE crashed SET synchronous_commit = on")
    os.environ["RATE_LIMIT_FACTOR"] = "1000000"
    site = ServedSite(FOLDER / "site", database.url())
    with _connected_to(database.name):
        everybody = [_newcomer() for _ in range(PEOPLE)]
        site.start()
        try:
            people = [_signed_in(site, *one) for one in everybody]
            chance = random.Random(seed)
            blows = Blows(place, site, chance, figures).all(crashes)
            _live_under(blows, site, people, chance, figures)
            connections.close_all()  # this process lost its own as well
            _settle(site, people, figures)
        finally:
            site.stop()
    return figures


class Blows:
    def __init__(self, place: Place, site: ServedSite, chance: random.Random, figures: Figures) -> None:
        self._place = place
        self._site = site
        self._chance = chance
        self._figures = figures

    def all(self, times: int) -> list[Callable[[], None]]:
        kinds = [self.crash_postgres, self.flush_redis, self.kill_a_web_worker, self.kill_anything, self.lose_answers]
        return self._chance.sample(kinds * times, len(kinds) * times)

    def crash_postgres(self) -> None:
        self._place.postgres.crash()
        self._figures.counts["PostgreSQL crashed"] += 1

    def flush_redis(self) -> None:
        redis.Redis.from_url(environment.read(self._site.folder)["REDIS_URL"]).flushall()
        self._figures.counts["Redis emptied"] += 1

    def kill_a_web_worker(self) -> None:
        """The youngest processes of the site are those that answer requests; another takes their place."""
        self._kill(max(self._processes()))
        self._figures.counts["web workers killed"] += 1

    def kill_anything(self) -> None:
        self._kill(self._chance.choice(self._processes()))
        self._figures.counts["processes killed"] += 1

    def lose_answers(self) -> None:
        """The provider works and its answers are lost, more often than its library asks again."""
        fault = {"action": "drop_after", "path": "/v1/", "times": 5}
        with suppress(httpx.HTTPError):
            httpx.post(f"{bank_address(self._site)}/standin/faults", json=fault)
        self._figures.counts["answers of the provider lost"] += 5

    def _processes(self) -> list[int]:
        return processes_of(self._site.leader("site"))

    def _kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _live_under(
    blows: list[Callable[[], None]], site: ServedSite, people: list[Person], chance: random.Random, figures: Figures
) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(len(people)) as pool:
        lives = [pool.submit(person.live, stop) for person in people]
        try:
            for blow in blows:
                time.sleep(chance.uniform(*PAUSE))
                with suppress(OSError, redis.RedisError):  # what should be hit is down at this moment
                    blow()
                _keep_up(site, figures)
        finally:
            stop.set()
        while not all(life.done() for life in lives):  # somebody may still wait for an answer
            time.sleep(0.5)
            _keep_up(site, figures)


def _keep_up(site: ServedSite, figures: Figures) -> None:
    """What a service manager does."""
    if site.has_ended():
        figures.counts["site started again"] += 1
        site.start_again()


def _settle(site: ServedSite, people: list[Person], figures: Figures) -> None:
    """Recovery runs; then everybody has what they were answered, once."""
    address = bank_address(site)
    httpx.delete(f"{address}/standin/faults").raise_for_status()
    with override_settings(STRIPE_API_BASE=address):
        forget_providers()
        recover_all(timedelta(minutes=2))
    forget_providers()
    figures.add(violated() + Bank(address).totals(), where="in the end")
    for person in people:
        figures.counts["answers"] += sum(person.answers.values())
        figures.counts["requests that had to be repeated"] += sum(
            number for name, number in person.answers.items() if name not in {"200", "201"}
        )
        figures.counts["payments"] += person.payments
        figures.counts["contracts finished"] += len(person.finished)
        figures.add(person.problems, where=person.client.email)
        found = (credit_of(person.client), person.client.payments.filter(hold=None).count())
        if found != (person.paid - person.back, person.payments):
            wanted = (person.paid - person.back, person.payments)
            figures.add([f"(credit, payments) {found} instead of {wanted}"], where=person.client.email)
        for step in person.finished:
            story = books(fresh(step).hold)
            if story != ("released", 0, {"fund": 1, "release": 2}):
                figures.add([f"{story}"], where=f"milestone {step.pk}")


def bank_address(site: ServedSite) -> str:
    return environment.read(site.folder)["STRIPE_API_BASE"]


def _newcomer() -> tuple[User, list[Milestone]]:
    with override_settings(PASSWORD_HASHERS=HASHERS):
        password = make_password(PASSWORD)
    client = ClientFactory.create()
    freelancer = FreelancerFactory.create()
    steps = [
        first_step(make_contract([PRICE], project__client=client, freelancer=freelancer)) for _ in range(CONTRACTS_EACH)
    ]
    User.objects.filter(pk__in=[client.pk, freelancer.pk]).update(password=password)
    return client, steps


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    """This process works in that database for the time of the block."""
    usual = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = usual


def _signed_in(site: ServedSite, client: User, steps: list[Milestone]) -> Person:
    http = httpx.Client(base_url=site.url, timeout=40)
    tokens = {}
    for person in (client, steps[0].contract.freelancer):
        answer = http.post("/api/auth/login", json={"email": person.email, "password": PASSWORD})
        tokens[person.pk] = answer.raise_for_status().json()["access_token"]
    return Person(http, client, steps, tokens)
