"""Brings databases up to date, and remembers that they are: starting Django only to see that takes seconds."""

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg

from bin.lib.environment import ROOT

PYTHON = ROOT / ".venv" / "bin" / "python"
# What a new database depends on: migrations, the data that they load, what apps do after migrating, other packages.
SOURCES = ["requirements.txt", "*/apps.py", "*/*migrations/*.py", "*/data.py", "*/data/**/*"]


def fingerprint() -> str:
    """Changes when a new database would."""
    content = hashlib.sha256()
    files = {file for pattern in SOURCES for file in ROOT.glob(pattern) if file.is_file() and file.suffix != ".pyc"}
    for file in sorted(files):
        content.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return content.hexdigest()[:16]


def is_up_to_date(database_url: str) -> bool:
    with psycopg.connect(database_url) as database:
        noted = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        return database.execute(noted).fetchone() == (fingerprint(),)


def bring_up_to_date(environment: dict[str, str], command: Sequence[str | Path]) -> None:
    """Run the command that migrates the database, and note on the database which state it is in."""
    state = fingerprint()
    if subprocess.run([PYTHON, *command], env=environment, cwd=ROOT).returncode:
        sys.exit("The database could not be brought up to date.")
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as database:
        database.execute(f"COMMENT ON DATABASE {database.info.dbname} IS '{state}'")
