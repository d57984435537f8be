"""Money: journals a second, the proof of a million lines, webhooks under load, and silence that becomes approval."""

import asyncio
import hashlib
import hmac
import json
import multiprocessing
import statistics
import time
import uuid
from datetime import timedelta

import httpx
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bench.books import fill_books
from bench.posting import Task, post_for
from bench.report import figure, row, say
from bench.site import Site
from chat.models import Room
from chat.rules import RoomKind
from contracts.models import Contract, Milestone
from contracts.rules.terms import AcceptedBy
from contracts.services import release_overdue
from contracts.services.terms import keep_terms
from core.money import Money
from payments import ledger
from payments.models import Hold, Journal, Payment, ProviderEvent
from payments.rules import JournalKind
from payments.selectors import prove
from projects.models import Proposal

PROCESSES = 4
PEOPLE = 400
LIMIT_SPREAD, LIMIT_HOT = 500, 150  # journals a second, at least
LINES, LIMIT_PROOF_SECONDS = 1_000_000, 30
EVENTS_PER_SECOND, LIMIT_WEBHOOK_MS = 100, 200
DUE, DUE_PER_CONTRACT, LIMIT_DUE_SECONDS = 10_000, 20, 300
SLOWEST_SHOWN = 5
WIDTHS = (52, 12, 12)


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
    times = asyncio.run(_send_events(f"{site.url}/api/stripe/webhooks", EVENTS_PER_SECOND * seconds))
    stored = ProviderEvent.objects.filter(event_id__startswith="evt_bench_webhook_").count()
    p99 = statistics.quantiles(times, n=100)[98]
    row((f"webhook acknowledged, {EVENTS_PER_SECOND} a second, p50 ms", figure(statistics.median(times)), ""), WIDTHS)
    row((f"webhook acknowledged, {EVENTS_PER_SECOND} a second, p99 ms", figure(p99), f"< {LIMIT_WEBHOOK_MS}"), WIDTHS)
    if stored != len(times):
        say(f"Of {len(times)} events {stored} are stored.")
    return p99 < LIMIT_WEBHOOK_MS and stored == len(times)


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
    """The job that releases what was not answered in time, as the clock starts it."""
    due = _make_due(DUE)
    start = time.monotonic()
    released = release_overdue()
    took = time.monotonic() - start
    journals = Journal.objects.filter(kind=JournalKind.RELEASE, hold__title="Benchmark of silence").count()
    limit = LIMIT_DUE_SECONDS * due / DUE
    row((f"{due:,} due milestones released, each once, seconds", figure(took), f"< {limit:.0f}"), WIDTHS)
    if journals != due:
        say(f"Of {due} due milestones {released} were released, with {journals} journals.")
    return took < limit and journals == due


@transaction.atomic
def _make_due(count: int) -> int:
    """Contracts with work that was handed in three weeks ago and never answered; its money came in through the ledger."""
    proposals = Proposal.objects.filter(contract=None).select_related("project__client", "freelancer").order_by("pk")
    chosen = list(proposals[: count // DUE_PER_CONTRACT])
    rooms = Room.objects.bulk_create([Room(kind=RoomKind.CONTRACT, subject="Benchmark") for _ in chosen])
    contracts = Contract.objects.bulk_create(
        [
            Contract(
                project=proposal.project,
                proposal=proposal,
                client=proposal.project.client,
                freelancer=proposal.freelancer,
                room=room,
                title="Benchmark",
                currency="USD",
                fee_bps=1000,
            )
            for proposal, room in zip(chosen, rooms, strict=True)
        ]
    )
    long_ago = timezone.now() - timedelta(days=21)
    holds = Hold.objects.bulk_create(
        [
            Hold(
                purpose=Hold.Purpose.MILESTONE,
                title="Benchmark of silence",
                payer_id=contract.client_id,
                payee_id=contract.freelancer_id,
                amount_minor=100_00,
                currency="USD",
                fee_bps=1000,
                status="held",
                funded_minor=100_00,
                held_minor=100_00,
                funded_at=long_ago,
            )
            for contract in contracts
            for _ in range(DUE_PER_CONTRACT)
        ]
    )
    _pay_in(holds)
    Milestone.objects.bulk_create(
        [
            Milestone(
                contract=contracts[place // DUE_PER_CONTRACT],
                position=place % DUE_PER_CONTRACT + 1,
                title="Benchmark",
                amount_minor=100_00,
                currency="USD",
                status="submitted",
                hold=hold,
                submitted_at=long_ago,
                release_at=long_ago + timedelta(days=14),
            )
            for place, hold in enumerate(holds)
        ]
    )
    # A last step that is not paid yet keeps the contracts open.
    Milestone.objects.bulk_create(
        [
            Milestone(contract=contract, position=DUE_PER_CONTRACT + 1, title="Next", amount_minor=100, currency="USD")
            for contract in contracts
        ]
    )
    for contract in contracts:
        accepted = [(contract.freelancer, AcceptedBy.PROPOSAL), (contract.client, AcceptedBy.HIRING)]
        keep_terms(contract, acceptances=[(person, how, long_ago) for person, how in accepted])
    return len(holds)


def _pay_in(holds: list[Hold]) -> None:
    payments = Payment.objects.bulk_create(
        [
            Payment(
                payer_id=hold.payer_id,
                hold=hold,
                amount_minor=hold.amount_minor,
                currency=hold.currency,
                status="succeeded",
                received_minor=hold.amount_minor,
                intent_id=f"pi_bench_{uuid.uuid4().hex}",
            )
            for hold in holds
        ]
    )
    for hold, payment in zip(holds, payments, strict=True):
        lines = {ledger.clearing("stripe"): -hold.amount, ledger.held(hold): hold.amount}
        ledger.post(JournalKind.FUND, cause=f"payment:{payment.pk}", lines=lines, hold=hold)


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
