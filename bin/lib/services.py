"""PostgreSQL and Redis of one folder, shared by every command that uses it: the first one starts them, the last one stops them."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import parse_qs, urlsplit

from bin.lib import environment
from bin.lib.environment import LOCAL
from bin.lib.postgres import OWNER, Postgres
from bin.lib.redis import Redis


@dataclass
class Services:
    """The complete environment for the site, and those of its services that are ours."""

    environment: dict[str, str] = field(default_factory=dict)
    postgres: Postgres | None = None
    redis: Redis | None = None


@contextmanager
def services(
    folder: Path = LOCAL, *, given: Mapping[str, str] = os.environ, throwaway: bool = False
) -> Iterator[Services]:
    """Have the services of `folder` running while the block runs.

    A service whose address `given` holds (DATABASE_URL, REDIS_URL) is used as it is, and not ours to start or stop.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ours = Services()
    with (folder / "services.used").open("a") as used:
        try:
            with _alone(folder):
                fcntl.flock(used, fcntl.LOCK_SH)
                _start(ours, folder, given, throwaway)
            yield ours
        finally:
            with _alone(folder):
                if _is_last_user(used):
                    _stop(ours)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else starts or stops the services of this folder meanwhile."""
    with (folder / "services.change").open("a") as change:
        fcntl.flock(change, fcntl.LOCK_EX)
        yield


def _is_last_user(used: IO[str]) -> bool:
    try:
        fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(ours: Services, folder: Path, given: Mapping[str, str], throwaway: bool) -> None:
    known = environment.read(folder)
    if "DATABASE_URL" not in given:
        postgres = Postgres(folder / "postgres", known["POSTGRES_PASSWORD"], throwaway=throwaway)
        postgres.start(_last_port(known.get("DATABASE_URL", "")))
        ours.postgres = postgres
        known |= {"DATABASE_URL": postgres.url(OWNER)}
    if "REDIS_URL" not in given:
        redis = Redis(folder / "redis")
        redis.start(_last_port(known.get("REDIS_URL", "")))
        ours.redis = redis
        known |= {"REDIS_URL": redis.url()}
    environment.write(folder, known)
    ours.environment = {**known, **given}


def _stop(ours: Services) -> None:
    for service in (ours.redis, ours.postgres):
        if service is not None:
            service.stop()


def _last_port(url: str) -> int:
    """The port of the last time, so that it stays the same; 0 if there was none."""
    parts = urlsplit(url)
    return int(parse_qs(parts.query).get("port", ["0"])[0]) or parts.port or 0
