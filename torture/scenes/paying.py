"""Paying in, going back, and news of both; holds that belong to no app."""

from datetime import timedelta

from accounts.tests.factories import ClientFactory, staff_of
from core.money import Money
from payments.services import (
    cancel_payment,
    capture_payment,
    create_payment,
    freeze_hold,
    process_event,
    refund_hold,
    release_hold,
    retry_refund,
    split_hold,
    store_event,
)
from payments.tests.factories import make_hold
from payments.tests.fakes import VISA
from torture.books import Bank
from torture.later import recover_all, work_off
from torture.scenes.stage import PRICE, Scene, books, credit_of, fresh, paid_hold, posted, scene, started

REFUNDED_LATE = "pm_card_pendingRefund"


@scene
def pay_in_credit_with_a_key(bank: Bank) -> Scene:
    payer = ClientFactory.create()
    pay = ("/api/payments", {"amount": PRICE, "currency": "usd", "payment_method": VISA})
    first, second = posted(payer, *pay), posted(payer, *pay)

    def act() -> None:
        if first().data["status"] == "cancelled":  # it had expired when the person came back
            second()

    return Scene(
        act,
        lambda: (credit_of(payer), bank.took(payer)),
        (PRICE, ([PRICE], [])),
    )


@scene
def capture_a_part(bank: Bank) -> Scene:
    payer = ClientFactory.create()
    payment = create_payment(payer, amount=Money(PRICE, "USD"), capture_method="manual", payment_method=VISA)
    return Scene(
        lambda: capture_payment(payer, intent_id=payment.intent_id or "", amount=Money(400_00, "USD")),
        lambda: (fresh(payment).status, credit_of(payer), bank.took(payer)),
        ("succeeded", 400_00, ([400_00], [])),
    )


@scene
def give_up_a_payment(bank: Bank) -> Scene:
    payer = ClientFactory.create()
    payment = create_payment(payer, amount=Money(PRICE, "USD"))
    return Scene(
        lambda: cancel_payment(payer, intent_id=payment.intent_id or ""),
        lambda: (fresh(payment).status, credit_of(payer), bank.took(payer)),
        ("cancelled", 0, ([], [])),
    )


@scene
def send_credit_back_with_a_key(bank: Bank) -> Scene:
    payer = ClientFactory.create()
    payment = create_payment(payer, amount=Money(PRICE, "USD"), payment_method=VISA)
    body = {"payment_intent": payment.intent_id, "amount": 200_00}
    return Scene(
        posted(payer, "/api/stripe/refunds", body),
        lambda: (credit_of(payer), bank.took(payer)),
        (PRICE - 200_00, ([PRICE], [200_00])),
    )


@scene
def send_a_failed_refund_again(bank: Bank) -> Scene:
    hold = paid_hold(REFUNDED_LATE)
    refund_hold(None, hold=hold, reason="", cause=f"torture:{hold.pk}")
    work_off()
    refund = fresh(hold).payments.get().refunds.get()
    bank.settle_refund(refund.refund_id, "failed")
    recover_all(timedelta(minutes=2))
    staff = staff_of("finance")

    def act() -> None:
        if fresh(refund).status == "failed":
            retry_refund(staff, refund_id=refund.pk)
        work_off()
        known = fresh(refund)
        if known.refund_id and known.status == "pending":
            bank.settle_refund(known.refund_id, "succeeded")
            recover_all(timedelta(minutes=2))

    return Scene(
        act,
        lambda: (fresh(refund).status, books(hold), bank.took(hold.payer)),
        ("succeeded", ("refunded", 0, {"fund": 1, "refund": 1}), ([PRICE], [PRICE])),
    )


@scene
def split_in_a_dispute(bank: Bank) -> Scene:
    hold = paid_hold(VISA)
    freeze_hold(None, hold=hold, reason="In dispute.")

    def act() -> None:
        split_hold(
            None, hold=fresh(hold), to_payee=Money(250_01, "USD"), reason="Half of it.", cause=f"torture:{hold.pk}"
        )
        work_off()

    return Scene(
        act,
        lambda: (books(hold), bank.took(hold.payer)),
        (("refunded", 0, {"fund": 1, "release": 1, "refund": 1}), ([PRICE], [350_00])),
    )


@scene
def parts_and_the_rest_back(bank: Bank) -> Scene:
    hold = paid_hold(VISA)

    def act() -> None:
        release_hold(None, hold=fresh(hold), amount=Money(100_00, "USD"), cause=f"torture:{hold.pk}:1")
        refund_hold(None, hold=fresh(hold), amount=Money(50_00, "USD"), reason="", cause=f"torture:{hold.pk}:2")
        release_hold(None, hold=fresh(hold), amount=Money(200_00, "USD"), cause=f"torture:{hold.pk}:3")
        refund_hold(None, hold=fresh(hold), reason="", cause=f"torture:{hold.pk}:4")
        work_off()

    return Scene(
        act,
        lambda: (books(hold), bank.took(hold.payer)),
        (("refunded", 0, {"fund": 1, "release": 2, "refund": 2}), ([PRICE], [50_00, 250_01])),
    )


@scene
def hear_of_a_payment(bank: Bank) -> Scene:
    hold = make_hold(Money(PRICE, "USD"))
    payment = started(hold)
    event = bank.paid_by_the_page(payment.intent_id)

    def act() -> None:
        process_event(store_event(event).pk)

    return Scene(
        act,
        lambda: (books(hold), bank.took(hold.payer)),
        (("held", PRICE, {"fund": 1}), ([PRICE], [])),
    )


@scene
def hear_too_late(bank: Bank) -> Scene:
    hold = make_hold(Money(PRICE, "USD"))
    payment = started(hold)
    event = bank.paid_by_the_page(payment.intent_id)
    refund_hold(None, hold=hold, reason="Called off.", cause=f"torture:{hold.pk}")

    def act() -> None:
        process_event(store_event(event).pk)
        work_off()

    return Scene(
        act,
        lambda: (fresh(hold).status, credit_of(hold.payer), bank.took(hold.payer)),
        ("cancelled", 0, ([PRICE], [PRICE])),
    )


@scene
def recover_what_is_half_done(bank: Bank) -> Scene:
    paid, back = make_hold(Money(PRICE, "USD")), paid_hold(VISA)
    bank.paid_by_the_page(started(paid).intent_id)
    refund_hold(None, hold=back, reason="", cause=f"torture:{back.pk}")
    return Scene(
        lambda: recover_all(timedelta(minutes=2)),
        lambda: (books(paid), books(back), bank.took(paid.payer), bank.took(back.payer)),
        (
            ("held", PRICE, {"fund": 1}),
            ("refunded", 0, {"fund": 1, "refund": 1}),
            ([PRICE], []),
            ([PRICE], [PRICE]),
        ),
    )
