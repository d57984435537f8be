"""At the same time, with real connections."""

from collections import Counter
from dataclasses import replace

import pytest

from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.errors import Conflict, DomainError
from core.money import Money
from payments.models import Account, Hold, Journal, Line, Payment, Refund
from payments.selectors import wallet
from payments.services import (
    create_payment,
    pay_hold,
    refresh_payment,
    refund_hold,
    release_hold,
    request_refund,
    send_refund,
    settle_payment,
    withdraw_payment,
)
from payments.tests.factories import add_credit, funded_hold, make_hold
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import VISA, FakeProvider
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 20


def fresh(hold: Hold) -> Hold:
    return Hold.objects.get(pk=hold.pk)


def test_20_releases_for_one_cause_are_one_journal() -> None:
    hold = funded_hold(Money(600_01, "USD"))
    act = lambda: release_hold(None, hold=fresh(hold), cause="milestone:1")  # noqa: E731
    results = at_once(*[act] * CROWD)
    assert {result.released for result in results} == {Money(540_01, "USD")}
    assert Journal.objects.filter(kind="release").count() == 1
    assert wallet(hold.payee)[0].available == Money(540_01, "USD")


def test_20_releases_for_different_causes_are_one_success() -> None:
    hold = funded_hold(Money(600_01, "USD"))
    results = at_once(
        *[lambda number=number: release_hold(None, hold=fresh(hold), cause=f"c:{number}") for number in range(CROWD)]
    )
    refused = [result.code for result in results if isinstance(result, Conflict)]
    assert refused == ["hold_not_held"] * (CROWD - 1)
    assert wallet(hold.payee)[0].available == Money(540_01, "USD")


@pytest.mark.parametrize("round_number", range(5))
def test_parts_and_refund_never_come_to_more_than_was_held(round_number: int) -> None:
    hold = funded_hold(Money(100_00, "USD"))
    parts = [
        lambda number=number: release_hold(None, hold=fresh(hold), amount=Money(30_00, "USD"), cause=f"part:{number}")
        for number in range(6)
    ]
    refund = lambda: refund_hold(None, hold=fresh(hold), reason="", cause="rest")  # noqa: E731
    at_once(*parts[:round_number], refund, *parts[round_number:])
    hold.refresh_from_db()
    assert hold.status == "refunded"
    assert hold.released + hold.fee + hold.refunded == hold.amount


@pytest.mark.parametrize("_round", range(5))
def test_release_and_refund_of_the_whole_have_one_winner(_round: int) -> None:
    hold = funded_hold(Money(100_00, "USD"))
    at_once(
        lambda: release_hold(None, hold=fresh(hold), cause="release"),
        lambda: refund_hold(None, hold=fresh(hold), reason="", cause="refund"),
    )
    hold.refresh_from_db()
    assert Counter([hold.released + hold.fee, hold.refunded]) == Counter([hold.amount, Money(0, "USD")])
    assert Refund.objects.count() == (hold.status == "refunded")


def test_paying_20_times_at_once_is_one_payment(provider: FakeProvider) -> None:
    hold = make_hold(Money(600_01, "USD"))
    results = at_once(*[lambda: pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA)] * CROWD)
    assert {type(result) for result in results} == {Payment}
    assert (Payment.objects.count(), provider.charges(), len(provider.intents)) == (1, 1, 1)
    assert Journal.objects.count() == 1
    hold.refresh_from_db()
    assert hold.status == "held"


def test_paying_while_it_is_called_off_leaves_no_money_behind(provider: FakeProvider) -> None:
    for number in range(5):
        hold = make_hold(Money(100_00, "USD"))
        at_once(
            lambda hold=hold: pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA),
            lambda hold=hold, number=number: refund_hold(None, hold=fresh(hold), reason="", cause=f"off:{number}"),
        )
        hold.refresh_from_db()
        assert hold.status in {"cancelled", "refunded"}
        for refund in Refund.objects.filter(payment__hold=hold):
            send_refund(refund.pk)
        payment = hold.payments.first()
        assert payment is None or payment.received == payment.refunded


