import itertools
from dataclasses import replace

import pytest

from accounts.tests.factories import ClientFactory
from core.money import Money
from payments.errors import SettlementMismatch
from payments.models import Hold, Journal, Payment
from payments.providers import Intent
from payments.rules import PAYMENT_LIFECYCLE, PaymentStatus
from payments.services import create_payment, pay_hold, settle_payment
from payments.services.settle import note_charge
from payments.tests.factories import make_hold
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db

SNAPSHOTS = {
    "require_action": {"status": "requires_action"},
    "process": {"status": "processing"},
    "authorise": {"status": "requires_capture"},
    "succeed": {"status": "succeeded", "received_minor": 10_00},
    "fail": {"status": "requires_payment_method", "failure_code": "card_declined", "failure_message": "No."},
    "cancel": {"status": "canceled"},
}
PATH_TO = {
    PaymentStatus.CREATED: [],
    PaymentStatus.REQUIRES_ACTION: ["require_action"],
    PaymentStatus.PROCESSING: ["process"],
    PaymentStatus.AUTHORISED: ["authorise"],
    PaymentStatus.SUCCEEDED: ["succeed"],
    PaymentStatus.FAILED: ["fail"],
    PaymentStatus.CANCELLED: ["cancel"],
}


def paying(provider: FakeProvider) -> tuple[Payment, Intent]:
    payment = create_payment(ClientFactory.create(), amount=Money(10_00, "USD"))
    return payment, provider.intents[payment.intent_id or ""]


def snapshot(intent: Intent, move: str) -> Intent:
    return replace(intent, **SNAPSHOTS[move])


@pytest.mark.parametrize("status", PaymentStatus)
@pytest.mark.parametrize("move", PAYMENT_LIFECYCLE.moves)
def test_every_snapshot_in_every_status(provider: FakeProvider, status: PaymentStatus, move: str) -> None:
    payment, intent = paying(provider)
    for earlier in PATH_TO[status]:
        settle_payment(payment.pk, snapshot(intent, earlier))
    step = PAYMENT_LIFECYCLE.moves[move]
    for _ in range(2):  # the second time changes nothing
        settled = settle_payment(payment.pk, snapshot(intent, move))
        assert settled.status == (step.target if status in step.sources else status)
    assert Journal.objects.count() == (settled.status == "succeeded")


ORDERS = list(itertools.permutations(["require_action", "process", "fail", "succeed"]))


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_any_order_ends_paid_once(provider: FakeProvider, order: tuple[str, ...]) -> None:
    payment, intent = paying(provider)
    for move in (*order, *order):
        settled = settle_payment(payment.pk, snapshot(intent, move))
    assert (settled.status, settled.received_minor, settled.failure_code) == ("succeeded", 10_00, "")
    assert Journal.objects.count() == 1


@pytest.mark.parametrize("order", list(itertools.permutations(["require_action", "fail", "cancel"])), ids="-".join)
def test_any_order_ends_cancelled(provider: FakeProvider, order: tuple[str, ...]) -> None:
    payment, intent = paying(provider)
    for move in (*order, *order):
        settled = settle_payment(payment.pk, snapshot(intent, move))
    assert settled.status == "cancelled"
    assert not Journal.objects.exists()


def test_a_fresh_intent_changes_nothing(provider: FakeProvider) -> None:
    payment, intent = paying(provider)
    assert settle_payment(payment.pk, intent).status == "created"
    assert payment.events.count() == 1


@pytest.mark.parametrize(
    "change",
    [{"id": "pi_other"}, {"amount_minor": 9_99}, {"currency": "EUR"}, {"live": True}, {"received_minor": 10_01}],
)
def test_a_snapshot_of_something_else_is_refused(provider: FakeProvider, change: dict[str, object]) -> None:
    payment, intent = paying(provider)
    with pytest.raises(SettlementMismatch):
        settle_payment(payment.pk, replace(snapshot(intent, "succeed"), **change))
    payment.refresh_from_db()
    assert payment.status == "created"
    assert not Journal.objects.exists()


def test_a_hold_is_not_funded_by_less(provider: FakeProvider) -> None:
    hold: Hold = make_hold(Money(10_00, "USD"))
    payment = pay_hold(hold.payer, hold_id=hold.pk)
    less = replace(provider.intents[payment.intent_id or ""], status="succeeded", received_minor=9_00)
    settle_payment(payment.pk, less)
    hold.refresh_from_db()
    assert hold.status == "pending"
    assert payment.refunds.get().amount == Money(9_00, "USD")


def test_details_of_the_charge_are_kept_and_not_wiped(provider: FakeProvider) -> None:
    payment, intent = paying(provider)
    note_charge(payment, {"method_label": "Visa ending 4242", "receipt_url": "https://r.test/1"})
    note_charge(payment, {"method_label": "", "receipt_url": ""})
    settled = settle_payment(payment.pk, snapshot(intent, "succeed"))
    assert (settled.method_label, settled.receipt_url) == ("Visa ending 4242", "https://r.test/1")
