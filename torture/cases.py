"""What happened at the provider and was not noted here, with five pieces of news that tell of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from unittest import mock

from accounts.models import User
from accounts.tests.factories import FreelancerFactory
from core.money import Money
from notifications.models import Notification
from payments import providers
from payments.models import Journal, Payment, Subscription
from payments.services import pay_hold, refresh_payment, refund_hold, request_payout, send_payout, subscribe
from payments.tests.factories import make_hold, make_plan
from payments.tests.fakes import THREE_D_SECURE
from torture.books import Bank, Json
from torture.scenes import chargebacks, fresh, payouts, plans

PRICE = Money(600_01, "USD")
PAID = (
    "payment_intent.created",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "charge.succeeded",
    "payment_intent.payment_failed",
)
SENT_BACK = (*PAID[:4], "refund.created")
PAID_OUT = ("transfer.created", "payout.created", "payout.updated", "payout.paid", "payout.failed")
CHARGED_BACK = (
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.dispute.closed",
)
WON = (*CHARGED_BACK, "charge.dispute.funds_reinstated")
LOST = (*CHARGED_BACK, "payment_intent.succeeded")
SUBSCRIBED = (
    "customer.subscription.created",
    "customer.subscription.updated",
    "invoice.paid",
    "invoice.payment_failed",
    "customer.subscription.deleted",
)


class Died(Exception):
    """In the place of a killed process."""


@dataclass(frozen=True)
class Case:
    """`state` is everything that the news decide, as text."""

    news: Sequence[Json]
    state: Callable[[], str]


def not_noted_yet(bank: Bank) -> Case:
    """We asked for the intent and died before committing the answer; the person has paid, with the second card."""
    hold = make_hold(PRICE)
    with _dying("payments.services.payments.settle_payment"):
        pay_hold(hold.payer, hold_id=hold.pk)
    intent_id = bank.newest(1)[0]["id"]
    bank.declined_by_the_page(intent_id)
    bank.paid_by_the_page(intent_id, THREE_D_SECURE)
    return Case(_one_of_each(bank.events(intent_id), PAID), lambda: _payment(hold.payments.get()))


def refund_not_noted_yet(bank: Bank) -> Case:
    """The work was ended and the money sent back, and the process died before it noted that."""
    hold = make_hold(PRICE)
    payment = pay_hold(hold.payer, hold_id=hold.pk)
    bank.paid_by_the_page(payment.intent_id, THREE_D_SECURE)
    refresh_payment(payment.pk)
    refund_hold(None, hold=hold, reason="Ended.", cause=f"torture:{hold.pk}")
    refund = payment.refunds.get()
    providers.main().create_refund(
        key=f"refund-{payment.token}-{refund.reference}",
        intent_id=payment.intent_id or "",
        amount=refund.amount,
        reference=refund.reference,
    )
    return Case(_one_of_each(bank.events(payment.intent_id), SENT_BACK), lambda: _payment(payment))


def payout_not_noted_yet(bank: Bank) -> Case:
    """The bank seemed to take a payout, and then sent it back."""
    payee = payouts.earner(bank)
    payout = request_payout(payee, amount=PRICE)
    with _dying("payments.services.sending.settle_payout"):
        send_payout(payout.pk)
    account = payouts.account_of(payee)
    [payout_id] = bank.payouts_of(account)
    for outcome in ("in_transit", "paid", "failed"):
        bank.settle_payout(payout_id, outcome)
    found = [*bank.events(payout_id, account=account), *bank.events(fresh(payout).transfer_id)]
    return Case(_one_of_each(found, PAID_OUT), lambda: f"{payouts.story(bank, payee)}; {_told(payee)}")


def chargeback_won(bank: Bank) -> Case:
    """After release, with an empty wallet; nobody has told us of it until it is decided."""
    return _charged_back(bank, "won", WON)


def chargeback_lost(bank: Bank) -> Case:
    return _charged_back(bank, "lost", LOST)


def plan_not_noted_yet(bank: Bank) -> Case:
    """Its first month was paid, the second was not, and it ended."""
    person = FreelancerFactory.create()
    with _dying("payments.services.subscriptions.settle_subscription"):
        subscribe(person, plan=make_plan().code)
    token, customer_id = Subscription.objects.get(user=person).token, person.payment_customer.customer_id
    found = providers.main().find_subscription(customer_id, reference=str(token))
    assert found
    begun = providers.main().retrieve_subscription(found.id)
    assert begun.invoice
    bank.paid_by_the_page(begun.invoice.intent_id)
    bank.renew(begun.id, card=plans.FAILING)
    providers.main().end_subscription(begun.id, key=f"torture-{token}")
    return Case(
        _one_of_each(bank.events(begun.id), SUBSCRIBED), lambda: f"{plans.story(bank, person)}; {_told(person)}"
    )


CASES = (
    not_noted_yet,
    refund_not_noted_yet,
    payout_not_noted_yet,
    chargeback_won,
    chargeback_lost,
    plan_not_noted_yet,
)


@contextmanager
def _dying(service: str) -> Iterator[None]:
    """The process ends where it would call the service."""
    with mock.patch(service, side_effect=Died), suppress(Died):
        yield


def _charged_back(bank: Bank, outcome: str, types: Sequence[str]) -> Case:
    hold = chargebacks.released_hold()
    intent_id = chargebacks.payment_of(hold).intent_id
    dispute_id = bank.dispute(intent_id)
    bank.answer_dispute(dispute_id)
    bank.decided_dispute(dispute_id, outcome)
    return Case(_one_of_each(bank.events(intent_id), types), lambda: f"{chargebacks.story(hold)}; {_told(hold.payer)}")


def _one_of_each(events: Sequence[Json], types: Sequence[str]) -> list[Json]:
    found = {event["type"]: event for event in events}
    return [found[name] for name in types]


def _payment(payment: Payment) -> str:
    row: Payment = fresh(payment)
    hold = fresh(row.hold)
    refunds = list(row.refunds.values_list("status", "amount_minor"))
    journals = sorted(Counter(Journal.objects.filter(hold=hold).values_list("kind", flat=True)).items())
    return (
        f"{row.status} {row.received_minor} {row.refunded_minor} {row.method_label!r} {bool(row.receipt_url)}; "
        f"{hold.status} {hold.held_minor} {hold.refunded_minor}; {refunds}; {journals}; {_told(row.payer)}"
    )


def _told(person: User) -> list[tuple[str, int]]:
    return sorted(Counter(Notification.objects.filter(user=person).values_list("kind", flat=True)).items())
