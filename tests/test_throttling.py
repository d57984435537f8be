"""Counting in Redis: by buckets that refill, and by windows."""

import threading
from typing import Any

import pytest
import time_machine

from core.throttling import Bucket, allow, counters, give_back, spend


@pytest.fixture(autouse=True)
def _as_in_production(settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 1


def test_a_bucket_gives_its_limit_at_once_and_then_says_how_long_to_wait() -> None:
    bucket = Bucket("somebody", 3, 60)
    standings = [spend([bucket]) for _ in range(4)]
    assert [standing.remaining for standing in standings] == [2, 1, 0, 0]
    assert [standing.wait > 0 for standing in standings] == [False, False, False, True]
    assert standings[3].wait <= 20
    assert standings[2].reset <= 60


def test_it_refills_evenly() -> None:
    bucket = Bucket("somebody", 60, 60)
    for _ in range(60):
        spend([bucket])
    assert spend([bucket]).wait == 1
    # A second ago, as far as Redis knows.
    counters().set("bucket:somebody", float(counters().get("bucket:somebody")) - 1_000, keepttl=True)
    assert spend([bucket]).wait == 0
    assert spend([bucket]).wait == 1


def test_all_buckets_give_or_none() -> None:
    small, large = Bucket("small", 1), Bucket("large", 10)
    assert spend([small, large]).remaining == 0
    for _ in range(5):
        assert spend([small, large]).wait
    assert spend([large]).remaining == 8


def test_the_tightest_bucket_is_told() -> None:
    standing = spend([Bucket("large", 100), Bucket("small", 2)])
    assert (standing.limit, standing.remaining) == (2, 1)


def test_a_bucket_is_forgotten_when_it_is_full_again() -> None:
    spend([Bucket("somebody", 10, 60)])
    assert 0 < counters().pttl("bucket:somebody") <= 7_100


def test_many_at_once_get_no_more_than_there_is() -> None:
    allowed: list[bool] = []

    def ask() -> None:
        allowed.extend(spend([Bucket("crowd", 25, 3600)]).wait == 0 for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 25


def test_the_factor_multiplies(settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 3
    assert spend([Bucket("somebody", 2)]).limit == 6


def test_a_window_counts_and_begins_anew() -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        assert [allow("door", "me", limit=2, seconds=300) for _ in range(3)] == [0, 0, 300]
        assert allow("door", "you", limit=2, seconds=300) == 0
        clock.shift(300)
        assert allow("door", "me", limit=2, seconds=300) == 0


def test_what_did_not_count_is_given_back() -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        allow("door", "me", limit=1, seconds=300)
        give_back("door", "me", seconds=300)
        give_back("door", "nobody", seconds=300)
        assert allow("door", "me", limit=1, seconds=300) == 0
        assert allow("door", "nobody", limit=1, seconds=300) == 0


def test_writing_searching_and_strangers_have_less(settings: Any) -> None:
    limits = settings.API_LIMITS
    for of in limits.values():
        assert of["write"] < of["read"] and of["search"] < of["read"]
    for kind in ("read", "search", "write"):
        assert limits["stranger"][kind] < limits["person"][kind] < limits["address"][kind]