def test_the_same_news_20_times_at_once_is_one_journal(provider: FakeProvider) -> None:
    hold = make_hold(Money(100_00, "USD"))
    payment = pay_hold(hold.payer, hold_id=hold.pk)
    paid = replace(provider.intents[payment.intent_id or ""], status="succeeded", received_minor=100_00)
    at_once(*[lambda: settle_payment(payment.pk, paid)] * CROWD)
    assert Journal.objects.count() == 1


def test_20_holds_of_one_payee_in_a_new_currency_share_its_accounts() -> None:
    payee = FreelancerFactory.create()
    holds = [funded_hold(Money(1_000, "JPY"), payee=payee) for _ in range(CROWD)]
    at_once(*[lambda hold=hold: release_hold(None, hold=hold, cause=f"r:{hold.pk}") for hold in holds])
    assert Account.objects.filter(kind="available", owner=payee, currency="JPY").count() == 1
    lines = Line.objects.filter(account__owner=payee).order_by("id")
    assert [line.balance_after_minor for line in lines] == [900 * number for number in range(1, CROWD + 1)]


def test_refunds_of_credit_at_once_never_exceed_it(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    payment = add_credit(payer, Money(100_00, "USD"), provider)
    results = at_once(
        *[
            lambda number=number: request_refund(
                payer, intent_id=payment.intent_id or "", amount=Money(30_00 + number, "USD")
            )
            for number in range(6)
        ]
    )
    assert Counter(type(result) for result in results) == {Refund: 3, Conflict: 3}
    assert sum(refund.amount_minor for refund in provider.refunds.values()) <= 100_00


def test_a_person_who_pays_twice_at_once_is_one_customer(provider: FakeProvider) -> None:
    payer = ClientFactory.create()
    at_once(*[lambda: create_payment(payer, amount=Money(5_00, "USD"))] * 4)
    assert len(provider.customers) == 1
    assert Payment.objects.filter(payer=payer).count() == 4


@pytest.mark.parametrize("_round", range(5))
def test_card_and_paypal_at_the_same_time_pay_once(provider: FakeProvider, paypal: FakePayPal, _round: int) -> None:
    hold = make_hold(Money(600_01, "USD"))
    at_paypal = pay_hold(hold.payer, hold_id=hold.pk, provider="paypal")
    paypal.approve(at_paypal.intent_id or "")
    at_once(
        *[lambda: refresh_payment(at_paypal.pk)] * 3,
        *[lambda: pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA)] * 3,
    )
    assert provider.charges() + paypal.charges() == 1
    assert (fresh(hold).status, Payment.objects.exclude(status="cancelled").count()) == ("held", 1)
    assert Payment.objects.get(status="succeeded").received_minor == 600_01


@pytest.mark.parametrize("_round", range(5))
def test_both_begun_at_the_same_time_are_one_payment(provider: FakeProvider, paypal: FakePayPal, _round: int) -> None:
    hold = make_hold(Money(600_01, "USD"))
    results = at_once(
        *[lambda: pay_hold(hold.payer, hold_id=hold.pk, provider="paypal")] * 4,
        *[lambda: pay_hold(hold.payer, hold_id=hold.pk, payment_method=VISA)] * 4,
    )
    assert Payment.objects.exclude(status="cancelled").count() == 1
    for payment in Payment.objects.filter(provider="paypal"):
        paypal.approve(payment.intent_id or "")
        refresh_payment(payment.pk)
    assert provider.charges() + paypal.charges() == 1
    refused = {result.code for result in results if isinstance(result, DomainError)}
    assert refused <= {"payment_under_way"}


@pytest.mark.parametrize("_round", range(5))
def test_taking_and_withdrawing_at_the_same_time_have_one_winner(paypal: FakePayPal, _round: int) -> None:
    hold = make_hold(Money(600_01, "USD"))
    payment = pay_hold(hold.payer, hold_id=hold.pk, provider="paypal")
    paypal.approve(payment.intent_id or "")
    at_once(*[lambda: refresh_payment(payment.pk)] * 2, *[lambda: withdraw_payment(payment.pk)] * 2)
    payment.refresh_from_db()
    assert (payment.status, paypal.charges()) in {("succeeded", 1), ("cancelled", 0)}
