from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.money import Money
from payments.models import Payment, Refund
from payments.selectors import wallet
from payments.services import refresh_chargeback
from payments.tests.factories import add_credit, earn, funded_hold
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
FIFTY = Money(50_00, "USD")


@pytest.fixture
def payer() -> User:
    return ClientFactory.create()


@pytest.fixture
def payment(payer: User, provider: FakeProvider) -> Payment:
    return add_credit(payer, FIFTY, provider)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_from_the_wallet_to_the_card_in_two_parts(pages_as: As, payer: User, payment: Payment) -> None:
    browser, page = pages_as(payer), reverse("send-back", args=[payment.pk])
    assert page in text(browser.get(reverse("wallet")))
    shown = text(browser.get(page))
    assert "Visa ending 4242" in shown and 'value="50.00"' in shown
    said = text(browser.post(page, {"amount": "20.00", "token": uuid4()}, follow=True))
    assert "$20.00 goes back to Visa ending 4242." in said
    browser.post(page, {"amount": "30.00", "token": uuid4()})
    assert [refund.amount_minor for refund in Refund.objects.order_by("id")] == [20_00, 30_00]
    assert wallet(payer)[0].credit == Money(0, "USD")
    assert page not in text(browser.get(reverse("wallet")))
    assert "Nothing is left of it" in text(browser.get(page))


def test_the_same_form_sent_twice_sends_back_once(pages_as: As, payer: User, payment: Payment) -> None:
    form = {"amount": "20.00", "token": uuid4()}
    for _ in range(2):
        pages_as(payer).post(reverse("send-back", args=[payment.pk]), form)
    assert Refund.objects.get().amount_minor == 20_00


@pytest.mark.parametrize(
    ("amount", "words"), [("50.01", "Of this payment $50.00 is left"), ("0", "above zero"), ("1.001", "2 decimals")]
)
def test_refusals_stand_in_the_form(pages_as: As, payer: User, payment: Payment, amount: str, words: str) -> None:
    page = pages_as(payer).post(reverse("send-back", args=[payment.pk]), {"amount": amount, "token": uuid4()})
    assert words in text(page)
    assert not Refund.objects.exists()


def test_of_spent_credit_only_the_rest_goes_back(
    pages_as: As, payer: User, payment: Payment, provider: FakeProvider
) -> None:
    hold = earn(FreelancerFactory.create(), Money(30_00, "USD"), provider, payer=payer)
    refresh_chargeback(provider.dispute(str(hold.payments.get().intent_id)).id)
    shown = text(pages_as(payer).get(reverse("send-back", args=[payment.pk])))
    assert 'value="20.00"' in shown


def test_a_provider_that_does_not_answer_or_refuses_is_told(
    pages_as: As, payer: User, payment: Payment, provider: FakeProvider
) -> None:
    browser, page = pages_as(payer), reverse("send-back", args=[payment.pk])
    provider.fail_before = {"create_refund"}
    said = text(browser.post(page, {"amount": "20.00", "token": uuid4()}, follow=True))
    assert "The money is set aside" in said
    provider.refuse_refunds = True
    said = text(browser.post(page, {"amount": "30.00", "token": uuid4()}, follow=True))
    assert "refused to send this back" in said


def test_money_for_work_and_payments_of_others_are_not_there(
    pages_as: As, payer: User, payment: Payment, provider: FakeProvider
) -> None:
    hold = funded_hold(provider=provider)
    for person, one in ((hold.payer, hold.payments.get()), (ClientFactory.create(), payment)):
        for ask in (pages_as(person).get, pages_as(person).post):
            assert ask(reverse("send-back", args=[one.pk])).status_code == 404
    assert reverse("send-back", args=[hold.payments.get().pk]) not in text(pages_as(hold.payer).get(reverse("wallet")))


def test_what_a_bank_gave_back_can_be_sent_on(pages_as: As, provider: FakeProvider) -> None:
    hold = funded_hold(FIFTY, provider=provider)
    dispute = provider.dispute(str(hold.payments.get().intent_id))
    refresh_chargeback(dispute.id)
    provider.decide_dispute(dispute.id, "won")
    refresh_chargeback(dispute.id)
    page = reverse("send-back", args=[hold.payments.get().pk])
    browser = pages_as(hold.payer)
    assert page in text(browser.get(reverse("wallet")))
    browser.post(page, {"amount": "50.00", "token": uuid4()})
    assert wallet(hold.payer)[0].credit == Money(0, "USD")
