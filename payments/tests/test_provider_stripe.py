"""The Stripe adapter through Stripe's own library, against the stand-in as a running process."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import stripe
from django.conf import settings

from core.errors import Unavailable
from core.money import Money
from payments import providers
from payments.errors import ProviderRefused
from payments.models import Hold
from payments.providers import StripeProvider
from payments.services import ensure_customer, mirror, pay_hold, process_event, refund_hold, saved_cards, send_refund
from payments.services.events import store_event
from payments.tests.factories import make_hold
from payments.tests.fakes import DECLINED, THREE_D_SECURE, VISA, use_provider

TEN = Money(10_00, "USD")
EVERY = {"metadata": {"guildhall_payment": "7"}, "description": "Label drawings"}


@dataclass
class Standin:
    url: str
    http: httpx.Client

    def control(self, path: str, body: Any = None) -> Any:
        response = self.http.post(f"/standin{path}", json=body or {})
        response.raise_for_status()
        return response.json()

    def fault(self, action: str, path: str) -> None:
        self.control("/faults", {"action": action, "path": path, "times": 1, "seconds": 60})

    def events(self) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"}
        listed = self.http.get("/v1/events?limit=100", headers=headers)
        return list(reversed(listed.json()["data"]))


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    """One for each test: a call that hangs keeps its key busy."""
    monkeypatch.setattr("payments.providers.stripe.RETRIES", 0)
    monkeypatch.setattr("payments.providers.stripe.TIMEOUT_SECONDS", 4)
    command = [sys.executable, "-m", "standins.stripe", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[4]
        monkeypatch.setattr(stripe, "api_base", url)  # where dj-stripe asks
        with httpx.Client(base_url=url, trust_env=False) as http:
            yield Standin(url, http)
        process.kill()


@pytest.fixture
def adapter(standin: Standin) -> StripeProvider:
    return StripeProvider(settings.STRIPE_SECRET_KEY, standin.url)


def make_customer(adapter: StripeProvider) -> str:
    return adapter.create_customer(key="customer-7", user_id=7, email="client@example.com", name="Rosa")


def make_intent(adapter: StripeProvider, amount: Money = TEN, *, manual: bool = False) -> providers.Intent:
    return adapter.create_intent(
        key=f"payment-7-{amount}", amount=amount, customer_id=make_customer(adapter), manual_capture=manual, **EVERY
    )


def test_an_intent_from_start_to_receipt(adapter: StripeProvider) -> None:
    intent = make_intent(adapter)
    assert (intent.status, intent.amount_minor, intent.currency) == ("requires_payment_method", 10_00, "USD")
    assert intent.metadata == EVERY["metadata"]
    assert intent.client_secret
    paid = adapter.confirm_intent(intent.id, key="payment-7-1", payment_method=VISA)
    assert (paid.status, paid.received_minor, paid.method_label) == ("succeeded", 10_00, "Visa ending 4242")
    assert paid.receipt_url.startswith("http")
    assert adapter.retrieve_intent(intent.id) == paid


def test_the_same_key_is_the_same_call(adapter: StripeProvider) -> None:
    assert make_customer(adapter) == make_customer(adapter)
    assert make_intent(adapter).id == make_intent(adapter).id


@pytest.mark.parametrize("amount", [Money(500, "JPY"), Money(1_250, "KWD")])
def test_currencies_of_other_exponents(adapter: StripeProvider, amount: Money) -> None:
    intent = make_intent(adapter, amount)
    assert (intent.amount_minor, intent.currency) == (amount.minor, amount.currency)


def test_a_declined_card_is_an_answer(adapter: StripeProvider) -> None:
    intent = make_intent(adapter)
    declined = adapter.confirm_intent(intent.id, key="payment-7-1", payment_method=DECLINED)
    assert (declined.status, declined.failure_code) == ("requires_payment_method", "generic_decline")
    assert "declined" in declined.failure_message
    paid = adapter.confirm_intent(intent.id, key="payment-7-2", payment_method=VISA)
    assert (paid.status, paid.failure_message) == ("succeeded", "")


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [("complete", "succeeded", ""), ("fail", "requires_payment_method", "payment_intent_authentication_failure")],
)
def test_three_d_secure(adapter: StripeProvider, standin: Standin, outcome: str, status: str, code: str) -> None:
    intent = make_intent(adapter)
    asked = adapter.confirm_intent(intent.id, key="payment-7-1", payment_method=THREE_D_SECURE)
    assert asked.status == "requires_action"
    standin.control(f"/authentications/{intent.id}", {"outcome": outcome})
    after = adapter.retrieve_intent(intent.id)
    assert (after.status, after.failure_code) == (status, code)


def test_what_is_decided_is_answered_as_it_stands(adapter: StripeProvider) -> None:
    paid, dropped = make_intent(adapter), make_intent(adapter, Money(11_00, "USD"))
    adapter.confirm_intent(paid.id, key="payment-7-1", payment_method=VISA)
    assert adapter.confirm_intent(paid.id, key="payment-7-2", payment_method=VISA).status == "succeeded"
    assert adapter.cancel_intent(paid.id, key="cancel-7").status == "succeeded"
    assert adapter.capture_intent(paid.id, key="capture-7", amount=None).status == "succeeded"
    assert adapter.cancel_intent(dropped.id, key="cancel-8").status == "canceled"
    assert adapter.cancel_intent(dropped.id, key="cancel-9").status == "canceled"
    assert adapter.confirm_intent(dropped.id, key="payment-8-1", payment_method=VISA).status == "canceled"


@pytest.mark.parametrize(("amount", "received"), [(None, 10_00), (Money(4_00, "USD"), 4_00)])
def test_capture(adapter: StripeProvider, amount: Money | None, received: int) -> None:
    intent = make_intent(adapter, manual=True)
    assert adapter.confirm_intent(intent.id, key="payment-7-1", payment_method=VISA).status == "requires_capture"
    captured = adapter.capture_intent(intent.id, key="capture-7", amount=amount)
    assert (captured.status, captured.received_minor) == ("succeeded", received)


def test_what_stripe_refuses_is_a_definite_no(adapter: StripeProvider) -> None:
    with pytest.raises(ProviderRefused):
        make_intent(adapter, Money(1, "USD"))  # below the least that a card is charged
    intent = make_intent(adapter)
    with pytest.raises(ProviderRefused) as refusal:
        adapter.confirm_intent(intent.id, key="payment-7-1", payment_method="pm_nothing")
    assert list(refusal.value.fields) == ["payment_method"]
    with pytest.raises(ProviderRefused):
        adapter.retrieve_intent("pi_nothing")


@pytest.mark.parametrize(
    "action", ["error_before", "error_after", "drop_before", "drop_after", "hang_before", "hang_after"]
)
def test_an_unknown_outcome_is_unavailable_and_can_be_repeated(
    adapter: StripeProvider, standin: Standin, action: str
) -> None:
    intent = make_intent(adapter)
    standin.fault(action, f"/v1/payment_intents/{intent.id}/confirm")
    with pytest.raises(Unavailable):
        adapter.confirm_intent(intent.id, key="payment-7-1", payment_method=VISA)
    assert adapter.confirm_intent(intent.id, key="payment-7-2", payment_method=VISA).status == "succeeded"
    charges = [event for event in standin.events() if event["type"] == "charge.succeeded"]
    assert len(charges) == 1


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments.providers.stripe.RETRIES", 0)
    with pytest.raises(Unavailable):
        StripeProvider(settings.STRIPE_SECRET_KEY, "http://127.0.0.1:9").retrieve_intent("pi_1")


def test_refunds(adapter: StripeProvider) -> None:
    intent = make_intent(adapter)
    adapter.confirm_intent(intent.id, key="payment-7-1", payment_method=VISA)
    part = Money(4_00, "USD")
    refund = adapter.create_refund(key="refund-3-1", intent_id=intent.id, amount=part, reference="3-1")
    assert (refund.status, refund.amount_minor, refund.currency) == ("succeeded", 4_00, "USD")
    again = adapter.create_refund(key="refund-3-1", intent_id=intent.id, amount=part, reference="3-1")
    assert again.id == refund.id
    assert adapter.retrieve_refund(refund.id) == refund
    assert adapter.find_refund(intent.id, reference="3-1") == refund
    assert adapter.find_refund(intent.id, reference="3-2") is None
    too_much = adapter.create_refund(key="refund-4-1", intent_id=intent.id, amount=Money(6_01, "USD"), reference="4-1")
    assert (too_much.id, too_much.status) == ("", "failed")
    assert too_much.failure_message


@pytest.mark.django_db
def test_a_hold_from_payment_to_refund(adapter: StripeProvider, standin: Standin) -> None:
    with use_provider(adapter):
        hold = make_hold(Money(600_01, "USD"))
        payment = pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA)
        hold.refresh_from_db()
        assert (payment.status, hold.status) == ("succeeded", "held")
        refund_hold(hold.payer, hold=hold, reason="Called off", cause="test")
        assert send_refund(payment.refunds.get().pk).status == "succeeded"


@pytest.mark.django_db
def test_every_event_is_understood_in_any_order(adapter: StripeProvider, standin: Standin) -> None:
    with use_provider(adapter):
        hold = make_hold(Money(600_01, "USD"))
        payment = pay_hold(hold.payer, hold_id=hold.pk)
        adapter.confirm_intent(payment.intent_id or "", key="browser-1", payment_method=DECLINED)
        adapter.confirm_intent(payment.intent_id or "", key="browser-2", payment_method=VISA)
        events = standin.events()
        assert len(events) > 4
        for event in reversed(events):
            process_event(store_event(event).pk)
    payment.refresh_from_db()
    assert (payment.status, payment.method_label) == ("succeeded", "Visa ending 4242")
    assert Hold.objects.get().status == "held"


@pytest.mark.django_db
def test_the_mirror_understands_every_object(
    adapter: StripeProvider, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[Any] = []
    monkeypatch.setattr(mirror.logger, "warning", lambda *_, **about: failures.append(about))
    with use_provider(adapter):
        hold = make_hold(TEN)
        payment = pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA)
        adapter.create_refund(key="refund-1", intent_id=payment.intent_id or "", amount=TEN, reference="1-1")
    for event in standin.events():
        mirror.mirror(event["data"]["object"])
    assert failures == []
    assert mirror.stripe_models.PaymentIntent.objects.get().id == payment.intent_id
    assert mirror.stripe_models.Customer.objects.get().subscriber == hold.payer
    assert mirror.stripe_models.Refund.objects.exists()


@pytest.mark.django_db
def test_saved_cards(adapter: StripeProvider, standin: Standin) -> None:
    with use_provider(adapter):
        payer = make_hold().payer
        assert saved_cards(payer) == []
        customer = ensure_customer(payer).customer_id
        assert saved_cards(payer) == []
        stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": standin.url}).v1.payment_methods.attach(
            VISA, {"customer": customer}
        )
        [card] = saved_cards(payer)
    assert card.label == "Visa ending 4242"
    assert card.expires[2] == "/"
