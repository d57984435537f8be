"""Private services: shared by the commands that use them, and found again after a crash."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from bin.lib.postgres import Postgres
from bin.lib.services import services


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: the database runs as an account that may not enter there."""
    path = Path(tempfile.mkdtemp(prefix="guildhall-services-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def answers(postgres: Postgres) -> bool:
    try:
        with psycopg.connect(postgres.url("guildhall")) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except (psycopg.OperationalError, FileNotFoundError):
        return False


def wait_until_nothing_works_in(folder: Path) -> None:
    give_up = time.monotonic() + 20
    while any(folder in link.parents for link in working_folders()):
        assert time.monotonic() < give_up
        time.sleep(0.02)


def working_folders() -> Iterator[Path]:
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            yield link.readlink()


def test_services_run_while_somebody_uses_them(folder: Path) -> None:
    with services(folder, given={}, throwaway=True) as first:
        assert first.postgres is not None
        with services(folder, given={}, throwaway=True) as second:
            assert second.environment == first.environment
        assert answers(first.postgres)
    assert not answers(first.postgres)


def test_services_come_back_on_the_same_ports_after_a_crash(folder: Path) -> None:
    with services(folder, given={}, throwaway=True) as before:
        assert before.postgres is not None and before.redis is not None
        os.kill(before.postgres.pid, signal.SIGKILL)
        os.kill(before.redis.pid, signal.SIGKILL)
        wait_until_nothing_works_in(folder)
        with services(folder, given={}, throwaway=True) as after:
            assert after.postgres is not None
            assert answers(after.postgres)
            assert after.environment == before.environment


def test_a_service_that_is_given_is_left_alone(folder: Path) -> None:
    given = {"DATABASE_URL": "postgres://elsewhere/db", "REDIS_URL": "redis://elsewhere"}
    with services(folder, given=given) as ours:
        assert ours.postgres is None
        assert ours.redis is None
        assert given.items() <= ours.environment.items()
    assert not (folder / "postgres").exists()


def test_secrets_are_kept_private_and_made_once(folder: Path) -> None:
    given = {"DATABASE_URL": "postgres://elsewhere/db", "REDIS_URL": "redis://elsewhere"}
    with services(folder, given=given) as ours:
        secret = ours.environment["SECRET_KEY"]
    with services(folder, given=given) as ours:
        assert ours.environment["SECRET_KEY"] == secret
    assert (folder / "env").stat().st_mode & 0o777 == 0o600
    assert len(secret) >= 50
