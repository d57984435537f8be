from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.money import Money
from payments.api.serializers.amounts import FeeQuoteSerializer
from payments.api.serializers.payments import (
    CustomerSerializer,
    PaymentConfigSerializer,
    PaymentIntentSerializer,
    PaymentSerializer,
)
from payments.api.serializers.wallet import BalanceSerializer, EntrySerializer, TransactionSerializer
from payments.selectors import wallet
from payments.services import refund_hold, release_hold
from payments.tests.factories import add_credit, funded_hold, make_hold, usd
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import DECLINED, VISA, FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
ApiAs = Callable[[Any], APIClient]


@pytest.mark.parametrize(
    "path",
    [
        "/api/payments",
        "/api/payments/1",
        "/api/payments/config",
        "/api/wallet",
        "/api/wallet/entries",
        "/api/transactions/history",
    ],
)
def test_a_stranger_signs_in_first(api: APIClient, path: str) -> None:
    assert api.get(path).status_code == 401


def test_paying_in_credit(api_as: ApiAs) -> None:
    client = api_as(ClientFactory.create())
    response = client.post("/api/payments", {"amount": 25_00, "currency": "usd", "payment_method": VISA})
    assert response.status_code == 201
    data = response.data
    assert (data["status"], data["amount_received"], data["method"]) == ("succeeded", 25_00, "Visa ending 4242")
    assert client.get(f"/api/payments/{data['id']}").data == data
    assert client.get("/api/payments").data["results"] == [data]


def test_a_declined_card_is_told(api_as: ApiAs) -> None:
    client = api_as(ClientFactory.create())
    data = client.post("/api/payments", {"amount": 25_00, "currency": "usd", "payment_method": DECLINED}).data
    assert (data["status"], data["problem"]["message"]) == ("failed", "Your card was declined.")


