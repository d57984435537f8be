"""Load by wrk: 16 connections that always have one request under way."""

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

CONNECTIONS = 16
SCRIPT = Path(__file__).with_name("requests.lua")
WARM_UP_SECONDS = 2


NOTHING = "-"


class Request(NamedTuple):
    path: str
    token: str = NOTHING
    method: str = "GET"
    body: str = NOTHING


class Figures(NamedTuple):
    """Of one round, or the median of several. Times in milliseconds."""

    per_second: float
    p50: float
    p95: float
    p99: float
    sent: int
    refused: int


def measure(url: str, requests: Sequence[Request], *, seconds: int, rounds: int, once: bool = False) -> Figures:
    """The median of the rounds. `once`: no request may be sent twice, so that every round goes on where the last ended."""
    rest = list(requests)
    if not once:
        send(url, rest, seconds=WARM_UP_SECONDS)
    results = []
    for _ in range(rounds):
        result = send(url, rest, seconds=seconds)
        results.append(result)
        if once:
            if result.sent + CONNECTIONS > len(rest):
                raise SystemExit(f"Only {len(rest)} requests were prepared, and {result.sent} sent.")
            rest = rest[result.sent + CONNECTIONS :]
    per_second, p50, p95, p99, *_ = (statistics.median(values) for values in zip(*results, strict=True))
    return Figures(
        per_second, p50, p95, p99, sent=sum(r.sent for r in results), refused=sum(r.refused for r in results)
    )


def send(url: str, requests: Sequence[Request], *, seconds: int) -> Figures:
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as prepared:
        prepared.writelines(f"{r.method}\t{r.path}\t{r.token}\t{r.body}\n" for r in requests)
        prepared.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT), url]
        done = subprocess.run(
            command,
            env=os.environ | {"BENCH_REQUESTS": prepared.name},
            capture_output=True,
            text=True,
            timeout=seconds + 60,
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith("BENCH ")]
    if not lines:
        raise SystemExit(f"wrk failed:\n{done.stdout}{done.stderr}")
    found = json.loads(lines[-1].removeprefix("BENCH "))
    return Figures(
        found["requests"] / found["seconds"],
        found["p50"],
        found["p95"],
        found["p99"],
        found["requests"],
        found["refused"] + found["broken"],
    )
