"""Weeks in UTC, whatever clock people live by."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.time import (
    by_week,
    edits_until,
    end_of,
    minutes_between,
    most_minutes,
    pay_for,
    review_until,
    start_of,
    week_of,
)
from core.money import EXPONENTS, MAX_MINOR, Money, price_of_time
from payments.rules import ProviderName, step

ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Brussels", "America/New_York", "Asia/Kolkata", "Pacific/Apia")]
rates = st.builds(Money, st.integers(1, MAX_MINOR), st.sampled_from(sorted(EXPONENTS)))
moments = st.integers(0, 3_000_000).map(lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
zoned = st.builds(lambda moment, zone: moment.astimezone(zone), moments, st.sampled_from(ZONES))


@given(zoned)
def test_every_moment_lies_in_one_week_of_seven_days(moment):
    week = week_of(moment)
    assert week.weekday() == 0
    assert start_of(week) <= moment < end_of(week)
    assert end_of(week) - start_of(week) == timedelta(hours=168)


@given(zoned, st.integers(1, 60 * 24 * 20))
def test_a_stretch_is_cut_into_weeks_without_losing_a_minute(start, minutes):
    end = start + timedelta(minutes=minutes)
    parts = list(by_week(start, end))
    assert sum(minutes_between(*part) for part in parts) == minutes
    assert (parts[0][0], parts[-1][1]) == (start, end)
    assert all(before[1] == after[0] for before, after in pairwise(parts))
    assert len({week_of(first) for first, _ in parts}) == len(parts)
    assert all(week_of(first) == week_of(last - timedelta(minutes=1)) for first, last in parts)


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2027, 2, 28, 23, 59, 59, tzinfo=UTC), date(2027, 2, 22)),
        (datetime(2027, 3, 1, tzinfo=UTC), date(2027, 3, 1)),
        (datetime(2027, 3, 1, 0, 30, tzinfo=ZoneInfo("Europe/Brussels")), date(2027, 2, 22)),
        (datetime(2027, 2, 28, 20, tzinfo=ZoneInfo("America/New_York")), date(2027, 3, 1)),
        (datetime(2027, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Brussels")), date(2027, 3, 22)),
    ],
)
def test_a_week_begins_on_monday_at_midnight_in_utc(moment, week):
    assert week_of(moment) == week


def test_deadlines_of_a_week():
    week = date(2027, 3, 1)
    assert edits_until(week) == datetime(2027, 3, 8, 12, tzinfo=UTC)
    assert review_until(week) == datetime(2027, 3, 12, 23, 59, 59, tzinfo=UTC)


@given(rates)
def test_the_longest_week_can_be_paid_in_and_a_minute_more_could_not(rate):
    most = most_minutes(rate)
    assert pay_for(most, rate).minor <= MAX_MINOR
    assert most == 168 * 60 or price_of_time(most + 1, rate).minor > MAX_MINOR - 100


@given(rates, st.integers(0, 168 * 60), st.integers(0, 168 * 60))
def test_hours_and_the_rest_of_their_week_can_be_sent_by_every_provider(rate, worked, cap):
    worked, cap = sorted([worked, cap])
    pay, rest = pay_for(worked, rate), pay_for(cap, rate) - pay_for(worked, rate)
    units = [step(name, rate.currency) for name in ProviderName]
    assert rest.minor >= 0
    assert [part.minor % unit for part in (pay, rest) for unit in units] == [0] * 2 * len(units)
    assert abs(pay.minor - price_of_time(worked, rate).minor) <= max(units) / 2
