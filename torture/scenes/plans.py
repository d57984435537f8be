"""Plans that are paid by the month."""

from datetime import timedelta

from accounts.models import User
from accounts.tests.factories import FreelancerFactory
from payments.models import Document, Journal, Subscription
from payments.services import (
    cancel_subscription,
    follow_overdue,
    pay_subscription,
    process_event,
    store_event,
    subscribe,
)
from payments.tests.factories import make_plan
from payments.tests.fakes import VISA
from torture.books import Bank
from torture.later import clock_moved
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
