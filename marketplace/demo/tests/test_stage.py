"""While the town's story is played, a running site's own clocks do not act on it."""

import time

import pytest
from django.db import connection

from marketplace.demo import stage
from marketplace.demo.stage import LONGEST_PLAY, MINUTE, clocks_stopped

pytestmark = pytest.mark.django_db
CLOCK = "contracts.meet_dispute_deadlines"


def tick(minute: int) -> int | None:
    """What a worker does at that minute: the id of the job that it queued."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procrastinate_defer_periodic_job_v2('default', NULL, NULL, %s, 0, '', %s, '{}')", [CLOCK, minute]
        )
        job: int | None = cursor.fetchone()[0]
        return job


def this_minute() -> int:
    return int(time.time()) // MINUTE * MINUTE


def test_no_clock_is_queued_meanwhile_and_all_are_afterwards() -> None:
    now = this_minute()
    minutes = (now, now + MINUTE, now + LONGEST_PLAY - MINUTE)
    with clocks_stopped():
        assert [tick(minute) for minute in minutes] == [None, None, None]
    assert tick(now + 2 * MINUTE)


def test_the_clocks_go_on_after_a_story_that_breaks_off() -> None:
    with pytest.raises(RuntimeError), clocks_stopped():
        raise RuntimeError
    assert tick(this_minute() + 2 * MINUTE)


@pytest.mark.parametrize("is_at_work", [False, True], ids=["queued", "at work"])
def test_the_story_waits_for_a_clock_that_began_before(monkeypatch: pytest.MonkeyPatch, is_at_work: bool) -> None:
    ended = []

    def end(seconds: float) -> None:
        ended.append(job)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job])

    monkeypatch.setattr(stage.time, "sleep", end)
    job = tick(this_minute())
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()[0]
        if is_at_work:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [worker])
    with clocks_stopped():
        assert ended == [job]


def test_the_story_does_not_wait_where_no_worker_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    tick(this_minute())
    monkeypatch.setattr(stage.time, "sleep", lambda seconds: pytest.fail("It waits."))
    with clocks_stopped():
        pass
