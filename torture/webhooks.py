"""The provider's news in every order, each twice, days late, among forged, stale and foreign ones: one end state."""

import itertools
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from unittest import mock

from django.conf import settings
from rest_framework.test import APIClient
from stripe import WebhookSignature

from core.money import Money
from notifications.models import Notification
from payments import providers
from payments.models import Journal, Payment, ProviderEvent
from payments.services import pay_hold, refresh_payment, refund_hold
from payments.tests.factories import make_hold
from payments.tests.fakes import THREE_D_SECURE
from torture.books import Bank, Json, violated
from torture.figures import Figures
from torture.later import clock_moved, recover_all, work_off
from torture.scenes import fresh

URL = "/api/stripe/webhooks"
PRICE = Money(600_01, "USD")
LATENESS = (timedelta(0), timedelta(days=3))
STALE_SECONDS = 301
PAID = (
    "payment_intent.created",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "charge.succeeded",
    "payment_intent.payment_failed",
)
SENT_BACK = (*PAID[:4], "refund.created")


class Died(Exception):
    """In the place of a killed process."""


Case = Callable[[Bank], tuple[Payment, list[Json]]]


def run(bank: Bank, *, every: int = 1) -> Figures:
    """Each order (or every so manieth) of the five events of a payment, in each case."""
    figures = Figures()
    with mock.patch("payments.services.events.mirror"):
        for case in (not_noted_yet, refund_not_noted_yet):
            states: set[str] = set()
            for number, order in enumerate(itertools.permutations(range(5))):
                if number % every == 0:
                    states.add(_deliver(bank, case, order, LATENESS[number % 2], figures))
            if len(states) != 1:
                figures.add([f"{len(states)} end states: {sorted(states)}"], where=case.__name__)
    figures.add(violated() + bank.totals(), where="in the end")
    return figures


def not_noted_yet(bank: Bank) -> tuple[Payment, list[Json]]:
    """We asked for the intent and died before committing the answer; the person has paid, with the second card."""
    hold = make_hold(PRICE)
    with mock.patch("payments.services.payments.settle_payment", side_effect=Died), suppress(Died):
        pay_hold(hold.payer, hold_id=hold.pk)
    intent_id = bank.newest(1)[0]["id"]
    bank.declined_by_the_page(intent_id)
    bank.paid_by_the_page(intent_id, THREE_D_SECURE)
    return hold.payments.get(), _one_of_each(bank, intent_id, PAID)


def refund_not_noted_yet(bank: Bank) -> tuple[Payment, list[Json]]:
    """The work was ended and the money sent back, and the process died before it noted that."""
    hold = make_hold(PRICE)
    payment = pay_hold(hold.payer, hold_id=hold.pk)
    bank.paid_by_the_page(payment.intent_id, THREE_D_SECURE)
    refresh_payment(payment.pk)
    refund_hold(None, hold=hold, reason="Ended.", cause=f"torture:{hold.pk}")
    refund = payment.refunds.get()
    providers.main().create_refund(
        key=f"refund-{payment.token}-{refund.reference}",
        intent_id=payment.intent_id or "",
        amount=refund.amount,
        reference=refund.reference,
    )
    return payment, _one_of_each(bank, payment.intent_id, SENT_BACK)


def _one_of_each(bank: Bank, intent_id: str | None, types: Sequence[str]) -> list[Json]:
    found = {event["type"]: event for event in bank.events(intent_id)}
    return [found[name] for name in types]


def _deliver(bank: Bank, case: Case, order: Sequence[int], late: timedelta, figures: Figures) -> str:
    payment, events = case(bank)
    where = f"{case.__name__} {order} {late}"
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
    state = _state(payment)
    recover_all(timedelta(minutes=2))
    if _state(payment) != state:
        figures.add([f"recovery made {_state(payment)} of {state}"], where=where)
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


def _state(payment: Payment) -> str:
    """Everything that the news decide, as text."""
    row: Payment = fresh(payment)
    hold = fresh(row.hold)
    refunds = list(row.refunds.values_list("status", "amount_minor"))
    journals = sorted(Counter(Journal.objects.filter(hold=hold).values_list("kind", flat=True)).items())
    told = sorted(Counter(Notification.objects.filter(user=row.payer).values_list("kind", flat=True)).items())
    return (
        f"{row.status} {row.received_minor} {row.refunded_minor} {row.method_label!r} {bool(row.receipt_url)}; "
        f"{hold.status} {hold.held_minor} {hold.refunded_minor}; {refunds}; {journals}; {told}"
    )
