from __future__ import annotations

import calendar
import time
from typing import Any

import pytest
import stripe

from standins.stripe.resources.subscriptions import period_end

from .billing import advance, create_customer, create_price, latest_invoice, subscribe, use_card
from .process import PUBLISHABLE_KEY, Receiver, Standin


def every(interval: str = "month", count: int = 1) -> dict[str, Any]:
    return {"recurring": {"interval": interval, "interval_count": count}}


def moment(text: str) -> int:
    return calendar.timegm(time.strptime(text, "%Y-%m-%d"))


def default_incomplete(standin: Standin, **params: Any) -> tuple[stripe.Subscription, str]:
    """A subscription that waits for its first payment, and the client secret of that."""
    subscription = subscribe(
        standin,
        card=None,
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
        expand=["latest_invoice.confirmation_secret", "latest_invoice.payments"],
        **params,
    )
    assert isinstance(subscription.latest_invoice, stripe.Invoice)
    secret = subscription.latest_invoice.confirmation_secret
    assert secret is not None
    return subscription, secret.client_secret


def confirm(standin: Standin, secret: str, number: str = "4242424242424242") -> dict[str, Any]:
    """As stripe.js does it."""
    form = {
        "client_secret": secret,
        "use_stripe_sdk": "true",
        "payment_method_data[type]": "card",
        "payment_method_data[card][number]": number,
        "payment_method_data[card][exp_month]": "12",
        "payment_method_data[card][exp_year]": "2040",
        "payment_method_data[card][cvc]": "123",
    }
    intent = secret.split("_secret_")[0]
    answer = standin.raw("POST", f"/v1/payment_intents/{intent}/confirm", key=PUBLISHABLE_KEY, data=form)
    body: dict[str, Any] = answer.json()
    return body


def test_a_good_card_makes_it_active_at_once(standin: Standin, receiver: Receiver) -> None:
    subscription = subscribe(standin, metadata={"person": "7"})
    assert subscription.status == "active"
    invoice = latest_invoice(standin, subscription, expand=["payments"])
    assert (invoice.status, invoice.amount_paid, invoice.billing_reason) == ("paid", 2_000, "subscription_create")
    assert invoice.payments is not None
    assert [payment.status for payment in invoice.payments.data] == ["paid"]
    standin.flush()
    assert set(receiver.types) >= {
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
    }


def test_the_first_payment_is_made_in_the_browser(standin: Standin) -> None:
    subscription, secret = default_incomplete(standin)
    assert subscription.status == "incomplete"
    assert confirm(standin, secret)["status"] == "succeeded"
    after = standin.v1.subscriptions.retrieve(subscription.id)
    assert after.status == "active"
    assert after.default_payment_method is not None
    assert latest_invoice(standin, after).status == "paid"
    assert advance(standin, after).status == "active"
    assert len(standin.v1.invoices.list({"subscription": subscription.id, "status": "paid"}).data) == 2


def test_a_declined_first_payment_leaves_it_incomplete_until_another_card_pays(standin: Standin) -> None:
    subscription, secret = default_incomplete(standin)
    assert confirm(standin, secret, "4000000000000002")["error"]["code"] == "card_declined"
    invoice = latest_invoice(standin, subscription)
    assert (invoice.status, invoice.attempt_count, invoice.attempted) == ("open", 1, True)
    assert "invoice.payment_failed" in standin.event_types()
    assert standin.v1.subscriptions.retrieve(subscription.id).status == "incomplete"
    confirm(standin, secret)
    assert standin.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_first_payment_with_authentication(standin: Standin) -> None:
    subscription, secret = default_incomplete(standin)
    assert confirm(standin, secret, "4000002500003155")["status"] == "requires_action"
    assert standin.event_types()[-1] == "invoice.payment_action_required"
    standin.control("POST", f"/authentications/{secret.split('_secret_')[0]}", {"outcome": "complete"})
    assert standin.v1.subscriptions.retrieve(subscription.id).status == "active"
    assert advance(standin, subscription).status == "active"


def test_without_the_first_payment_it_expires(standin: Standin, receiver: Receiver) -> None:
    subscription, secret = default_incomplete(standin)
    assert advance(standin, subscription).status == "incomplete_expired"
    assert latest_invoice(standin, subscription).status == "void"
    assert confirm(standin, secret)["error"]["code"] == "payment_intent_unexpected_state"
    standin.flush()
    assert {"invoice.voided", "payment_intent.canceled", "customer.subscription.updated"} <= set(receiver.types)


