"""bin/test: pytest with a PostgreSQL and a Redis for tests, and a template database that has every migration in it."""

import fcntl
import os
import sys
from pathlib import Path

import psycopg

from bin.lib.command import run
from bin.lib.environment import LOCAL
from bin.lib.migrations import bring_up_to_date, fingerprint
from bin.lib.postgres import Postgres
from bin.lib.services import services
from bin.lib.site import tool
from bin.lib.supervisor import say

FOLDER = LOCAL / "test"
SETTINGS = "marketplace.settings.test"
SPARE_TEMPLATES = 3  # of other branches, or of a run under way


def template_database(postgres: Postgres, environment: dict[str, str], folder: Path = FOLDER) -> str:
    """The name of the database to copy for tests; built when the migrations have changed."""
    name = f"template_{fingerprint()}"
    with (folder / "template.lock").open("a") as lock, _administration(postgres) as server:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        say("Building the test database; once per change of the migrations ...")
        server.execute("DROP DATABASE IF EXISTS unfinished WITH (FORCE)")
        server.execute("CREATE DATABASE unfinished")
        migrate = ["manage.py", "migrate", "--no-input", "--verbosity", "0"]
        bring_up_to_date(environment | {"DATABASE_URL": postgres.url("unfinished")}, migrate)
        server.execute(f"ALTER DATABASE unfinished RENAME TO {name}")
        _drop_old_templates(server)
    return name


def _administration(postgres: Postgres) -> psycopg.Connection:
    return psycopg.connect(postgres.url("postgres"), autocommit=True)


def _drop_old_templates(server: psycopg.Connection) -> None:
    found = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'template_') ORDER BY oid DESC")
    for (name,) in found.fetchall()[1 + SPARE_TEMPLATES :]:
        server.execute(f"DROP DATABASE {name}")


def main() -> int:
    with services(FOLDER, given={}, throwaway=True) as ours:
        assert ours.postgres is not None
        environment = os.environ | ours.environment | {"DJANGO_SETTINGS_MODULE": SETTINGS}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling all tests takes as long as hundreds of them
        template = template_database(ours.postgres, environment)
        # One process more than cores, since many tests wait: for a browser, a stand-in, a time-out. --dist loadgroup keeps
        # the tests of one group, such as those of the served site, together.
        processes = len(os.sched_getaffinity(0)) + 1
        spread = ["--numprocesses", str(processes), "--dist", "loadgroup"]
        spread += ["--max-worker-restart", "0"]  # when a process dies, the others would wait for its tests for ever
        pytest: list[str | Path] = [tool("pytest"), *spread]
        return run([*pytest, *sys.argv[1:]], environment | {"TEST_TEMPLATE": template})


if __name__ == "__main__":
    sys.exit(main())
