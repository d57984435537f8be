"""Paying in and out, cards and plans."""

from datetime import timedelta

from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from core.money import Money
from payments.models import ConnectAccount
from payments.providers import Card
from payments.services import refresh_chargeback, refresh_connect_account
from payments.tests.factories import earn, make_plan
from payments.tests.fakes import DECLINED, VISA, FakeProvider
from tests.architecture.walks.cast import Cast


def walk_through_money(cast: Cast) -> None:
    client = cast.client
    client.get("/api/payments/config")
    customer = client.call("POST", "/api/stripe/customers", {})
    client.get(f"/api/stripe/customers/{customer['id']}")
    credit = {"amount": 50_00, "currency": "usd"}
    intent = client.call("POST", "/api/stripe/payment-intents", credit | {"metadata": {"order": "7"}})
    client.get(f"/api/stripe/payment-intents/{intent['id']}")
    client.call("POST", f"/api/stripe/payment-intents/{intent['id']}/confirm", {"payment_method": VISA})
    refund = client.call("POST", "/api/stripe/refunds", {"payment_intent": intent["id"], "amount": 20_00})
    client.get(f"/api/stripe/refunds/{refund['id']}")
    manual = client.call("POST", "/api/stripe/payment-intents", credit | {"capture_method": "manual"})
    client.call("POST", f"/api/stripe/payment-intents/{manual['id']}/confirm", {"payment_method": VISA})
    client.call("POST", f"/api/stripe/payment-intents/{manual['id']}/capture", {})
    declined = client.call("POST", "/api/payments", credit | {"payment_method": DECLINED})
    assert client.get(f"/api/payments/{declined['id']}")["problem"]
    given_up = client.call("POST", "/api/stripe/payment-intents", credit)
    client.call("POST", f"/api/stripe/payment-intents/{given_up['id']}/cancel")
    at_paypal = client.call("POST", "/api/payments", credit | {"provider": "paypal"})
    assert client.get(f"/api/payments/{at_paypal['id']}")["provider"] == "paypal"
    payment = client.call("POST", "/api/payments", credit | {"payment_method": VISA})
    client.get(f"/api/payments/{payment['id']}")
    for path in ("/api/payments", "/api/wallet", "/api/wallet/entries", "/api/transactions/history"):
        client.get(path)
        cast.freelancer.get(path)
    client.call("POST", "/api/transactions/fee", credit)
    client.get("/api/payments/documents")
    cast.freelancer.get("/api/payments/documents")


def walk_through_cards(cast: Cast, provider: FakeProvider) -> None:
    provider.saved = [Card("pm_1", "Visa ending 4242", "04/31")]
    [card] = cast.client.get("/api/stripe/payment-methods")["results"]
    cast.client.call("DELETE", f"/api/stripe/payment-methods/{card['id']}")


def walk_through_plans(cast: Cast) -> None:
    make_plan()
    person = cast.freelancer
    person.get("/api/payments/plans")
    User.objects.filter(pk=cast.freelancer_person.pk).update(country="BE")
    with override_settings(TAX_RATE_BPS={"BE": 2100}):
        made = person.call("POST", "/api/stripe/subscriptions", {"plan": "pro", "payment_method": VISA})
    person.get("/api/payments/documents", kind="invoice")
    path = f"/api/stripe/subscriptions/{made['id']}"
    person.get("/api/stripe/subscriptions")
    person.get(path)
    person.call("DELETE", path)
    person.call("POST", f"{path}/resume")


def walk_through_payouts(cast: Cast, provider: FakeProvider) -> None:
    person, freelancer = cast.freelancer_person, cast.freelancer
    User.objects.filter(pk=person.pk).update(date_joined=timezone.now() - timedelta(days=30))
    freelancer.call("POST", "/api/wallet/payout-account", {"country": "US"})
    freelancer.call("POST", "/api/wallet/payout-account/link")
    account = ConnectAccount.objects.get(user=person)
    provider.onboard(str(account.account_id))
    refresh_connect_account(account.pk)
    freelancer.get("/api/wallet/payout-account")
    hold = earn(person, Money(200_00, "USD"), provider, payer=cast.client_person)
    payout = freelancer.call("POST", "/api/wallet/payouts", {"amount": 50_00, "currency": "usd"})
    freelancer.get("/api/wallet/payouts")
    freelancer.get(f"/api/wallet/payouts/{payout['id']}")
    freelancer.call("POST", f"/api/wallet/payouts/{payout['id']}/cancel")
    refresh_chargeback(provider.dispute(str(hold.payments.get().intent_id)).id)
    cast.client.get("/api/wallet")
    cast.client.call("POST", "/api/wallet/debt", {"currency": "usd", "payment_method": VISA})