@pytest.mark.parametrize(("behaviour", "outcome"), [("allow_incomplete", "incomplete"), ("error_if_incomplete", None)])
def test_a_card_that_declines(standin: Standin, behaviour: str, outcome: str | None) -> None:
    if outcome is None:
        with pytest.raises(stripe.CardError):
            subscribe(standin, "pm_card_chargeCustomerFail", payment_behavior=behaviour)
        assert standin.v1.subscriptions.list({"status": "all"}).data == []
        assert standin.v1.invoices.list().data == []
    else:
        subscription = subscribe(standin, "pm_card_chargeCustomerFail", payment_behavior=behaviour)
        assert subscription.status == outcome


def test_a_customer_without_a_card_is_refused(standin: Standin) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source"):
        subscribe(standin, card=None)
    assert standin.v1.subscriptions.list({"status": "all"}).data == []


def test_it_renews_period_by_period(standin: Standin) -> None:
    subscription = subscribe(standin)
    for count in (2, 3):
        before = int(time.time())
        after = advance(standin, subscription)
        item = after.to_dict()["items"]["data"][0]
        assert before <= item["current_period_start"] <= time.time()
        assert item["current_period_end"] > item["current_period_start"] + 27 * 86_400
        paid = standin.v1.invoices.list({"subscription": subscription.id, "status": "paid"}).data
        assert len(paid) == count
        assert paid[0].billing_reason == "subscription_cycle"
    assert sum(charge.amount for charge in standin.v1.charges.list().data) == 6_000


def test_a_failed_renewal_is_tried_again_and_paid(standin: Standin, receiver: Receiver) -> None:
    subscription = subscribe(standin)
    assert isinstance(subscription.customer, str)
    use_card(standin, subscription.customer, "pm_card_chargeCustomerFail")
    assert advance(standin, subscription).status == "past_due"
    invoice = latest_invoice(standin, subscription)
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert invoice.next_payment_attempt is not None
    assert invoice.next_payment_attempt > time.time() + 2 * 86_400
    use_card(standin, subscription.customer, "pm_card_visa")
    assert advance(standin, subscription).status == "active"
    paid = latest_invoice(standin, subscription)
    assert (paid.id, paid.status, paid.attempt_count, paid.next_payment_attempt) == (invoice.id, "paid", 2, None)
    standin.flush()
    assert "invoice.payment_failed" in receiver.types


def test_after_the_last_try_it_ends(standin: Standin) -> None:
    subscription = subscribe(standin)
    assert isinstance(subscription.customer, str)
    use_card(standin, subscription.customer, "pm_card_chargeCustomerFail")
    statuses = [advance(standin, subscription).status for _ in range(4)]
    assert statuses == ["past_due", "past_due", "past_due", "canceled"]
    after = standin.v1.subscriptions.retrieve(subscription.id)
    assert after.cancellation_details is not None
    assert after.cancellation_details.reason == "payment_failed"
    assert latest_invoice(standin, after).next_payment_attempt is None
    assert standin.event_types()[-1] == "customer.subscription.deleted"


def test_after_the_last_try_it_can_stay_unpaid() -> None:
    standin = Standin("--after-retries", "unpaid")
    try:
        subscription = subscribe(standin)
        assert isinstance(subscription.customer, str)
        use_card(standin, subscription.customer, "pm_card_chargeCustomerFail")
        assert [advance(standin, subscription).status for _ in range(4)][-1] == "unpaid"
        use_card(standin, subscription.customer, "pm_card_visa")
        standin.v1.invoices.pay(latest_invoice(standin, subscription).id)
        assert standin.v1.subscriptions.retrieve(subscription.id).status == "active"
    finally:
        standin.stop()


def test_a_renewal_that_needs_the_person(standin: Standin) -> None:
    subscription = subscribe(standin)
    assert isinstance(subscription.customer, str)
    use_card(standin, subscription.customer, "pm_card_authenticationRequired")
    assert advance(standin, subscription).status == "past_due"
    assert {"invoice.payment_action_required", "invoice.payment_failed"} <= set(standin.event_types())
    secret = latest_invoice(standin, subscription, expand=["confirmation_secret"]).confirmation_secret
    assert secret is not None
    standin.control("POST", f"/authentications/{secret.client_secret.split('_secret_')[0]}", {"outcome": "complete"})
    assert standin.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_cancelling_at_the_end_of_the_period(standin: Standin) -> None:
    subscription = subscribe(standin)
    ending = standin.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    end = ending.to_dict()["items"]["data"][0]["current_period_end"]
    assert (ending.status, ending.cancel_at_period_end, ending.cancel_at) == ("active", True, end)
    going_on = standin.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    assert (going_on.cancel_at, going_on.canceled_at) == (None, None)
    standin.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert advance(standin, subscription).status == "canceled"
    assert standin.event_types()[-1] == "customer.subscription.deleted"
    assert len(standin.v1.invoices.list().data) == 1


