"""Clocks that are wrong, days that have 23 hours, fees that change, and amounts that do not divide."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from accounts.tests.factories import set_rules
from contracts.models import Milestone
from contracts.services import approve_milestone, release_overdue, submit_milestone
from contracts.tests.factories import first_step, funded_step, submitted_step
from core.money import Money, split
from gigs.models import Gig
from gigs.services import release_overdue as release_overdue_gigs
from gigs.tests.factories import completed_gig
from payments.models import Hold
from payments.rules import SMALLEST, ProviderName, quote, step
from payments.services import refund_hold, release_hold
from payments.tests.factories import funded_hold
from payments.tests.fakes import FakeProvider, use_provider
from torture.books import violated
from torture.figures import Figures
from torture.later import clock_moved
from torture.model import fee_of
from torture.scenes import fresh

SKEWS = (timedelta(days=-2), timedelta(0), timedelta(days=2))
SOON, JUST_NOW = timedelta(hours=1), timedelta(minutes=-1)
SHARES = (0, 1, 99, 250, 333, 1000, 1250, 3333, 5000, 9999, 10_000)
EXPONENTS = ("JPY", "USD", "KWD")  # no, two and three decimals
# Moments after which, within the time to answer, a clock is put forward or back, or a week, month or leap day turns.
MOMENTS = (
    ("Europe/Berlin", "2026-03-22T01:59:59"),
    ("Europe/Berlin", "2026-10-18T02:30:00"),
    ("America/New_York", "2026-03-01T02:30:00"),
    ("America/New_York", "2026-10-25T01:30:00"),
    ("Australia/Lord_Howe", "2026-03-29T01:45:00"),
    ("Pacific/Auckland", "2026-01-04T23:59:59"),
    ("UTC", "2028-02-22T00:00:00"),
    ("UTC", "2026-12-27T23:59:59"),
)


def run(*, seed: int, parts: int = 120) -> Figures:
    figures = Figures()
    with use_provider(FakeProvider()):
        _skewed_deadlines(figures)
        _skewed_gigs(figures)
        _days_that_are_not_24_hours(figures)
        _changed_fee(figures)
        _arithmetic(figures)
        _real_parts(random.Random(seed), parts, figures)
    figures.add(violated(), where="in the end")
    return figures


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _skewed_deadlines(figures: Figures) -> None:
    """Silence is approval when the database's clock says so, whatever the application's says."""
    for skew in SKEWS:
        for left in (SOON, JUST_NOW):
            step = submitted_step([600_01])
            Milestone.objects.filter(pk=step.pk).update(release_at=database_now() + left)
            with clock_moved(skew):
                release_overdue()
            _compare(figures, fresh(step).status, "submitted" if left > JUST_NOW else "released", (skew, left))
            figures.counts["deadlines under skew"] += 1


def _skewed_gigs(figures: Figures) -> None:
    for skew in SKEWS:
        for left in (SOON, JUST_NOW):
            gig = completed_gig()
            Gig.objects.filter(pk=gig.pk).update(release_at=database_now() + left)
            with clock_moved(skew):
                release_overdue_gigs()
            _compare(figures, fresh(fresh(gig).hold).status, "held" if left > JUST_NOW else "released", (skew, left))
            figures.counts["deadlines under skew"] += 1


def _days_that_are_not_24_hours(figures: Figures) -> None:
    """The time to answer is counted in days of 24 hours, wherever and whenever work is handed in."""
    for zone, local in MOMENTS:
        moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        with clock_moved(moment - timezone.now()), timezone.override(zone):
            step = funded_step([600_01])
            submit_milestone(step.contract.freelancer, milestone_id=step.pk, note="Here it is.")
        handed_in = fresh(step)
        days = timedelta(days=step.contract.approval_days)
        _compare(figures, handed_in.release_at - handed_in.submitted_at, days, (zone, local))
        figures.counts["odd days"] += 1


def _changed_fee(figures: Figures) -> None:
    """A contract keeps the fee of its first day, also for what is released after a change."""
    step = submitted_step([600_01])
    client = step.contract.client
    for number, bps in enumerate((500, 2_000)):
        set_rules(fee_bps=bps)
        approve_milestone(client, milestone_id=step.pk, amount=Money(100_01 + number, "USD"))
        figures.counts["releases after a new fee"] += 1
    set_rules(fee_bps=0)
    approve_milestone(client, milestone_id=step.pk)
    set_rules(fee_bps=1_000)
    hold = fresh(first_step(step.contract).hold)
    _compare(figures, (hold.fee_minor, hold.released_minor), (60_00, 540_01), "a changed fee")


def _arithmetic(figures: Figures) -> None:
    """Of every amount, fee and cut: fee + net = gross, and the fees of the parts are the fee of the whole."""
    sizes = [*range(1, 120), 999, 1_000, 1_001, 12_345, 99_999, 10_000_019, 10**12 + 7]
    for currency in EXPONENTS:
        for bps in SHARES:
            for size in sizes:
                for pieces in (1, 2, 3, 7):
                    _cut(Money(size, currency), bps, pieces, figures)


def _cut(whole: Money, bps: int, pieces: int, figures: Figures) -> None:
    zero = Money(0, whole.currency)
    before, fees, nets = zero, zero, zero
    for piece in split(whole, [1] * pieces):
        figure = quote(piece, bps, after=before)
        before, fees, nets = before + piece, fees + figure.fee, nets + figure.net
        if figure.fee + figure.net != piece or figure.fee.minor < 0 or figure.net.minor < 0:
            figures.add([f"{figure}"], where=f"{whole} at {bps} in {pieces}")
    figures.counts["cuts"] += 1
    if (fees.minor, before) != (fee_of(whole.minor, bps), whole) or fees + nets != whole:
        figures.add([f"fees {fees}, nets {nets}"], where=f"{whole} at {bps} in {pieces}")


def _real_parts(chance: random.Random, count: int, figures: Figures) -> None:
    """The same through the ledger: parts are released, some go back, and the hold's figures come out to the unit."""
    for _ in range(count):
        currency, bps = chance.choice(EXPONENTS), chance.choice(SHARES)
        unit = step(ProviderName.STRIPE, currency)
        least = SMALLEST[ProviderName.STRIPE].get(currency, unit)
        amount = least + unit * chance.choice([chance.randint(0, 30), chance.randint(0, 200_000)])
        hold = funded_hold(Money(amount, currency), fee_bps=bps)
        released, number = 0, 0
        while fresh(hold).status == "held":
            number += 1
            part = Money(unit * chance.randint(1, fresh(hold).held_minor // unit), currency)
            if chance.random() < 0.7:
                release_hold(None, hold=hold, amount=part, cause=f"part:{hold.pk}:{number}")
                released += part.minor
            else:
                refund_hold(None, hold=hold, amount=part, reason="", cause=f"part:{hold.pk}:{number}")
        row: Hold = fresh(hold)
        fee = fee_of(released, bps)
        figures.counts["parts through the ledger"] += number
        found = (row.fee_minor, row.released_minor, row.refunded_minor)
        _compare(figures, found, (fee, released - fee, amount - released), f"{amount} {currency} at {bps}")


def _compare(figures: Figures, found: Any, wanted: Any, where: object) -> None:
    if found != wanted:
        figures.add([f"{found} instead of {wanted}"], where=str(where))
