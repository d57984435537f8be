"""The floor of this machine: the same 20 projects as a plain list, by FastAPI and asyncpg without anything around it."""

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import urlopen

import asyncpg
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from bin.lib.environment import ROOT, free_port
from bin.lib.supervisor import END_WITH_US

WORKERS = 2
SECONDS_TO_START = 30
NEWEST = """
    SELECT p.id, p.title, p.description, c.slug AS category, p.budget_type, p.budget_min_minor, p.budget_max_minor,
        p.currency, p.experience_level, p.estimated_duration, p.skill_names AS skills, p.status, p.proposal_count,
        p.created_at::text, u.id AS client_id, u.first_name, u.last_name, u.city, u.country
    FROM projects_project p JOIN accounts_category c ON c.id = p.category_id JOIN accounts_user u ON u.id = p.client_id
    WHERE p.visibility = 'public' AND p.status <> 'draft' ORDER BY p.created_at DESC, p.id DESC LIMIT 20
"""


def _connection() -> dict[str, Any]:
    """asyncpg's arguments for DATABASE_URL."""
    url = urlsplit(os.environ["DATABASE_URL"])
    options = parse_qs(url.query)
    return {
        "user": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "database": url.path.lstrip("/"),
        "host": options.get("host", [url.hostname or "127.0.0.1"])[0],
        "port": int(options.get("port", [url.port or 5432])[0]),
    }


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(min_size=8, max_size=8, **_connection()) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


@app.get("/projects")
async def projects(request: Request) -> Response:
    rows = await request.app.state.pool.fetch(NEWEST)
    return JSONResponse([dict(row) for row in rows])


@contextmanager
def running_floor() -> Iterator[str]:
    """Its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS), "--log-level", "warning"]
    command = [*END_WITH_US, sys.executable, "-m", "uvicorn", *options, "bench.floor:app"]
    with subprocess.Popen(command, cwd=ROOT) as floor:
        try:
            _wait(f"{url}/projects")
            yield url
        finally:
            floor.terminate()


def _wait(address: str) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < give_up:
        try:
            urlopen(address, timeout=5).close()
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    sys.exit("The floor did not start.")
