"""What calling a gig off costs, by arithmetic alone."""

from datetime import UTC, datetime, timedelta

import pytest

from core.money import EXPONENTS, Money
from gigs.rules import Side, agreed_start, compensation, cost_of_cancelling, free_until
from payments.rules import common_step, quote

ACCEPTED = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HELD, NONE = Money(45_00, "EUR"), Money(0, "EUR")


@pytest.mark.parametrize(
    ("starts", "until"),
    [
        (None, None),
        (ACCEPTED - HOUR, None),  # had passed, so another time was agreed on
        (ACCEPTED, None),
        (ACCEPTED + HOUR, ACCEPTED + timedelta(minutes=5)),
        (ACCEPTED + 24 * HOUR, ACCEPTED + timedelta(minutes=5)),
        (ACCEPTED + 25 * HOUR, ACCEPTED + HOUR),
        (ACCEPTED + 100 * HOUR, ACCEPTED + 76 * HOUR),
    ],
)
def test_it_is_free_until_a_day_before_the_start_and_five_minutes_after_the_acceptance(starts, until):
    assert free_until(starts, ACCEPTED) == until
    assert (agreed_start(starts, ACCEPTED) is None) == (until is None)


def test_what_nobody_has_accepted_is_free():
    assert free_until(ACCEPTED + HOUR, None) is None


@pytest.mark.parametrize(
    ("role", "is_late", "held", "cost"),
    [
        (Side.SEEKER, False, HELD, (False, NONE, False)),
        (Side.HELPER, False, HELD, (False, NONE, False)),
        (Side.SEEKER, True, HELD, (True, Money(9_00, "EUR"), False)),
        (Side.SEEKER, True, NONE, (True, NONE, True)),
        (Side.HELPER, True, HELD, (True, NONE, True)),
        (Side.HELPER, True, NONE, (False, NONE, False)),
    ],
)
def test_who_is_late_bears_it(role, is_late, held, cost):
    assert cost_of_cancelling(role, is_late=is_late, budget=HELD, held=held) == cost


@pytest.mark.parametrize(
    ("budget", "part"),
    [
        (Money(45_00, "EUR"), 9_00),
        (Money(3, "EUR"), 1),
        (Money(2, "EUR"), 0),
        (Money(1_003, "JPY"), 201),
        (Money(1_002, "JPY"), 200),
        (Money(12_550, "KWD"), 2_510),
        (Money(1_030, "KWD"), 210),  # in steps of 10, since no card gives back fewer
        (Money(17_550, "HUF"), 3_500),
    ],
)
def test_a_fifth_is_rounded_half_up_once_in_what_every_provider_sends_back(budget, part):
    assert compensation(budget, budget) == Money(part, budget.currency)


@pytest.mark.parametrize("currency", sorted(EXPONENTS))
@pytest.mark.parametrize("bps", [0, 250, 1000, 10_000])
def test_fee_and_net_are_the_part_and_part_and_rest_the_whole(currency, bps):
    for units in (1, 2, 3, 7, 51, 999, 12_345):
        budget = Money(units * common_step(currency), currency)
        figures = quote(compensation(budget, budget), bps)
        assert figures.fee + figures.net == figures.gross
        rest = budget - figures.gross
        assert rest.minor % common_step(currency) == 0 and rest > Money(0, currency)


def test_no_more_than_what_is_still_held_is_paid():
    assert compensation(HELD, Money(5_00, "EUR")) == Money(5_00, "EUR")
