from __future__ import annotations

from typing import Any

import pytest
import stripe

from .billing import advance, create_customer, create_price, latest_invoice, subscribe, use_card
from .process import Standin


def tax_rate(standin: Standin, percentage: float, *, inclusive: bool = False) -> stripe.TaxRate:
    return standin.v1.tax_rates.create({"display_name": "VAT", "percentage": percentage, "inclusive": inclusive})


def open_invoice(standin: Standin) -> stripe.Invoice:
    """Of a renewal whose card declined."""
    subscription = subscribe(standin)
    assert isinstance(subscription.customer, str)
    use_card(standin, subscription.customer, "pm_card_chargeCustomerFail")
    advance(standin, subscription)
    return latest_invoice(standin, subscription)


@pytest.mark.parametrize(
    ("amount", "percentage", "inclusive", "tax", "total"),
    [
        (2_000, 19, False, 380, 2_380),
        (2_000, 19, True, 319, 2_000),
        (999, 8.875, False, 89, 1_088),
        (250, 5, False, 13, 263),
        (2_000, 0, False, 0, 2_000),
    ],
)
def test_tax(standin: Standin, amount: int, percentage: float, inclusive: bool, tax: int, total: int) -> None:
    rate = tax_rate(standin, percentage, inclusive=inclusive)
    subscription = subscribe(standin, price=create_price(standin, amount).id, default_tax_rates=[rate.id])
    invoice = latest_invoice(standin, subscription)
    assert invoice.total_taxes is not None
    assert [(one.amount, one.tax_behavior) for one in invoice.total_taxes] == [
        (tax, "inclusive" if inclusive else "exclusive")
    ]
    assert (invoice.subtotal, invoice.total, invoice.amount_paid) == (amount, total, total)
    assert invoice.total_excluding_tax == total - tax
    assert standin.v1.charges.list().data[0].amount == total


def test_rates_of_an_item_go_before_those_of_the_subscription(standin: Standin) -> None:
    low, high = tax_rate(standin, 7), tax_rate(standin, 19)
    items: Any = [
        {"price": create_price(standin, 1_000).id, "tax_rates": [low.id]},
        {"price": create_price(standin, 1_000).id, "quantity": 2},
        {"price": create_price(standin, 1_000).id},
    ]
    invoice = latest_invoice(standin, subscribe(standin, items=items, default_tax_rates=[high.id]))
    assert invoice.total_taxes is not None
    assert [(one.amount, one.taxable_amount) for one in invoice.total_taxes] == [(70, 1_000), (570, 3_000)]
    assert (invoice.subtotal, invoice.total) == (4_000, 4_640)
    assert [line.amount for line in invoice.lines.data] == [1_000, 2_000, 1_000]
    assert "2 \N{MULTIPLICATION SIGN} Plus (at $10.00 / month)" in [line.description for line in invoice.lines.data]


def test_numbers_count_up_for_each_customer(standin: Standin) -> None:
    subscription = subscribe(standin)
    advance(standin, subscription)
    numbers = [invoice.number for invoice in standin.v1.invoices.list().data]
    assert [str(number)[-4:] for number in numbers] == ["0002", "0001"]
    other = latest_invoice(standin, subscribe(standin)).number
    assert other not in numbers


def test_paying_an_open_invoice(standin: Standin) -> None:
    invoice = open_invoice(standin)
    with pytest.raises(stripe.CardError):
        standin.v1.invoices.pay(invoice.id)
    assert isinstance(invoice.customer, str)
    use_card(standin, invoice.customer, "pm_card_visa")
    paid = standin.v1.invoices.pay(invoice.id)
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 2_000, 0)
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        standin.v1.invoices.pay(invoice.id)
    assert sum(charge.amount for charge in standin.v1.charges.list().data if charge.paid) == 4_000


def test_voiding_and_writing_off(standin: Standin) -> None:
    first, second = open_invoice(standin), open_invoice(standin)
    assert standin.v1.invoices.void_invoice(first.id).status == "void"
    with pytest.raises(stripe.InvalidRequestError):
        standin.v1.invoices.pay(first.id)
    assert standin.v1.invoices.mark_uncollectible(second.id).status == "uncollectible"
    assert standin.v1.invoices.pay(second.id, {"paid_out_of_band": True}).status == "paid"
    for id in (first.id, second.id):
        with pytest.raises(stripe.InvalidRequestError):
            standin.v1.invoices.void_invoice(id)


