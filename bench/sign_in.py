"""What signing in costs beyond the password hash, and what being signed in adds to a request."""

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from bench.report import figure, row, say

PERSON, PASSWORD = "client@example.com", "guildhall-demo"
TIMES = 40
LIMIT_MS = 20
LIMIT_QUERIES = 2
OPEN_TO_ALL = "/api/categories"  # answers strangers and people alike
WIDTHS = (34, 9, 9)


def run() -> bool:
    """Prints both figures; False if one is over its limit."""
    client = Client(SERVER_NAME="127.0.0.1")
    digest = User.objects.get(email=PERSON).password
    _sign_in(client)  # what a process does once
    whole = _median_ms(lambda: _sign_in(client))
    hashing = _median_ms(lambda: check_password(PASSWORD, digest))
    beyond = whole - hashing

    bearer = {"Authorization": f"Bearer {_sign_in(client)}"}
    client.get(OPEN_TO_ALL, headers=bearer)
    added = _queries(client, headers=bearer) - _queries(client)

    row(("", "measured", "limit"), WIDTHS)
    row(("sign-in, whole, ms", figure(whole), ""), WIDTHS)
    row(("password hash, ms", figure(hashing), ""), WIDTHS)
    row(("sign-in beyond the hash, ms", figure(beyond), str(LIMIT_MS)), WIDTHS)
    row(("queries that a token adds", str(added), str(LIMIT_QUERIES)), WIDTHS)
    say(f"Medians of {TIMES}, in one process, with the database and Redis of the measured site.")
    return beyond < LIMIT_MS and added <= LIMIT_QUERIES


def _sign_in(client: Client) -> str:
    body = json.dumps({"email": PERSON, "password": PASSWORD})
    answer = client.post("/api/auth/login", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    token: str = answer.json()["access_token"]
    return token


def _median_ms(act: Callable[[], Any]) -> float:
    times = []
    for _ in range(TIMES):
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def _queries(client: Client, **options: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(OPEN_TO_ALL, **options)
    assert answer.status_code == 200, answer.content
    return len(asked)
