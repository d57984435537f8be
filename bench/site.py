"""The site that is measured: bin/serve on a fresh copy of a database that is filled once and kept."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psycopg

from bench.report import say
from bin.lib.environment import LOCAL, ROOT, free_port
from bin.lib.migrations import PYTHON, bring_up_to_date, is_up_to_date
from bin.lib.postgres import Postgres
from bin.lib.serve import SETTINGS
from bin.lib.services import Services, services
from bin.lib.site import only_one, site_environment
from bin.lib.stand_in import providers_answer
from bin.lib.supervisor import END_WITH_US

FOLDER = LOCAL / "bench"
COPY = "measured"
GENERATOR = ("bulk.py", "copying.py", "neighbourhood.py", "places.py", "words.py", "vocabulary.json")
SECONDS_TO_START = 120
UNLIMITED = {"RATE_LIMIT_FACTOR": "1000000"}


@dataclass(frozen=True)
class Site:
    url: str
    folder: Path

    @property
    def sockets_url(self) -> str:
        return self.url.replace("http://", "ws://") + "/ws"


@contextmanager
def running_site(scale: int) -> Iterator[Site]:
    """The site, running until the block ends, and this process ready to use its settings and database."""
    with only_one(FOLDER / "bench"), services(FOLDER, given={}) as ours:
        assert ours.postgres is not None
        port = free_port()
        values = site_environment(FOLDER, ours.environment, SETTINGS, port) | UNLIMITED
        _copy(ours.postgres, _filled_database(ours, values, scale))
        values |= {"DATABASE_URL": ours.postgres.url(COPY), "PORT": str(port), "STATIC_ROOT": str(FOLDER / "static")}
        with _served(values):
            _use_settings(values)
            yield Site(values["SITE_URL"], FOLDER)


def _filled_database(ours: Services, values: dict[str, str], scale: int) -> str:
    """The name of the database with demo data of this scale, which is kept and migrated from then on."""
    assert ours.postgres is not None
    name = f"filled_{scale}_{_content()}"
    with _administration(ours.postgres) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            kept = values | {"DATABASE_URL": ours.postgres.url(name)}
            if not is_up_to_date(kept["DATABASE_URL"]):
                bring_up_to_date(kept, ["manage.py", "migrate", "--verbosity", "0"])
            return name
        say(f"Filling a database with demo data of scale {scale}; once, a few minutes for 2000 ...")
        server.execute("DROP DATABASE IF EXISTS filling WITH (FORCE)")
        server.execute("CREATE DATABASE filling")
        _fill(values | {"DATABASE_URL": ours.postgres.url("filling")}, scale)
        for (old,) in server.execute("SELECT datname FROM pg_database WHERE datname ~ '^filled_'").fetchall():
            server.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
        server.execute(f'ALTER DATABASE filling RENAME TO "{name}"')
    return name


def _fill(values: dict[str, str], scale: int) -> None:
    with providers_answer(FOLDER, values):
        bring_up_to_date(values, ["manage.py", "migrate", "--verbosity", "0"])
        if subprocess.run([PYTHON, "manage.py", "seed_demo", "--scale", str(scale)], env=values, cwd=ROOT).returncode:
            sys.exit("The demo data could not be loaded.")
    with psycopg.connect(values["DATABASE_URL"], autocommit=True) as database:
        database.execute("VACUUM (ANALYZE)")  # what autovacuum does in time, before anything is measured


def _content() -> str:
    """Changes when the generated rows would come out differently."""
    digest = hashlib.sha256()
    for name in GENERATOR:
        digest.update((ROOT / "marketplace" / "demo" / name).read_bytes())
    return digest.hexdigest()[:12]


def _copy(postgres: Postgres, name: str) -> None:
    with _administration(postgres) as server:
        server.execute(f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")
        server.execute(f'CREATE DATABASE {COPY} TEMPLATE "{name}" STRATEGY FILE_COPY')


def _administration(postgres: Postgres) -> psycopg.Connection:
    return psycopg.connect(postgres.url("postgres"), autocommit=True)


@contextmanager
def _served(values: dict[str, str]) -> Iterator[None]:
    log_file = FOLDER / "serve.log"
    serve: list[str | Path] = [*END_WITH_US, PYTHON, "-m", "bin.lib.serve", "--prepared", "--folder", FOLDER]
    with log_file.open("wb") as log:
        site = subprocess.Popen(serve, env=values, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(site, values["SITE_URL"], log_file)
            yield
        finally:
            site.send_signal(signal.SIGTERM)
            site.wait(timeout=60)


def _wait(site: "subprocess.Popen[bytes]", url: str, log_file: Path) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    while not _is_ready(url):
        if site.poll() is not None or time.monotonic() > give_up:
            sys.exit("The site did not start:\n" + log_file.read_text(errors="replace")[-4000:])
        time.sleep(0.2)


def _is_ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/api/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _use_settings(values: dict[str, str]) -> None:
    os.environ.update(values | {"LOG_LEVEL": "ERROR"})
    import django

    django.setup()