def test_cancelling_at_once(standin: Standin) -> None:
    subscription = subscribe(standin)
    cancelled = standin.v1.subscriptions.cancel(subscription.id, {"cancellation_details": {"comment": "Enough"}})
    assert cancelled.status == "canceled"
    assert cancelled.ended_at is not None
    assert cancelled.cancellation_details is not None
    assert cancelled.cancellation_details.comment == "Enough"
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        standin.v1.subscriptions.cancel(subscription.id)
    with pytest.raises(stripe.InvalidRequestError):
        standin.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert standin.http.post(f"/standin/subscriptions/{subscription.id}/advance").status_code == 400
    assert standin.v1.subscriptions.list().data == []
    assert len(standin.v1.subscriptions.list({"status": "all"}).data) == 1


def test_deleting_the_customer_ends_it(standin: Standin) -> None:
    subscription = subscribe(standin)
    assert isinstance(subscription.customer, str)
    standin.v1.customers.delete(subscription.customer)
    assert standin.v1.subscriptions.retrieve(subscription.id).status == "canceled"


def test_another_price_from_the_next_period(standin: Standin) -> None:
    subscription = subscribe(standin)
    item = subscription.to_dict()["items"]["data"][0]["id"]
    change: Any = {"items": [{"id": item, "price": create_price(standin, 5_000).id, "quantity": 2}]}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.subscriptions.update(subscription.id, change)
    assert refusal.value.param == "proration_behavior"
    standin.v1.subscriptions.update(subscription.id, change | {"proration_behavior": "none"})
    advance(standin, subscription)
    assert latest_invoice(standin, subscription).amount_paid == 10_000


def test_senseless_subscriptions_are_refused(standin: Standin) -> None:
    once = create_price(standin, recurring={"interval": "month"}, active=False)
    euro, yearly = create_price(standin, currency="eur"), create_price(standin, recurring={"interval": "year"})
    monthly = create_price(standin)
    customer = create_customer(standin).id
    for items in ([once.id], [monthly.id, euro.id], [monthly.id, yearly.id], ["price_none"], []):
        with pytest.raises(stripe.InvalidRequestError):
            subscribe(standin, customer=customer, items=[{"price": price} for price in items])
    assert standin.v1.subscriptions.list({"status": "all"}).data == []


def test_nothing_to_pay_is_paid(standin: Standin) -> None:
    subscription = subscribe(standin, card=None, price=create_price(standin, 0).id)
    assert subscription.status == "active"
    assert latest_invoice(standin, subscription).status == "paid"
    assert advance(standin, subscription).status == "active"


def test_expanding_and_listing(standin: Standin) -> None:
    subscription = subscribe(standin)
    full = standin.v1.subscriptions.retrieve(
        subscription.id, {"expand": ["customer", "items.data.price.product", "latest_invoice.lines"]}
    ).to_dict()
    assert full["items"]["data"][0]["price"]["product"]["name"] == "Plus"
    assert full["customer"]["name"] == "Ada"
    price = full["items"]["data"][0]["price"]["id"]
    assert [one.id for one in standin.v1.subscriptions.list({"price": price}).data] == [subscription.id]
    assert standin.v1.subscriptions.list({"price": "price_other"}).data == []
    assert standin.v1.subscriptions.list({"customer": "cus_other"}).data == []
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        standin.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice.payment_intent"]})


def test_a_replayed_subscription_is_paid_once(standin: Standin) -> None:
    customer, price = create_customer(standin).id, create_price(standin).id
    params: Any = {"customer": customer, "items": [{"price": price}]}
    standin.fault("error_after", "/v1/subscriptions", method="POST")
    with pytest.raises(stripe.APIError):
        standin.v1.subscriptions.create(params, {"idempotency_key": "s-1"})
    standin.v1.subscriptions.create(params, {"idempotency_key": "s-1"})
    assert len(standin.v1.charges.list().data) == 1


@pytest.mark.parametrize(
    ("start", "anchor", "period", "end"),
    [
        ("2026-01-31", "2026-01-31", every(), "2026-02-28"),
        ("2026-02-28", "2026-01-31", every(), "2026-03-31"),
        ("2026-12-15", "2026-12-15", every(count=3), "2027-03-15"),
        ("2028-02-29", "2028-02-29", every("year"), "2029-02-28"),
        ("2026-12-30", "2026-12-30", every("week", 2), "2027-01-13"),
        ("2026-12-31", "2026-12-31", every("day"), "2027-01-01"),
    ],
)
def test_periods_keep_the_day_of_the_month(start: str, anchor: str, period: dict[str, Any], end: str) -> None:
    assert period_end(moment(start), moment(anchor), period) == moment(end)