def test_the_hosted_page_shows_and_takes_the_payment(standin: Standin) -> None:
    invoice = open_invoice(standin)
    url = invoice.hosted_invoice_url
    assert url is not None
    page = standin.http.get(url).text
    for shown in (str(invoice.number), "open", "Plus", "$20.00", "ada@example.com"):
        assert shown in page
    assert "declined" in standin.http.post(url, data={"card": "pm_card_chargeDeclined"}).text
    assert standin.http.post(url, data={"card": "pm_card_visa"}).status_code == 303
    page = standin.http.get(url).text
    assert "paid" in page
    assert "<form" not in page
    assert standin.http.get(url + "x").status_code == 404


def test_the_hosted_page_leads_through_authentication(standin: Standin) -> None:
    invoice = open_invoice(standin)
    url = str(invoice.hosted_invoice_url)
    challenge = standin.http.post(url, data={"card": "pm_card_threeDSecure2Required"})
    assert challenge.status_code == 303
    back = standin.http.post(challenge.headers["Location"], data={"outcome": "complete"})
    assert back.headers["Location"].startswith(url)
    assert standin.v1.invoices.retrieve(invoice.id).status == "paid"


def test_payments_of_invoices(standin: Standin) -> None:
    invoice = open_invoice(standin)
    payment = standin.v1.invoice_payments.list({"invoice": invoice.id}).data[0]
    assert (payment.status, payment.amount_requested) == ("open", 2_000)
    full = standin.v1.invoice_payments.retrieve(payment.id, {"expand": ["payment.payment_intent"]}).to_dict()
    assert full["payment"]["payment_intent"]["status"] == "requires_payment_method"
    standin.v1.invoices.void_invoice(invoice.id)
    assert standin.v1.invoice_payments.retrieve(payment.id).status == "canceled"


def test_the_invoice_that_an_intent_pays(standin: Standin) -> None:
    invoice = open_invoice(standin)
    payment = standin.v1.invoice_payments.list({"invoice": invoice.id}).data[0]
    intent = str(payment.payment.payment_intent)
    found = standin.v1.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": intent}})
    assert [one.invoice for one in found.data] == [invoice.id]
    nothing = standin.v1.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": "pi_other"}})
    assert nothing.data == []
    wrong: Any = {"payment": {"payment_intent": intent}}
    with pytest.raises(stripe.InvalidRequestError):
        standin.v1.invoice_payments.list(wrong)


def test_products_and_prices(standin: Standin) -> None:
    product = standin.v1.products.create(
        {
            "name": "Plus",
            "default_price_data": {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "week"}},
        }
    )
    assert isinstance(product.default_price, str)
    assert standin.v1.prices.retrieve(product.default_price).unit_amount == 900
    second = standin.v1.prices.create(
        {"currency": "usd", "unit_amount": 1_900, "product": product.id, "lookup_key": "plus", "nickname": "Plus"}
    )
    assert (second.type, second.recurring) == ("one_time", None)
    assert [price.id for price in standin.v1.prices.list({"lookup_keys": ["plus"]}).data] == [second.id]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        create_price(standin, lookup_key="plus")
    assert refusal.value.param == "lookup_key"
    third = create_price(standin, lookup_key="plus", transfer_lookup_key=True)
    assert standin.v1.prices.retrieve(second.id).lookup_key is None
    assert standin.v1.prices.update(third.id, {"active": False}).active is False
    assert [price.id for price in standin.v1.prices.list({"product": product.id, "type": "one_time"}).data] == [
        second.id
    ]
    assert standin.v1.products.update(product.id, {"name": "Pro", "metadata": {"a": "1"}}).name == "Pro"
    with pytest.raises(stripe.InvalidRequestError, match="cannot be deleted"):
        standin.v1.products.delete(product.id)
    assert {product.id} < {one.id for one in standin.v1.products.list({"active": True}).data}
    assert standin.v1.products.delete(standin.v1.products.create({"name": "Gone"}).id).deleted is True


def test_tax_rates(standin: Standin) -> None:
    rate = tax_rate(standin, 8.875)
    assert rate.percentage == 8.875
    assert standin.v1.tax_rates.update(rate.id, {"active": False}).active is False
    assert standin.v1.tax_rates.list({"active": True}).data == []
    for percentage in (101, -1):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            tax_rate(standin, percentage)
        assert refusal.value.param == "percentage"


def test_lists_of_invoices(standin: Standin) -> None:
    customer = create_customer(standin)
    subscription = subscribe(standin, customer=customer.id)
    subscribe(standin)
    assert len(standin.v1.invoices.list({"customer": customer.id}).data) == 1
    assert len(standin.v1.invoices.list({"subscription": subscription.id}).data) == 1
    assert standin.v1.invoices.list({"status": "open"}).data == []
    invoice = latest_invoice(standin, subscription)
    assert standin.v1.invoices.update(invoice.id, {"metadata": {"a": "1"}}).metadata is not None
    assert len(standin.v1.invoices.line_items.list(invoice.id).data) == 1
