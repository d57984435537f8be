"""The Stripe adapter through Stripe's own library, against the stand-in as a running process."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import stripe
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import FreelancerFactory
from core.errors import Unavailable
from core.money import Money
from payments import providers
from payments.errors import ProviderRefused
from payments.models import Account, Hold, Journal
from payments.providers import SUBSCRIPTION_KEY, ProviderSubscription, StripeProvider
from payments.services import (
    create_payment,
    ensure_customer,
    forget_card,
    list_cards,
    mirror,
    pay_hold,
    process_event,
    reconcile,
    refresh_payment,
    refresh_subscription,
    refund_hold,
    request_refund,
    saved_cards,
    send_refund,
    subscribe,
)
from payments.services.events import store_event
from payments.tests.conftest import StandinProcess
from payments.tests.factories import make_hold, make_plan
from payments.tests.fakes import DECLINED, THREE_D_SECURE, VISA, use_provider

TEN = Money(10_00, "USD")
EVERY = {"metadata": {"guildhall_payment": "7"}, "description": "Label drawings"}


@dataclass
class Standin:
    url: str
    http: httpx.Client
    hangs: bool = False

    def control(self, path: str, body: Any = None) -> Any:
        response = self.http.post(f"/standin{path}", json=body or {})
        response.raise_for_status()
        return response.json()

    def fault(self, action: str, path: str) -> None:
        self.hangs |= action.startswith("hang")
        self.control("/faults", {"action": action, "path": path, "times": 1, "seconds": 60})

    def events(self) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"}
        listed = self.http.get("/v1/events?limit=100", headers=headers)
        return list(reversed(listed.json()["data"]))


@pytest.fixture
def standin(stripe_process: StandinProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    """With nothing in it from before."""
    monkeypatch.setattr("payments.providers.stripe_calls.RETRIES", 0)
    monkeypatch.setattr("payments.providers.stripe_calls.TIMEOUT_SECONDS", 4)
    monkeypatch.setattr(stripe, "api_base", stripe_process.url)  # where dj-stripe asks
    with httpx.Client(base_url=stripe_process.url, trust_env=False) as http:
        standin = Standin(stripe_process.url, http)
        standin.control("/reset")
        yield standin
    if standin.hangs:  # a call that hangs keeps its key busy
        stripe_process.stop()
        stripe_process.start()


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
    ("outcome", "status", "code", "said"),
    [
        ("complete", "succeeded", "", ""),
        ("fail", "requires_payment_method", "payment_intent_authentication_failure", "Your bank could not confirm"),
    ],
)
def test_three_d_secure(
    adapter: StripeProvider, standin: Standin, outcome: str, status: str, code: str, said: str
) -> None:
    intent = make_intent(adapter)
    asked = adapter.confirm_intent(intent.id, key="payment-7-1", payment_method=THREE_D_SECURE)
    assert asked.status == "requires_action"
    standin.control(f"/authentications/{intent.id}", {"outcome": outcome})
    after = adapter.retrieve_intent(intent.id)
    assert (after.status, after.failure_code) == (status, code)
    assert after.failure_message.startswith(said)


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


def test_confirming_without_a_card_is_refused_beside_the_card(adapter: StripeProvider) -> None:
    intent = make_intent(adapter)
    with pytest.raises(ProviderRefused) as refusal:
        adapter.confirm_intent(intent.id, key="payment-7-1", payment_method="")
    assert refusal.value.fields == {"payment_method": ["Choose a card."]}


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
    monkeypatch.setattr("payments.providers.stripe_calls.RETRIES", 0)
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
        forget_card(payer, card_id=card.id)
        assert list_cards(payer) == []
        with pytest.raises(ProviderRefused):
            adapter.forget_card(card.id)


@pytest.mark.django_db
def test_balance_transactions_from_start_to_end(adapter: StripeProvider, standin: Standin) -> None:
    with use_provider(adapter):
        hold = make_hold(TEN)
        payment = pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA)
        hold.refresh_from_db()
        refund_hold(hold.payer, hold=hold, reason="", cause="test")
        refund = send_refund(payment.refunds.get().pk)
        charged, refunded = adapter.balance_transactions(None)
        assert (charged.type, charged.amount_minor, charged.currency) == ("charge", 10_00, "USD")
        assert charged.net_minor == charged.amount_minor - charged.fee_minor
        assert charged.parent_id == payment.intent_id
        assert (refunded.type, refunded.amount_minor, refunded.source_id) == ("refund", -10_00, refund.refund_id)
        assert adapter.balance_transactions(charged.created_at + timedelta(days=1)) == []
        run = reconcile()
    assert (run.stored, run.matched, run.opened) == (2, 2, 0)
    assert Account.objects.get(kind="costs").balance_minor == -charged.fee_minor


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["error_after", "drop_after", "hang_after"])
def test_an_outage_after_the_money_was_taken_is_pending_and_settles(
    adapter: StripeProvider, standin: Standin, client: Client, action: str
) -> None:
    with use_provider(adapter):
        hold = make_hold(TEN)
        client.force_login(hold.payer)
        payment = pay_hold(hold.payer, hold_id=hold.pk)
        standin.fault(action, f"/v1/payment_intents/{payment.intent_id}/confirm")
        page = client.post(reverse("pay", args=[hold.pk]), {"payment_method": VISA}, follow=True)
        assert "We are waiting for your bank" in page.content.decode()
        assert "Waiting for the provider" in client.get(reverse("wallet")).content.decode()
        refresh_payment(payment.pk)  # what the job of recovery does
        hold.refresh_from_db()
        assert hold.status == "held"
        assert reconcile().opened == 0
    assert len([event for event in standin.events() if event["type"] == "charge.succeeded"]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["error_before", "drop_before"])
def test_an_outage_before_anything_was_taken_lets_the_person_try_again(
    adapter: StripeProvider, standin: Standin, client: Client, action: str
) -> None:
    with use_provider(adapter):
        hold = make_hold(TEN)
        client.force_login(hold.payer)
        ensure_customer(hold.payer)
        standin.fault(action, "/v1/payment_intents")
        page = client.post(reverse("pay", args=[hold.pk]), {"payment_method": VISA}, follow=True)
        assert "Nothing was taken" in page.content.decode()
        client.post(reverse("pay", args=[hold.pk]), {"payment_method": VISA})
        hold.refresh_from_db()
        assert hold.status == "held"


@pytest.mark.django_db
def test_a_refund_in_an_outage_is_set_aside_and_sent_later(adapter: StripeProvider, standin: Standin) -> None:
    with use_provider(adapter):
        payer = make_hold().payer
        payment = create_payment(payer, amount=TEN, payment_method=VISA)
        standin.fault("drop_after", "/v1/refunds")
        with pytest.raises(Unavailable, match="set aside"):
            request_refund(payer, intent_id=payment.intent_id or "")
        refund = payment.refunds.get()
        assert refund.status == "pending"
        assert send_refund(refund.pk).status == "succeeded"
        assert [one.type for one in adapter.balance_transactions(None)] == ["charge", "refund"]


# --- Subscriptions ------------------------------------------------------------------------------


def begun(adapter: StripeProvider, key: str = "s-1") -> ProviderSubscription:
    customer = adapter.create_customer(key=f"customer-{key}", user_id=7, email="ada@example.com", name="Ada")
    price = adapter.create_price(key="plan-pro", name="Pro", price=Money(15_00, "USD"), reference="pro")
    return adapter.create_subscription(key=key, customer_id=customer, price_id=price, metadata={SUBSCRIPTION_KEY: key})


def test_a_subscription_waits_for_its_first_payment_and_begins(adapter: StripeProvider) -> None:
    waiting = begun(adapter)
    assert (waiting.status, waiting.metadata) == ("incomplete", {SUBSCRIPTION_KEY: "s-1"})
    assert waiting.invoice is not None
    assert (waiting.invoice.status, waiting.invoice.due_minor, waiting.invoice.currency) == ("open", 15_00, "USD")
    assert waiting.invoice.client_secret.startswith(f"{waiting.invoice.intent_id}_secret_")
    assert waiting.invoice.subscription_id == waiting.id
    declined = adapter.confirm_intent(waiting.invoice.intent_id, key="c-1", payment_method=DECLINED)
    assert (declined.status, bool(declined.failure_message)) == ("requires_payment_method", True)
    assert adapter.retrieve_subscription(waiting.id).status == "incomplete"
    asked = adapter.confirm_intent(waiting.invoice.intent_id, key="c-2", payment_method=THREE_D_SECURE)
    assert asked.status == "requires_action"


def test_an_invoice_is_found_by_what_paid_it(adapter: StripeProvider) -> None:
    waiting = begun(adapter)
    assert waiting.invoice is not None
    intent_id = waiting.invoice.intent_id
    adapter.confirm_intent(intent_id, key="c-1", payment_method=VISA)
    found = adapter.find_invoice(intent_id)
    assert found is not None
    assert (found.id, found.status, found.paid_by, found.subscription_id) == (
        waiting.invoice.id,
        "paid",
        intent_id,
        waiting.id,
    )
    assert adapter.find_invoice("pi_other") is None


def test_a_subscription_is_paid_renewed_and_ended(adapter: StripeProvider, standin: Standin) -> None:
    waiting = begun(adapter)
    assert begun(adapter).id == waiting.id
    assert waiting.invoice is not None
    adapter.confirm_intent(waiting.invoice.intent_id, key="c-1", payment_method=VISA)
    active = adapter.retrieve_subscription(waiting.id)
    assert active.invoice is not None
    assert (active.status, active.invoice.status, active.invoice.paid_minor) == ("active", "paid", 15_00)
    assert (active.invoice.intent_id, active.invoice.client_secret) == ("", "")
    assert active.current_period_end is not None
    standin.control(f"/subscriptions/{active.id}/advance")
    renewed = adapter.retrieve_subscription(waiting.id)
    assert renewed.invoice is not None
    assert renewed.invoice.id != active.invoice.id
    assert renewed.invoice.status == "paid"
    leaving = adapter.end_with_period(active.id, key="e-1", wanted=True)
    assert (leaving.status, leaving.cancel_at_period_end) == ("active", True)
    assert not adapter.end_with_period(active.id, key="e-2", wanted=False).cancel_at_period_end
    assert adapter.end_subscription(active.id, key="e-3").status == "canceled"
    assert adapter.end_subscription(active.id, key="e-4").status == "canceled"
    found = adapter.find_subscription(active.customer_id, reference="s-1")
    assert found is not None
    assert found.id == active.id
    assert adapter.find_subscription(active.customer_id, reference="s-2") is None


def test_webhooks_of_a_subscription_book_each_month(db: None, adapter: StripeProvider, standin: Standin) -> None:
    person = FreelancerFactory.create()
    with use_provider(adapter):
        subscription = subscribe(person, plan=make_plan().code, payment_method=VISA)
        assert subscription.status == "active"
        standin.control(f"/subscriptions/{subscription.subscription_id}/advance")
        for event in standin.events():
            process_event(store_event(event).pk)
        subscription.refresh_from_db()
        assert (subscription.status, subscription.documents.count()) == ("active", 2)
        assert Journal.objects.filter(kind="subscription").count() == 2
        standin.control(f"/subscriptions/{subscription.subscription_id}/advance", {"to": "renew"})
        assert refresh_subscription(subscription.pk).documents.count() == 3
