"""Money: journals a second, the proof of a million lines, webhooks under load, and silence that becomes approval."""

import asyncio
import hashlib
import hmac
import json
import multiprocessing
import statistics
import time
import uuid

import httpx
from django.conf import settings

from accounts.models import User
from bench.books import fill_books
from bench.posting import Task, post_for
from bench.report import figure, row, say
from bench.silence import make_due
from bench.site import Site
from core import jobs
from core.money import Money
from payments import ledger
from payments.models import Journal, ProviderEvent
from payments.rules import JournalKind
from payments.selectors import prove

PROCESSES = 4
PEOPLE = 400
LIMIT_SPREAD, LIMIT_HOT = 500, 150  # journals a second, at least
LINES, LIMIT_PROOF_SECONDS = 1_000_000, 30
EVENTS_PER_SECOND, LIMIT_WEBHOOK_MS = 100, 200
DUE, LIMIT_DUE_SECONDS = 10_000, 300
RELEASING = ("contracts.release_overdue", "contracts.help_to_release")
SLOWEST_SHOWN = 5
WIDTHS = (60, 12, 12)


def run(site: Site, *, seconds: int, only: str) -> bool:
    """Prints the figures beside their limits; False if one misses its limit. `only`: a part of a measurement's name."""
    row(("", "measured", "limit"), WIDTHS)
    measurements = {
        "journals": lambda: _journals(seconds),
        "webhooks": lambda: _webhooks(site, seconds),
        "silence": _silence,
        "proof": _proof,
    }
    results = [measure() for name, measure in measurements.items() if only in name]
    return all(results)


# --- Journals -----------------------------------------------------------------------------------


def _journals(seconds: int) -> bool:
    people = list(User.objects.order_by("pk").values_list("pk", flat=True)[:PEOPLE])
    for person in people:  # so that everybody has something to move
        lines = {ledger.clearing("stripe"): Money(-100_00, "USD"), ledger.available(person): Money(100_00, "USD")}
        ledger.post(JournalKind.REVERSAL, cause=f"bench:start:{person}", lines=lines)
        ledger.post(JournalKind.PAYOUT, cause=f"bench:start:{person}", lines=_to_payout(person))
    spread, hot = _posted_a_second(people, seconds, hot=False), _posted_a_second(people, seconds, hot=True)
    row(("journals a second, spread over accounts", figure(spread), f">= {LIMIT_SPREAD}"), WIDTHS)
    row(("journals a second, all on one account", figure(hot), f">= {LIMIT_HOT}"), WIDTHS)
    return spread >= LIMIT_SPREAD and hot >= LIMIT_HOT


def _to_payout(person: int) -> dict[ledger.Bucket, Money]:
    return {ledger.available(person): Money(-1, "USD"), ledger.payouts(person): Money(1, "USD")}


def _posted_a_second(people: list[int], seconds: int, *, hot: bool) -> float:
    name = uuid.uuid4().hex[:8]
    tasks = [Task(hot, people[place::PROCESSES], seconds, f"{name}:{place}") for place in range(PROCESSES)]
    before = Journal.objects.count()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        counts = pool.map(post_for, tasks, chunksize=1)
    assert Journal.objects.count() - before == sum(counts)
    return sum(counts) / seconds


# --- Webhooks -----------------------------------------------------------------------------------


def _webhooks(site: Site, seconds: int) -> bool:
    """Twice: each thread of a site that has just started opens its connection to the database first."""
    results = [_acknowledged(site, seconds, when) for when in ("just started", "running")]
    return all(results)


def _acknowledged(site: Site, seconds: int, when: str) -> bool:
    known = _stored_events()
    times = asyncio.run(_send_events(f"{site.url}/api/stripe/webhooks", EVENTS_PER_SECOND * seconds))
    stored = _stored_events() - known
    p99 = statistics.quantiles(times, n=100)[98]
    label = f"webhook acknowledged, {EVENTS_PER_SECOND} a second, {when}"
    row((f"{label}, p50 ms", figure(statistics.median(times)), ""), WIDTHS)
    row((f"{label}, p99 ms", figure(p99), f"< {LIMIT_WEBHOOK_MS}"), WIDTHS)
    if stored != len(times):
        say(f"Of {len(times)} events {stored} are stored.")
    return p99 < LIMIT_WEBHOOK_MS and stored == len(times)


def _stored_events() -> int:
    return ProviderEvent.objects.filter(event_id__startswith="evt_bench_webhook_").count()


async def _send_events(url: str, count: int) -> list[float]:
    """Milliseconds of each; sent by the clock, whether or not earlier ones are answered."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with asyncio.timeout(count / EVENTS_PER_SECOND + 60), httpx.AsyncClient(limits=limits, timeout=30) as client:
        start = time.perf_counter()
        return await asyncio.gather(
            *(_send_event(client, url, start + place / EVENTS_PER_SECOND) for place in range(count))
        )


async def _send_event(client: httpx.AsyncClient, url: str, at: float) -> float:
    await asyncio.sleep(max(0, at - time.perf_counter()))
    name = uuid.uuid4().hex
    about = {"object": "balance", "livemode": False, "available": []}
    event = {
        "id": f"evt_bench_webhook_{name}",
        "type": "balance.available",
        "livemode": False,
        "data": {"object": about},
    }
    body = json.dumps(event)
    moment = int(time.time())
    signed = hmac.new(settings.STRIPE_WEBHOOK_SECRET.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
    answer = await client.post(url, content=body, headers={"Stripe-Signature": f"t={moment},v1={signed}"})
    assert answer.status_code == 200, answer.text
    return 1000 * (time.perf_counter() - at)


# --- Silence ------------------------------------------------------------------------------------


def _silence() -> bool:
    """By the jobs that the clock starts, in the site's own job workers; what they tell is sent by another one beside them."""
    due = make_due(DUE)
    released = Journal.objects.filter(kind=JournalKind.RELEASE, hold__gte=due[0], hold__lte=due[-1])
    limit = LIMIT_DUE_SECONDS * len(due) / DUE
    start = time.monotonic()
    for name in RELEASING:
        jobs.enqueue(name, once=name)
    while (count := released.count()) < len(due) and time.monotonic() - start < 2 * limit:
        time.sleep(1)
    took = time.monotonic() - start
    row((f"{len(due):,} due milestones released, each once, seconds", figure(took), f"< {limit:.0f}"), WIDTHS)
    if count != len(due):
        say(f"Of {len(due)} due milestones {count} were released.")
    return took < limit and count == len(due)


# --- Proof --------------------------------------------------------------------------------------


def _proof() -> bool:
    lines = fill_books(LINES)
    start = time.monotonic()
    findings = prove()
    took = time.monotonic() - start
    row((f"every check of {lines:,} lines, seconds", figure(took), f"< {LIMIT_PROOF_SECONDS}"), WIDTHS)
    for finding in sorted(findings, key=lambda one: -one.seconds)[:SLOWEST_SHOWN]:
        row((f"  {finding.check.name}", figure(finding.seconds), ""), WIDTHS)
    return took < LIMIT_PROOF_SECONDS
