"""Reads ask the database as many questions for 100 rows as for 5: the number in budgets.json.

A number there changes only on purpose, together with what needs it.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.architecture.routes import all_routes
from tests.crowd import Crowd

BUDGETS: dict[str, dict[str, int]] = json.loads(Path(__file__).with_name("budgets.json").read_text())
FEW, MANY = 5, 100
# One row or none, whatever there is.
SINGLE = {
    "/api", "/api/", "/api/docs", "/api/redoc", "/api/openapi.json", "/api/health/live", "/api/health/ready",
    "/api/health/metrics", "/api/users/me", "/api/payments/config", "/api/stripe/customers/{}",
    "/api/stripe/payment-intents/{}", "/api/stripe/refunds/{}", "/api/payments/{}", "/api/proposals/{}",
    "/api/payments/{}/receipt", "/api/payments/documents/{}/pdf", "/api/payments/plans", "/api/stripe/subscriptions/{}",
    "/api/stripe/payment-methods",  # kept by the payment provider
    "/api/messages/{}", "/api/chats/{}", "/api/milestones/{}", "/api/notifications/unread-count", "/api/ws/status",
    "/api/time-entries/{}", "/api/timesheets/{}",
    "/api/ws/user/{}/online", "/api/users/me/entries/{}",
    "/api/api-keys/{}/usage",
    "/api/webhooks/{}", "/api/webhooks/events",
    "/api/account/standing",
    "/api/wallet/payout-account", "/api/wallet/payouts/{}",
    "/api/auth/2fa/status",
    "/api/milestones/{}/refund-requests",
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.usefixtures("provider")
def test_queries_do_not_grow_with_the_rows() -> None:
    crowd = Crowd()
    crowd.grow(FEW)
    few = measured(crowd)
    crowd.grow(MANY)
    many = measured(crowd)

    growing = {address: (few[address], many[address]) for address in few if few[address] != many[address]}
    assert growing == {}, f"queries for {FEW} and for {MANY} rows"
    budgets = {f"{who} {address}": number for who, part in BUDGETS.items() for address, number in part.items()}
    changed = {address: (budgets[address], many[address]) for address in many if budgets[address] != many[address]}
    assert changed == {}, "the number in budgets.json, and that of today"


def measured(crowd: Crowd) -> dict[str, int]:
    return {
        f"{who} {address}": queries(get, address.format(**crowd.ids))
        for who, get in clients(crowd).items()
        for address in BUDGETS[who]
    }


def clients(crowd: Crowd) -> dict[str, Callable[[str], Any]]:
    """Ways to ask for an address, by who asks."""
    api, staff = APIClient(), APIClient()
    api.force_authenticate(crowd.viewer)
    staff.force_authenticate(crowd.staff)
    return {
        "API": lambda address: api.get(f"{address}{'&' if '?' in address else '?'}page_size={MANY}"),
        "API for staff": lambda address: staff.get(f"{address}?page_size={MANY}"),
        "page for a stranger": Client().get,
        "page for a client": pages_of(crowd, "client").get,
        "page for a freelancer": pages_of(crowd, "freelancer").get,
    }


def pages_of(crowd: Crowd, side: str) -> Client:
    browser = Client()
    browser.force_login(crowd.viewer)
    browser.post("/switch-view/", {"view": side})
    return browser


def queries(get: Callable[[str], Any], address: str) -> int:
    """Without what is remembered in Redis, and with what a process learns once (such as the tree of categories)."""
    get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        response = get(address)
    assert response.status_code == 200, f"{address}: {response.status_code}"
    return len(asked)


def test_every_address_that_the_api_reads_from_has_a_budget() -> None:
    budgeted = {nameless(address.partition("?")[0]) for part in ("API", "API for staff") for address in BUDGETS[part]}
    read = {nameless(route.template) for route in all_routes() if route.is_api and "GET" in route.methods}
    twins = {address for address in read if address.startswith("/api/chat/rooms")}  # another name of /api/chats
    assert read - budgeted - SINGLE - twins == set()
    assert (budgeted | SINGLE) <= read


def nameless(address: str) -> str:
    return re.sub(r"<[^>]+>|{\w+}", "{}", address)
