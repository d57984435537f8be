from __future__ import annotations

import pytest

from standins.stripe.money import CURRENCIES, display, exponent, processing_fee

from .payments import paid
from .process import Standin


@pytest.mark.parametrize(
    ("amount", "fee"),
    [(10_000, 320), (1_000, 59), (50, 31), (12_345, 388), (150, 34), (155, 34), (172, 35), (173, 35), (20, 20)],
)
def test_fee_rounds_half_up_and_never_passes_the_amount(amount: int, fee: int) -> None:
    assert processing_fee(amount, basis_points=290, fixed=30) == fee


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(1_000, "usd", "$10.00"), (5, "usd", "$0.05"), (1_234_500, "jpy", "¥1,234,500"), (1_230, "kwd", "1.230 KWD")],
)
def test_display(amount: int, currency: str, shown: str) -> None:
    assert display(amount, currency) == shown


def test_currencies() -> None:
    assert len(CURRENCIES) > 130
    assert {currency: exponent(currency) for currency in ("usd", "jpy", "kwd")} == {"usd": 2, "jpy": 0, "kwd": 3}


def test_balance_is_the_sum_of_its_transactions(standin: Standin) -> None:
    first = paid(standin, amount=10_000)
    paid(standin, amount=5_000, currency="eur")
    standin.v1.refunds.create({"payment_intent": first.id, "amount": 2_500})
    balance = standin.v1.balance.retrieve()
    transactions = standin.v1.balance_transactions.list().data
    for currency, expected in (("usd", 10_000 - 320 - 2_500), ("eur", 5_000 - 175)):
        assert sum(part.net for part in transactions if part.currency == currency) == expected
        assert [part.amount for part in balance.pending if part.currency == currency] == [expected]
    for transaction in transactions:
        assert transaction.net == transaction.amount - transaction.fee
        assert transaction.fee == sum(detail.amount for detail in transaction.fee_details)
        assert transaction.status == "pending"


def test_transactions_filter_by_source_and_type(standin: Standin) -> None:
    intent = paid(standin)
    refund = standin.v1.refunds.create({"payment_intent": intent.id})
    of_refund = standin.v1.balance_transactions.list({"source": refund.id}).data
    assert [transaction.id for transaction in of_refund] == [refund.balance_transaction]
    of_charges = standin.v1.balance_transactions.list({"type": "charge"}).data
    assert [transaction.source for transaction in of_charges] == [intent.latest_charge]


def test_the_fee_can_be_configured() -> None:
    standin = Standin("--fee-basis-points", "150", "--fee-fixed", "25")
    try:
        paid(standin, amount=10_000)
        assert standin.v1.balance_transactions.list().data[0].fee == 175
    finally:
        standin.stop()


def test_what_a_payment_brings_can_be_available_at_once(standin: Standin) -> None:
    paid(standin, payment_method="pm_card_bypassPending")
    assert standin.v1.balance.retrieve().available[0].amount == 10_000 - 320
    paid(standin)
    assert standin.control("POST", "/balance/settle") == {"settled": 1}
    balance = standin.v1.balance.retrieve()
    assert (balance.available[0].amount, balance.pending[0].amount) == (2 * (10_000 - 320), 0)
    assert {transaction.status for transaction in standin.v1.balance_transactions.list().data} == {"available"}


def test_a_refund_takes_what_is_available_when_its_payment_is(standin: Standin) -> None:
    intent = paid(standin, payment_method="pm_card_bypassPending")
    standin.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000})
    assert standin.v1.balance.retrieve().available[0].amount == 10_000 - 320 - 4_000


def test_transactions_filter_by_time_and_come_in_pages(standin: Standin) -> None:
    for _ in range(3):
        paid(standin)
    first = standin.v1.balance_transactions.list({"limit": 2})
    rest = standin.v1.balance_transactions.list({"limit": 2, "starting_after": first.data[-1].id})
    assert (len(first.data), first.has_more, len(rest.data), rest.has_more) == (2, True, 1, False)
    now = first.data[0].created
    assert len(standin.v1.balance_transactions.list({"created": {"gte": now - 60, "lte": now}}).data) == 3
    assert standin.v1.balance_transactions.list({"created": {"gt": now + 1}}).data == []


def test_nothing_is_taken_off_when_the_fee_is_nothing() -> None:
    standin = Standin("--fee-basis-points", "0", "--fee-fixed", "0", "--days-until-available", "0")
    try:
        paid(standin)
        transaction = standin.v1.balance_transactions.list().data[0]
        assert (transaction.fee, transaction.fee_details, transaction.status) == (0, [], "available")
    finally:
        standin.stop()
