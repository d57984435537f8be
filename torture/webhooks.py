"""The provider's news in every order, each twice, days late, among forged, stale and foreign ones: one end state."""

import itertools
import json
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from unittest import mock

from django.conf import settings
from rest_framework.test import APIClient
from stripe import WebhookSignature

from payments.models import ProviderEvent
from torture.books import Bank, Json, violated
from torture.cases import CASES, Case
from torture.figures import Figures
from torture.later import clock_moved, recover_all, work_off

URL = "/api/stripe/webhooks"
LATENESS = (timedelta(0), timedelta(days=3))
STALE_SECONDS = 301


def run(bank: Bank, *, every: int = 1) -> Figures:
    """Each order (or every so manieth) of the five pieces of news, in each case."""
    figures = Figures()
    with mock.patch("payments.services.events.mirror"):
        for make in CASES:
            states: set[str] = set()
            for number, order in enumerate(itertools.permutations(range(5))):
                if number % every == 0:
                    states.add(_deliver(bank, make, order, LATENESS[number % 2], figures))
            if len(states) != 1:
                figures.add([f"{len(states)} end states: {sorted(states)}"], where=make.__name__)
    figures.add(violated() + bank.totals(), where="in the end")
    return figures


def _deliver(bank: Bank, make: Callable[[Bank], Case], order: Sequence[int], late: timedelta, figures: Figures) -> str:
    case = make(bank)
    events = case.news
    where = f"{make.__name__} {order} {late}"
    with clock_moved(late):
        for index in order:
            figures.add(_refused(events[index]), where=where)
            for _ in range(2):
                status = _post(events[index]).status_code
                if status != 200:
                    figures.add([f"answered {status}"], where=where)
                figures.counts["events delivered"] += 1
            work_off()
    figures.counts["orders"] += 1
    unprocessed = ProviderEvent.objects.filter(processed_at=None).count()
    kept = ProviderEvent.objects.filter(event_id__in=[event["id"] for event in events]).count()
    if unprocessed or kept != len(events):
        figures.add([f"{unprocessed} unprocessed, {kept} kept"], where=where)
    state = case.state()
    recover_all(timedelta(minutes=2))
    if case.state() != state:
        figures.add([f"recovery made {case.state()} of {state}"], where=where)
    figures.counts["forged, stale and foreign"] += 3 * len(events)
    return state


def _refused(event: Json) -> list[str]:
    """What must leave no trace: signed by somebody else, too long ago, or in the other mode."""
    before = ProviderEvent.objects.count()
    answers = [
        _post(event, secret="whsec_forged").status_code,
        _post(event, age=STALE_SECONDS).status_code,
        _post({**event, "livemode": not settings.STRIPE_LIVE_MODE}).json(),
    ]
    if answers != [400, 400, {"received": False}] or ProviderEvent.objects.count() != before:
        return [f"forged, stale and foreign were answered {answers}"]
    return []


def _post(event: Json, *, secret: str = "", age: int = 0) -> Any:
    body = json.dumps(event)
    signature = WebhookSignature.generate_signature_header(
        body, secret or settings.STRIPE_WEBHOOK_SECRET, int(time.time()) - age
    )
    return APIClient().post(URL, body, content_type="application/json", headers={"Stripe-Signature": signature})
