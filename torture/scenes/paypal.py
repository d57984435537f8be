"""Payments that the person agrees to on PayPal's page."""

from datetime import timedelta

from core.money import Money
from payments.models import Hold, Payment
from payments.services import create_payment, pay_hold, process_event, refresh_payment, refund_hold, store_event
from payments.tests.factories import make_hold
from torture.books import Bank
from torture.later import recover_all, work_off
from torture.scenes.stage import PRICE, Scene, books, credit_of, fresh, scene

PAYPAL = "paypal"


def ordered() -> tuple[Hold, Payment]:
    hold = make_hold(Money(PRICE, "USD"))
    return hold, pay_hold(hold.payer, hold_id=hold.pk, provider=PAYPAL)


def taken(bank: Bank) -> Hold:
    hold, payment = ordered()
    bank.paypal.approve(payment.intent_id)
    refresh_payment(payment.pk)
    return fresh(hold)


@scene
def order_by_paypal(bank: Bank) -> Scene:
    """The order is made, agreed to, and taken when the person comes back."""
    hold = make_hold(Money(PRICE, "USD"))

    def act() -> None:
        payment = pay_hold(hold.payer, hold_id=hold.pk, provider=PAYPAL)
        if payment.is_open:
            bank.paypal.approve(payment.intent_id)
            refresh_payment(payment.pk)

    return Scene(
        act,
        lambda: (books(hold), bank.paypal.took(hold.payer)),
        (("held", PRICE, {"fund": 1}), ([PRICE], [])),
    )


@scene
def take_what_was_agreed_to(bank: Bank) -> Scene:
    hold, payment = ordered()
    bank.paypal.approve(payment.intent_id)
    return Scene(
        lambda: refresh_payment(payment.pk),
        lambda: (books(hold), bank.paypal.took(hold.payer)),
        (("held", PRICE, {"fund": 1}), ([PRICE], [])),
    )


@scene
def hear_of_what_was_agreed_to(bank: Bank) -> Scene:
    hold, payment = ordered()
    bank.paypal.approve(payment.intent_id)
    event = bank.paypal.news_of(payment.token, "CHECKOUT.ORDER.APPROVED")
    return Scene(
        lambda: process_event(store_event(event, provider=PAYPAL).pk),
        lambda: (books(hold), bank.paypal.took(hold.payer)),
        (("held", PRICE, {"fund": 1}), ([PRICE], [])),
    )


@scene
def send_back_by_paypal(bank: Bank) -> Scene:
    hold = taken(bank)

    def act() -> None:
        refund_hold(None, hold=fresh(hold), reason="", cause=f"torture:{hold.pk}")
        work_off()

    return Scene(
        act,
        lambda: (books(hold), bank.paypal.took(hold.payer)),
        (("refunded", 0, {"fund": 1, "refund": 1}), ([PRICE], [PRICE])),
    )


@scene
def pay_in_credit_by_paypal(bank: Bank) -> Scene:
    payer = make_hold().payer
    payment = create_payment(payer, amount=Money(PRICE, "USD"), provider=PAYPAL)
    bank.paypal.approve(payment.intent_id)
    return Scene(
        lambda: recover_all(timedelta(minutes=2)),
        lambda: (fresh(payment).status, credit_of(payer), bank.paypal.took(payer)),
        ("succeeded", PRICE, ([PRICE], [])),
    )
