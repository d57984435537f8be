"""Beginning to pay in: for work that is held, as credit, or what a chargeback left open.

Each of them makes one payment, however often it is called, and goes on with it in `payments.services.payments`. None may run
within a transaction (`durable` refuses it).
"""

from collections.abc import Mapping
from uuid import UUID, uuid4

from django.db import transaction

from accounts.models import User
from accounts.policies import why_not_act
from accounts.services import audit
from core import jobs
from core.errors import Conflict, Invalid, require
from core.money import Money
from core.queries import get_or_refuse
from payments import ledger, providers
from payments.models import Payment, PaymentCustomer
from payments.rules import OPEN_PAYMENTS, PaymentStatus, ProviderName, card_charge, why_not_payable
from payments.services.payments import advance, give_way, limit_paying, lock_payable, under_way

PURPOSE, DEBT = "guildhall_purpose", "debt"  # metadata of callers cannot begin like this


def pay_hold(
    actor: User,
    *,
    hold_id: int,
    payment_method: str = "",
    provider: str = ProviderName.STRIPE,
    token: UUID | None = None,
) -> Payment:
    """Pay in what a hold asks for: one live payment, however often this is called, and by whichever provider.

    A `token` names the first payment that this makes, for who asks later what became of it.

    With a `payment_method` it is confirmed at once: look at the payment's status, where `failed` is a declined card.
    Without, the person confirms by its `client_secret`, or agrees at its `approval_url`. Conflict `hold_closed` when
    the work was called off, what the hold's app says while it cannot be paid in, `payment_under_way` while it is being
    paid another way; Invalid when the provider does not take this amount. Unavailable when it did not answer; calling
    again finds out what became of it.
    """
    limit_paying(actor)
    payment = _live_payment(actor, hold_id, provider, token)
    if payment.provider != provider and payment.is_open:
        payment = give_way(payment)
    else:
        payment = advance(payment, payment_method)
    if payment.status == PaymentStatus.CANCELLED:  # it gave way, or had expired at the provider: start a fresh one
        payment = _live_payment(actor, hold_id, provider)
        if payment.provider != provider and payment.is_open:
            raise under_way(payment)
        payment = advance(payment, payment_method)
    return payment


def create_payment(
    actor: User,
    *,
    amount: Money,
    capture_method: str = Payment.Capture.AUTOMATIC,
    customer_id: str = "",
    description: str = "",
    metadata: Mapping[str, str] | None = None,
    payment_method: str = "",
    provider: str = ProviderName.STRIPE,
    token: UUID | None = None,
) -> Payment:
    """Pay in credit that belongs to no work yet. Repeating a `token` goes on with the payment that it made.

    Invalid when the provider does not take this amount.
    """
    require(why_not_act(actor))
    limit_paying(actor)
    _require_payable(provider, amount)
    if customer_id:
        get_or_refuse(PaymentCustomer.objects.filter(user=actor), customer_id=customer_id)
    if token and (begun := Payment.objects.visible_to(actor).filter(token=token).first()):
        return advance(begun, payment_method)
    with transaction.atomic(durable=True):
        payment = Payment.objects.create(
            token=token or uuid4(),
            payer=actor,
            amount_minor=amount.minor,
            currency=amount.currency,
            provider=provider,
            capture_method=capture_method,
            description=description,
            metadata=dict(metadata or {}),
        )
        payment.events.create(move="create", to_status=payment.status, actor=actor)
        audit.record(actor, "payment.started", payment, amount=amount.as_string(), currency=amount.currency)
    return advance(payment, payment_method)


def pay_debt(actor: User, *, currency: str, payment_method: str = "", token: UUID | None = None) -> Payment:
    """Pay in what a chargeback left open in a currency: one open payment of that sum, however often this is called.

    The debt is settled when the money arrives; what a card pays beyond it, because it cannot pay so little, becomes
    credit. Repeating a `token` goes on with the payment that it made, also when nothing is owed any more. Conflict `no_debt`.
    """
    require(why_not_act(actor))
    limit_paying(actor)
    if token and (begun := Payment.objects.visible_to(actor).filter(token=token).first()):
        return advance(begun, payment_method)
    return advance(_debt_payment(actor, currency, token), payment_method)


def require_chargeable(amount: Money, field: str) -> None:
    """Invalid at `field` when a card cannot pay this price, so that nobody agrees on what may not be payable."""
    if reason := why_not_payable(ProviderName.STRIPE, amount):
        raise Invalid("amount_not_payable", reason, fields={field: [reason]})


@transaction.atomic(durable=True)
def _live_payment(actor: User, hold_id: int, provider: str, token: UUID | None = None) -> Payment:
    """The hold's payment that is not cancelled, made if there is none; the hold's lock lets only one be made."""
    hold = lock_payable(actor, hold_id)
    live = hold.payments.exclude(status=PaymentStatus.CANCELLED).first()
    if live:
        return live
    if provider != ProviderName.STRIPE:  # what no card could pay was refused when it was agreed on: require_chargeable
        _require_payable(provider, hold.amount)
    payment = Payment.objects.create(
        token=token or uuid4(),
        payer=actor,
        hold=hold,
        amount_minor=hold.amount_minor,
        currency=hold.currency,
        provider=provider,
        description=hold.title,
    )
    payment.events.create(move="create", to_status=payment.status, actor=actor)
    audit.record(
        actor, "payment.started", payment, hold=hold.pk, amount=payment.amount.as_string(), currency=payment.currency
    )
    return payment


@transaction.atomic(durable=True)
def _debt_payment(actor: User, currency: str, token: UUID | None) -> Payment:
    """The lock of the debt's account lets only one be made. One of another sum is outdated, and given up."""
    owed = -ledger.balance(ledger.debt(actor.pk), currency)
    if not owed:
        raise Conflict("no_debt", "You owe nothing in this currency.")
    due = card_charge(owed).minor
    opened = Payment.objects.filter(
        payer=actor, hold=None, currency=currency, status__in=OPEN_PAYMENTS, metadata__contains={PURPOSE: DEBT}
    )
    for outdated in opened.exclude(amount_minor=due):
        jobs.enqueue("payments.cancel_payment", payment_id=outdated.pk)
    if live := opened.filter(amount_minor=due).first():
        return live
    payment = Payment.objects.create(
        token=token or uuid4(),
        payer=actor,
        amount_minor=due,
        currency=currency,
        description="What a chargeback left open",
        metadata={PURPOSE: DEBT},
    )
    payment.events.create(move="create", to_status=payment.status, actor=actor)
    audit.record(actor, "payment.started", payment, amount=payment.amount.as_string(), currency=currency)
    return payment


def _require_payable(provider: str, amount: Money) -> None:
    if reason := providers.why_not(provider, amount):
        raise Invalid("amount_not_payable", reason, fields={"amount": [reason]})