def test_filters_of_payments(api_as: ApiAs, provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    add_credit(payer, usd(10_00), provider)
    add_credit(payer, Money(500, "JPY"), provider)
    client = api_as(payer)
    assert client.get("/api/payments").data["count"] == 2
    assert client.get("/api/payments?currency=jpy&status=succeeded").data["results"][0]["amount"] == 500
    assert client.get("/api/payments?status=failed").data["count"] == 0
    for order, amounts in (("amount", [500, 10_00]), ("-amount", [10_00, 500]), ("created_at", [10_00, 500])):
        assert [row["amount"] for row in client.get(f"/api/payments?ordering={order}").data["results"]] == amounts
    for query in ("status=paid", "currency=xxx", "currency=USD'", "ordering=payer"):
        response = client.get(f"/api/payments?{query}")
        assert (response.status_code, list(response.data["fields"])) == (400, [query.split("=")[0]])


def test_config(api_as: ApiAs) -> None:
    data = api_as(ClientFactory.create()).get("/api/payments/config").data
    assert data["publishable_key"] == settings.STRIPE_PUBLISHABLE_KEY
    assert (data["currencies"]["kwd"], data["currencies"]["jpy"], data["fee_bps"]) == (3, 0, 1000)
    assert "kwd" in data["providers"]["stripe"] and "kwd" not in data["providers"]["paypal"]
    for secret in (settings.STRIPE_SECRET_KEY, settings.PAYPAL_SECRET, settings.PAYPAL_CLIENT_ID):
        assert secret not in str(data)


def test_a_wallet_goes_up_by_the_amount_less_the_fee(api_as: ApiAs) -> None:
    hold = funded_hold(usd(600_01))
    client = api_as(hold.payee)
    empty = {"currency": "usd", "pending": 0, "paid_out": 0, "credit": 0, "committed": 0, "debt": 0}
    assert client.get("/api/wallet").data == {"balances": [empty | {"available": 0, "held": 600_01}]}
    release_hold(None, hold=hold, cause="test")
    assert client.get("/api/wallet").data == {"balances": [empty | {"available": 540_01, "held": 0}]}


def test_entries_re_add_to_the_balance(api_as: ApiAs) -> None:
    payee = FreelancerFactory.create()
    for minor in (100_00, 33_33, 1):
        hold = funded_hold(usd(minor), payee=payee, title=f"Work for {minor}")
        release_hold(None, hold=hold, cause=f"test:{hold.pk}")
    rows = api_as(payee).get("/api/wallet/entries").data["results"]
    assert [row["title"] for row in rows] == ["Work for 1", "Work for 3333", "Work for 10000"]
    assert [row["balance"] for row in rows] == [90_00 + 30_00 + 1, 90_00 + 30_00, 90_00]
    assert all(row["gross"] - row["fee"] == row["amount"] for row in rows)
    assert rows[0]["balance"] == wallet(payee)[0].available.minor


def test_entries_are_paged_by_cursor(api_as: ApiAs) -> None:
    payee = FreelancerFactory.create()
    for _ in range(5):
        hold = funded_hold(usd(10_00), payee=payee)
        release_hold(None, hold=hold, cause=f"test:{hold.pk}")
    client = api_as(payee)
    first = client.get("/api/wallet/entries?page_size=2").data
    second = client.get(first["next"]).data
    assert set(first) == {"next", "previous", "results"}
    seen = [row["id"] for row in first["results"] + second["results"]]
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 4
    assert client.get("/api/wallet/entries?kind=credit").data["results"] == []
    assert client.get("/api/wallet/entries?kind=theft").status_code == 400


@pytest.mark.parametrize("rows", [5, 25])
def test_entries_need_the_same_queries_for_any_number_of_rows(
    api_as: ApiAs, django_assert_num_queries: Any, rows: int
) -> None:
    payee = FreelancerFactory.create()
    for _ in range(rows):
        hold = funded_hold(usd(10_00), payee=payee)
        release_hold(None, hold=hold, cause=f"test:{hold.pk}")
    client = api_as(payee)
    with django_assert_num_queries(3):
        assert len(client.get("/api/wallet/entries?page_size=100").data["results"]) == rows
    with django_assert_num_queries(1):
        client.get("/api/transactions/history?page_size=100")
    with django_assert_num_queries(3):
        client.get("/api/wallet")


def test_entries_of_others_are_not_seen(api_as: ApiAs) -> None:
    hold = funded_hold()
    release_hold(None, hold=hold, cause="test")
    assert api_as(hold.payer).get("/api/wallet/entries").data["results"] == []


def test_history_of_both_sides(api_as: ApiAs) -> None:
    hold = funded_hold(usd(600_00))
    release_hold(None, hold=hold, amount=usd(200_00), cause="part")
    refund_hold(None, hold=hold, reason="", cause="rest")
    for person, role in ((hold.payer, "payer"), (hold.payee, "payee")):
        [row] = api_as(person).get("/api/transactions/history").data["results"]
        assert (row["id"], row["role"], row["status"], row["currency"]) == (hold.pk, role, "refunded", "usd")
        assert (row["released"], row["fee"], row["refunded"], row["held"]) == (180_00, 20_00, 400_00, 0)
    assert api_as(ClientFactory.create()).get("/api/transactions/history").data["results"] == []


def test_filters_of_the_history(api_as: ApiAs) -> None:
    payer = ClientFactory.create()
    make_hold(payer=payer)
    funded_hold(payer=payer)
    client = api_as(payer)
    assert len(client.get("/api/transactions/history?status=held").data["results"]) == 1
    assert len(client.get("/api/transactions/history?currency=eur").data["results"]) == 0
    assert client.get("/api/transactions/history?status=lost").status_code == 400


@pytest.mark.parametrize(
    ("amount", "currency", "fee", "net"),
    [(600_05, "usd", 60_01, 540_04), (6_500, "JPY", 650, 5_850), (1_255, "kwd", 126, 1_129), (1, "usd", 0, 1)],
)
def test_fee_quote(api_as: ApiAs, amount: int, currency: str, fee: int, net: int) -> None:
    response = api_as(ClientFactory.create()).post("/api/transactions/fee", {"amount": amount, "currency": currency})
    assert (response.status_code, response.data) == (
        200,
        {
            "gross": amount,
            "fee": fee,
            "net": net,
            "fee_bps": 1000,
            "currency": currency.lower(),
            "parts": [{"gross": amount, "fee": fee, "net": net}],
        },
    )


@pytest.mark.parametrize(
    "body", [{}, {"amount": 0, "currency": "usd"}, {"amount": 1.5, "currency": "usd"}, {"amount": 1}]
)
def test_bad_quotes(api_as: ApiAs, body: dict[str, Any]) -> None:
    response = api_as(ClientFactory.create()).post("/api/transactions/fee", body)
    assert response.status_code == 400
    assert response.data["fields"]


def test_shapes_say_what_is_sent(api_as: ApiAs, provider: FakeProvider) -> None:
    hold = funded_hold(provider=provider)
    release_hold(None, hold=hold, cause="test")
    payment = hold.payments.get()
    client, earner = api_as(hold.payer), api_as(hold.payee)
    sent = {
        PaymentSerializer: client.get(f"/api/payments/{payment.pk}").data,
        PaymentIntentSerializer: client.get(f"/api/stripe/payment-intents/{payment.intent_id}").data,
        CustomerSerializer: client.post("/api/stripe/customers").data,
        TransactionSerializer: client.get("/api/transactions/history").data["results"][0],
        EntrySerializer: earner.get("/api/wallet/entries").data["results"][0],
        BalanceSerializer: earner.get("/api/wallet").data["balances"][0],
        PaymentConfigSerializer: client.get("/api/payments/config").data,
        FeeQuoteSerializer: client.post("/api/transactions/fee", {"amount": 5, "currency": "usd"}).data,
    }
    for shape, data in sent.items():
        assert set(data) == set(shape().fields), shape


# --- PayPal and held funds ------------------------------------------------------------------------


def test_credit_by_paypal_answers_with_the_page_to_agree_on(api_as: ApiAs, paypal: FakePayPal) -> None:
    client = api_as(ClientFactory.create())
    data = client.post("/api/payments", {"amount": 25_00, "currency": "usd", "provider": "paypal"}).data
    assert (data["status"], data["provider"]) == ("requires_action", "paypal")
    assert data["approval_url"].startswith("https://paypal.test/")
    paypal.approve(data["payment_intent"])
    paid = client.post(f"/api/stripe/payment-intents/{data['payment_intent']}/confirm", {}).data
    assert (paid["status"], paid["approval_url"]) == ("succeeded", "")
    assert client.get(f"/api/payments/{data['id']}").data["method"] == "PayPal buyer@example.com"


@pytest.mark.parametrize("provider_name", ["stripe", "paypal"])
def test_held_funds_are_paid_in_by_their_id(api_as: ApiAs, paypal: FakePayPal, provider_name: str) -> None:
    hold = make_hold(usd(600_01))
    client = api_as(hold.payer)
    for _ in range(2):
        data = client.post("/api/payments", {"hold_id": hold.pk, "provider": provider_name}).data
    assert (data["transaction"], data["amount"], data["provider"]) == (hold.pk, 600_01, provider_name)
    assert client.get("/api/payments").data["count"] == 1


def test_held_funds_of_others_are_not_paid(api_as: ApiAs, paypal: FakePayPal) -> None:
    hold = make_hold(usd(600_01))
    for person, status in ((ClientFactory.create(), 404), (hold.payee, 403)):
        answer = api_as(person).post("/api/payments", {"hold_id": hold.pk, "provider": "paypal"})
        assert answer.status_code == status
    assert paypal.calls == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 25_00}, "currency"),
        ({"currency": "usd"}, "amount"),
        ({}, "amount"),
        ({"hold_id": 1, "amount": 25_00}, "hold_id"),
        ({"hold_id": 0}, "hold_id"),
        ({"amount": 25_00, "currency": "usd", "provider": "bank"}, "provider"),
        ({"amount": 25_00, "currency": "usd", "provider": "paypal", "payment_method": VISA}, "payment_method"),
        ({"amount": 25_00, "currency": "kwd", "provider": "paypal"}, "amount"),
    ],
)
def test_what_cannot_be_paid_is_told_at_the_field(
    api_as: ApiAs, paypal: FakePayPal, provider: FakeProvider, body: dict[str, Any], field: str
) -> None:
    answer = api_as(ClientFactory.create()).post("/api/payments", body)
    assert answer.status_code == 400
    assert field in answer.data["fields"]
    assert (paypal.calls, provider.calls) == ([], [])


