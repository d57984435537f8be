"""Currencies with no, two and three decimals through every flow: hold, fee, parts, refund, wallet, statement, API, pages."""

import itertools

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.errors import Invalid
from core.money import Money, split, total
from payments.models import Hold, Line, Payment, Refund
from payments.rules import SMALLEST, ProviderName, quote, step
from payments.selectors import prove, wallet
from payments.services import (
    create_payment,
    pay_hold,
    refresh_payment,
    refund_hold,
    release_hold,
    request_refund,
    send_refund,
)
from payments.tests.factories import add_credit, funded_hold, make_hold
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import VISA, FakeProvider, use_provider

pytestmark = pytest.mark.django_db
CURRENCIES = ["JPY", "USD", "KWD"]

NUMBERS = itertools.count(1)


@st.composite
def prices(draw: st.DrawFn) -> Money:
    """What a card can pay in one of the currencies."""
    currency = draw(st.sampled_from(CURRENCIES))
    unit = step(ProviderName.STRIPE, currency)
    smallest = SMALLEST[ProviderName.STRIPE].get(currency, unit)
    return Money(draw(st.integers(smallest // unit, 9_999_999)) * unit, currency)


@settings(max_examples=40, deadline=None)
@given(prices(), st.integers(0, 10_000), st.lists(st.integers(1, 50), min_size=1, max_size=5), st.booleans())
def test_whatever_is_paid_comes_out_to_the_minor_unit(
    price: Money, fee_bps: int, weights: list[int], goes_back: bool
) -> None:
    with use_provider(FakeProvider()) as provider:
        payer, payee = ClientFactory.create(), FreelancerFactory.create()
        hold = funded_hold(price, payer=payer, payee=payee, fee_bps=fee_bps, provider=provider)
        *parts, last = in_parts(price, weights)
        for part in parts:
            release_hold(None, hold=hold, amount=part, cause=f"part:{next(NUMBERS)}")
        if goes_back:
            refund_hold(None, hold=hold, reason="", cause=f"rest:{hold.pk}")
        else:
            release_hold(None, hold=hold, amount=last, cause=f"part:{next(NUMBERS)}")
        gross = total(parts if goes_back else [*parts, last], price.currency)
        whole = quote(gross, fee_bps)
        assert (hold.fee, hold.released, hold.refunded) == (whole.fee, whole.net, price - gross)
        available = {one.currency: one.available for one in wallet(payee)}
        assert available.get(price.currency, Money(0, price.currency)) == whole.net
        for refund in Refund.objects.filter(payment__hold=hold):
            assert send_refund(refund.pk).status == "succeeded"
            assert refund.amount.minor % step(ProviderName.STRIPE, price.currency) == 0
    assert [finding for finding in prove() if finding.offenders] == []


def in_parts(price: Money, weights: list[int]) -> list[Money]:
    """The price cut by the weights, in the steps that a card provider takes; no part is nothing."""
    unit = step(ProviderName.STRIPE, price.currency)
    cut = split(Money(price.minor // unit, price.currency), weights)
    return [Money(part.minor * unit, price.currency) for part in cut if part]


FIGURES = {
    "JPY": (Money(6_505, "JPY"), "¥6,505", "−¥651", "¥5,854"),
    "USD": (Money(600_05, "USD"), "$600.05", "−$60.01", "$540.04"),
    "KWD": (Money(12_340, "KWD"), "KWD\u00a012.340", "−KWD\u00a01.234", "KWD\u00a011.106"),
}


@pytest.mark.parametrize("currency", CURRENCIES)
def test_pages_write_each_currency_with_its_decimals(client: Client, provider: FakeProvider, currency: str) -> None:
    price, gross, fee, net = FIGURES[currency]
    hold = make_hold(price)
    client.force_login(hold.payer)
    html = client.get(f"/pay/{hold.pk}/").content.decode()
    for text in (gross, fee, net, f'data-amount="{price.minor}"', f'data-currency="{currency.lower()}"'):
        assert text in html
    assert ("by-paypal" in html) == (currency != "KWD")
    assert ("not possible in KWD" in html) == (currency == "KWD")
    pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA)
    hold.refresh_from_db()
    release_hold(None, hold=hold, cause=f"test:{hold.pk}")
    client.force_login(hold.payee)
    statement = client.get(f"/wallet/?currency={currency}").content.decode()
    for text in (gross, fee, net):
        assert text in statement


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_api_counts_in_minor_units(client: Client, provider: FakeProvider, currency: str) -> None:
    price, *_ = FIGURES[currency]
    payer = ClientFactory.create()
    client.force_login(payer)
    body = {"amount": price.minor, "currency": currency.lower(), "payment_method": VISA}
    answer = client.post("/api/payments", body, content_type="application/json", headers={"Idempotency-Key": currency})
    assert (answer.status_code, answer.json()["amount_received"]) == (201, price.minor)
    fee = client.post(
        "/api/transactions/fee", {"amount": price.minor, "currency": currency}, content_type="application/json"
    )
    assert fee.json()["fee"] == quote(price, 1000).fee.minor
    balances = client.get("/api/wallet").json()["balances"]
    assert {one["currency"]: one["credit"] for one in balances}[currency.lower()] == price.minor


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(49, "JPY", "start at ¥50"), (49, "USD", "start at $0.50"), (1_255, "KWD", "need a rounder amount")],
)
def test_what_no_card_can_pay_is_refused_before_anything_is_begun(
    client: Client, provider: FakeProvider, minor: int, currency: str, text: str
) -> None:
    client.force_login(ClientFactory.create())
    body = {"amount": minor, "currency": currency}
    answer = client.post("/api/payments", body, content_type="application/json", headers={"Idempotency-Key": "1"})
    assert (answer.status_code, answer.json()["error_type"]) == (400, "amount_not_payable")
    assert text in answer.json()["fields"]["amount"][0]
    assert (Payment.objects.count(), provider.calls) == (0, [])


def test_a_wallet_keeps_currencies_apart(provider: FakeProvider) -> None:
    payer = ClientFactory.create(currency="USD")
    for currency in CURRENCIES:
        add_credit(payer, FIGURES[currency][0], provider)
    assert {one.currency: one.credit for one in wallet(payer)} == {name: FIGURES[name][0] for name in CURRENCIES}
    assert {line.currency for line in Line.objects.filter(account__owner=payer)} == set(CURRENCIES)


def test_credit_of_the_smallest_amount_goes_through(provider: FakeProvider) -> None:
    payment = create_payment(ClientFactory.create(), amount=Money(10, "KWD"), payment_method=VISA)
    assert (payment.status, Hold.objects.count()) == ("succeeded", 0)


def test_a_part_that_would_leave_what_cannot_go_back_names_the_amounts_that_can(provider: FakeProvider) -> None:
    hold = funded_hold(Money(12_340, "KWD"), provider=provider)
    for act in (
        lambda: release_hold(None, hold=hold, amount=Money(1_255, "KWD"), cause="part"),
        lambda: refund_hold(None, hold=hold, amount=Money(1_255, "KWD"), reason="", cause="part"),
    ):
        with pytest.raises(Invalid) as refused:
            act()
        assert "KWD\u00a01.250 or KWD\u00a01.260" in refused.value.fields["amount"][0]
    release_hold(None, hold=hold, amount=Money(1_250, "KWD"), cause="part")


def test_credit_that_cannot_go_back_exactly_names_the_amounts_that_can(provider: FakeProvider) -> None:
    payment = add_credit(ClientFactory.create(), Money(12_340, "KWD"), provider)
    with pytest.raises(Invalid) as refused:
        request_refund(payment.payer, intent_id=str(payment.intent_id), amount=Money(1_255, "KWD"))
    assert "KWD\u00a01.250 or KWD\u00a01.260" in refused.value.fields["amount"][0]


def test_forints_by_paypal_go_back_whole(provider: FakeProvider, paypal: FakePayPal) -> None:
    hold = make_hold(Money(5_000_00, "HUF"))
    payment = pay_hold(hold.payer, hold_id=hold.pk, provider=ProviderName.PAYPAL)
    paypal.approve(str(payment.intent_id))
    refresh_payment(payment.pk)
    hold.refresh_from_db()
    with pytest.raises(Invalid) as refused:
        release_hold(None, hold=hold, amount=Money(1_000_50, "HUF"), cause="part")
    assert "1,000.00 or" in refused.value.fields["amount"][0]
    release_hold(None, hold=hold, amount=Money(1_001_00, "HUF"), cause="part")
