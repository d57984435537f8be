"""Plans that are paid by the month."""

from datetime import timedelta
from uuid import uuid4

from django.db.models import Q

from accounts.models import User
from accounts.tests.factories import FreelancerFactory, staff_of
from payments.models import Chargeback, Document, Journal, Payment, Subscription
from payments.services import (
    cancel_subscription,
    follow_overdue,
    pay_subscription,
    process_event,
    refund_invoice,
    store_event,
    subscribe,
)
from payments.tests.factories import make_plan
from payments.tests.fakes import VISA
from torture.books import Bank
from torture.later import clock_moved, work_off
from torture.scenes.stage import Scene, fresh, posted, scene

MONTHLY = 15_00
FAILING = "pm_card_chargeCustomerFail"


def begun() -> Subscription:
    return subscribe(FreelancerFactory.create(), plan=make_plan().code, payment_method=VISA)


def story(bank: Bank, person: User) -> tuple[object, ...]:
    """(status, ends with its period) of each, journals, invoices that we wrote, what the bank took by invoices."""
    own = Subscription.objects.filter(user=person)
    return (
        [(one.status, one.cancel_at_period_end) for one in own],
        Journal.objects.filter(kind="subscription", actor=person).count(),
        Document.objects.filter(recipient=person, kind="invoice").count(),
        bank.invoiced([one.subscription_id for one in own]),
    )


@scene
def begin_a_plan_with_a_key(bank: Bank) -> Scene:
    person = FreelancerFactory.create()
    body = {"plan": make_plan().code, "payment_method": VISA}
    return Scene(
        posted(person, "/api/stripe/subscriptions", body),
        lambda: story(bank, person),
        ([("active", False)], 1, 1, [MONTHLY]),
    )


@scene
def an_invoice_is_paid(bank: Bank) -> Scene:
    subscription = begun()
    bank.renew(subscription.subscription_id)
    event = bank.news_of(subscription.subscription_id, "invoice.paid")
    return Scene(
        lambda: process_event(store_event(event).pk),
        lambda: story(bank, subscription.user),
        ([("active", False)], 2, 2, [MONTHLY, MONTHLY]),
    )


def overdue(bank: Bank) -> Subscription:
    subscription = begun()
    bank.renew(subscription.subscription_id, card=FAILING)
    process_event(store_event(bank.news_of(subscription.subscription_id, "invoice.payment_failed")).pk)
    return fresh(subscription)


@scene
def a_renewal_is_not_paid(bank: Bank) -> Scene:
    subscription = begun()
    bank.renew(subscription.subscription_id, card=FAILING)
    event = bank.news_of(subscription.subscription_id, "invoice.payment_failed")
    return Scene(
        lambda: process_event(store_event(event).pk),
        lambda: story(bank, subscription.user),
        ([("past_due", False)], 1, 1, [MONTHLY]),
    )


@scene
def an_overdue_plan_is_paid(bank: Bank) -> Scene:
    subscription = overdue(bank)
    return Scene(
        lambda: pay_subscription(subscription.user, subscription=fresh(subscription), payment_method=VISA),
        lambda: story(bank, subscription.user),
        ([("active", False)], 2, 2, [MONTHLY, MONTHLY]),
    )


@scene
def an_overdue_plan_ends(bank: Bank) -> Scene:
    subscription = overdue(bank)

    def act() -> None:
        with clock_moved(timedelta(days=15)):
            follow_overdue()

    return Scene(act, lambda: story(bank, subscription.user), ([("ended", False)], 1, 1, [MONTHLY]))


@scene
def cancel_a_plan(bank: Bank) -> Scene:
    subscription = begun()
    return Scene(
        lambda: cancel_subscription(subscription.user, subscription=fresh(subscription)),
        lambda: story(bank, subscription.user),
        ([("active", True)], 1, 1, [MONTHLY]),
    )


def back(bank: Bank, person: User) -> tuple[object, ...]:
    """(status) of each, what is left of the payments, journals beside those of the months, papers, what the bank sent back."""
    payments = Payment.objects.filter(payer=person)
    causes = [f"chargeback:{one.pk}" for one in Chargeback.objects.filter(payment__in=payments)]
    moved = Journal.objects.filter(Q(cause__in=causes) | Q(documents__recipient=person, kind="refund"))
    return (
        [one.status for one in Subscription.objects.filter(user=person)],
        [one.left.minor for one in payments],
        sorted(moved.values_list("kind", flat=True)),
        sorted(Document.objects.filter(recipient=person).values_list("kind", flat=True)),
        [refund["amount"] for one in payments for refund in bank.refunds(one.intent_id or "")],
    )


@scene
def a_plan_is_refunded(bank: Bank) -> Scene:
    subscription = begun()
    payment, staff, token = subscription.payments.get(), staff_of("finance"), uuid4()

    def act() -> None:
        try:
            refund_invoice(staff, payment_id=payment.pk, reason="Paid by mistake.", token=token)
        finally:
            work_off()

    return Scene(
        act,
        lambda: back(bank, subscription.user),
        (["ended"], [0], ["refund"], ["credit_note", "invoice"], [MONTHLY]),
    )


@scene
def a_bank_takes_back_a_month_of_which_we_have_not_heard(bank: Bank) -> Scene:
    subscription = begun()
    bank.renew(subscription.subscription_id)
    intent_id = bank.newest(1)[0]["id"]
    event = bank.news_of(bank.dispute(intent_id), "charge.dispute.created")

    def act() -> None:
        process_event(store_event(event).pk)
        work_off()

    return Scene(
        act,
        lambda: back(bank, subscription.user),
        (["ended"], [0, MONTHLY], ["chargeback"], ["credit_note", "invoice", "invoice"], []),
    )


@scene
def a_bank_gives_back_what_paid_for_a_plan(bank: Bank) -> Scene:
    subscription = begun()
    dispute_id = bank.dispute(subscription.payments.get().intent_id)
    process_event(store_event(bank.news_of(dispute_id, "charge.dispute.created")).pk)
    work_off()
    event = bank.decided_dispute(dispute_id, "won")
    return Scene(
        lambda: process_event(store_event(event).pk),
        lambda: back(bank, subscription.user),
        (["ended"], [MONTHLY], ["chargeback", "chargeback_won"], ["credit_note", "invoice", "invoice"], []),
    )