def test_a_payment_that_is_being_taken_is_neither_cancelled_nor_paid_otherwise(
    api_as: ApiAs, paypal: FakePayPal
) -> None:
    hold = make_hold(usd(600_01))
    client = api_as(hold.payer)
    data = client.post("/api/payments", {"hold_id": hold.pk, "provider": "paypal"}).data
    paypal.approve(data["payment_intent"])
    paypal.captures_stay_pending = True
    path = f"/api/stripe/payment-intents/{data['payment_intent']}"
    assert client.post(f"{path}/confirm", {}).data["status"] == "processing"
    for answer in (
        client.post(f"{path}/cancel", {}),
        client.post("/api/payments", {"hold_id": hold.pk, "payment_method": VISA}),
    ):
        assert (answer.status_code, answer.data["error_type"]) == (409, "payment_under_way")


@pytest.mark.parametrize("cursor", ["p=abc", "p=", "p=%00", "p=1.5", "r=1&p=abc"])
def test_a_cursor_that_names_no_place_is_not_found(api_as: Any, cursor: str, provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    add_credit(payer, usd(50_00), provider)
    answer = api_as(payer).get("/api/wallet/entries", {"cursor": b64encode(cursor.encode()).decode()})
    assert (answer.status_code, answer.data["error_type"]) == (404, "not_found")
