"""Paying in.

The payment's row is committed before the provider is called, the call's key is made of the row, and the answer goes
through `settle_payment`, as webhooks do. So a crash anywhere leaves something that can be asked about or repeated.
None of these functions may run within a transaction (`durable` refuses it).
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import why_not_act
from accounts.services import audit
from core import jobs
from core.errors import Conflict, NotFound, TooMany, Unavailable, require
from core.money import Money
from core.queries import get_or_refuse
from core.throttling import allow
from payments import policies, providers
from payments.errors import ProviderRefused
from payments.models import Hold, Payment, PaymentCustomer
from payments.rules import PAYMENT_LIFECYCLE, HoldStatus, PaymentStatus
from payments.services.customers import ensure_customer
from payments.services.settle import settle_payment

CONFIRMABLE = frozenset({PaymentStatus.CREATED, PaymentStatus.REQUIRES_ACTION, PaymentStatus.FAILED})
ASK_AGAIN_SECONDS = 20
PAYMENTS_PER_HOUR = 60


def pay_hold(actor: User, *, hold_id: int, payment_method: str = "") -> Payment:
    """Pay in what a hold asks for: one live payment, however often this is called.

    With a `payment_method` it is confirmed at once: look at the payment's status, where `failed` is a declined card.
    Without, the person confirms by its `client_secret`. Conflict `hold_closed` when the work was called off.
    Unavailable when the provider did not answer; calling again finds out what became of it.
    """
    _limit(actor)
    payment = _advance(_live_payment(actor, hold_id), payment_method)
    if payment.status == PaymentStatus.CANCELLED:  # it had expired at the provider: start a fresh one
        payment = _advance(_live_payment(actor, hold_id), payment_method)
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
    token: UUID | None = None,
) -> Payment:
    """Pay in credit that belongs to no work yet. Repeating a `token` goes on with the payment that it made."""
    require(why_not_act(actor))
    _limit(actor)
    if customer_id:
        get_or_refuse(PaymentCustomer.objects.filter(user=actor), customer_id=customer_id)
    if token and (begun := Payment.objects.visible_to(actor).filter(token=token).first()):
        return _advance(begun, payment_method)
    with transaction.atomic(durable=True):
        payment = Payment.objects.create(
            token=token or uuid4(),
            payer=actor,
            amount_minor=amount.minor,
            currency=amount.currency,
            capture_method=capture_method,
            description=description,
            metadata=dict(metadata or {}),
        )
        payment.events.create(move="create", to_status=payment.status, actor=actor)
        audit.record(actor, "payment.started", payment, amount=amount.as_string(), currency=amount.currency)
    return _advance(payment, payment_method)


def confirm_payment(actor: User, *, intent_id: str, payment_method: str = "") -> Payment:
    """Ask the provider to take the money now. Conflict `payment_cancelled` when it is too late for that."""
    payment = _own(actor, intent_id)
    require(why_not_act(actor))
    _limit(actor)
    if payment.status == PaymentStatus.CANCELLED:
        raise Conflict("payment_cancelled", "This payment was cancelled. Start a new one.")
    return _confirm(payment, payment_method)


def capture_payment(actor: User, *, intent_id: str, amount: Money | None = None) -> Payment:
    """Take an authorised payment, or `amount` of it. Conflict `payment_not_authorised`, `amount_exceeds_authorised`."""
    payment = _own(actor, intent_id)
    require(why_not_act(actor))
    if payment.status == PaymentStatus.SUCCEEDED:
        return payment
    if payment.status != PaymentStatus.AUTHORISED:
        raise Conflict("payment_not_authorised", "There is no authorised amount that could be taken.")
    if amount is not None and not Money(0, payment.currency) < amount <= payment.amount:
        raise Conflict("amount_exceeds_authorised", f"Only {payment.amount} is authorised.")
    key = f"capture-{payment.token}-{'all' if amount is None else amount.minor}"
    intent = providers.of(payment.provider).capture_intent(intent_id, key=key, amount=amount)
    taken = payment.amount if amount is None else amount
    audit.record(actor, "payment.captured", payment, amount=taken.as_string(), currency=taken.currency)
    return settle_payment(payment.pk, intent)


def cancel_payment(actor: User, *, intent_id: str) -> Payment:
    """Give up a payment that is not paid. Conflict `payment_already_paid`."""
    payment = withdraw_payment(_own(actor, intent_id).pk)
    if payment.status == PaymentStatus.SUCCEEDED:
        raise Conflict("payment_already_paid", "This payment went through already.")
    audit.record(actor, "payment.cancelled", payment)
    return payment


def withdraw_payment(payment_id: int) -> Payment:
    """Cancel a payment at the provider, unless it is decided already."""
    payment = Payment.objects.get(pk=payment_id)
    if not payment.is_open:
        return payment
    payment = _ensure_intent(payment)
    if payment.intent_id is None or not payment.is_open:
        return payment
    return settle_payment(
        payment.pk, providers.of(payment.provider).cancel_intent(payment.intent_id, key=f"cancel-{payment.token}")
    )


def refresh_payment(payment_id: int) -> Payment:
    """Ask the provider how a payment stands. Cancels one that nobody has confirmed in time."""
    payment = Payment.objects.get(pk=payment_id)
    if not payment.is_open:
        return payment
    payment = _ensure_intent(payment)
    if payment.intent_id is None or not payment.is_open:
        return payment
    payment = settle_payment(payment.pk, providers.of(payment.provider).retrieve_intent(payment.intent_id))
    expires = payment.updated_at + timedelta(minutes=settings.PAYMENT_EXPIRY_MINUTES)
    if payment.status in CONFIRMABLE and expires < timezone.now():
        return withdraw_payment(payment.pk)
    return payment


def refuse_declined(payment: Payment) -> None:
    """Conflict `card_declined`, with the provider's sentence, for who answers by a refusal rather than by a status."""
    if payment.status == PaymentStatus.FAILED:
        raise Conflict("card_declined", payment.failure_message or "The card was declined. Try another one.")


def _limit(actor: User) -> None:
    """Against trying out stolen cards."""
    if wait := allow("paying", str(actor.pk), limit=PAYMENTS_PER_HOUR, seconds=3600):
        raise TooMany(wait)


@transaction.atomic(durable=True)
def _live_payment(actor: User, hold_id: int) -> Payment:
    """The hold's payment that is not cancelled, made if there is none; the hold's lock lets only one be made."""
    hold = get_or_refuse(Hold.objects.visible_to(actor), pk=hold_id)
    require(policies.why_not_pay(actor, hold))
    hold.refresh_from_db(from_queryset=Hold.objects.select_for_update(no_key=True))
    if hold.status in {HoldStatus.CANCELLED, HoldStatus.REFUNDED}:
        raise Conflict("hold_closed", f"There is nothing to pay: {hold.get_status_display().lower()}.")
    live = hold.payments.exclude(status=PaymentStatus.CANCELLED).first()
    if live:
        return live
    payment = Payment.objects.create(
        payer=actor, hold=hold, amount_minor=hold.amount_minor, currency=hold.currency, description=hold.title
    )
    payment.events.create(move="create", to_status=payment.status, actor=actor)
    audit.record(
        actor, "payment.started", payment, hold=hold.pk, amount=payment.amount.as_string(), currency=payment.currency
    )
    return payment


def _advance(payment: Payment, payment_method: str) -> Payment:
    if not payment.is_open:
        return payment
    payment = _ensure_intent(payment)
    return _confirm(payment, payment_method) if payment_method else payment


def _ensure_intent(payment: Payment) -> Payment:
    """The payment with its intent. Repeating the call after an unknown outcome finds the same one by its key."""
    if payment.intent_id:
        return payment
    try:
        intent = providers.of(payment.provider).create_intent(
            key=f"payment-{payment.token}",
            amount=payment.amount,
            customer_id=ensure_customer(payment.payer).customer_id,
            manual_capture=payment.capture_method == Payment.Capture.MANUAL,
            description=payment.description,
            metadata={**payment.metadata, providers.PAYMENT_KEY: str(payment.token)},
        )
    except ProviderRefused:
        _give_up(payment)
        raise
    return settle_payment(payment.pk, intent)


@transaction.atomic
def _give_up(payment: Payment) -> None:
    """The provider would not even start it, so there is nothing to wait for."""
    PAYMENT_LIFECYCLE.perform(payment, "cancel", reason="Refused by the payment provider.")


def _confirm(payment: Payment, payment_method: str) -> Payment:
    with transaction.atomic(durable=True):
        payment = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
        if payment.status not in CONFIRMABLE:
            return payment
        payment.attempt += 1
        payment.updated_at = timezone.now()
        payment.save(update_fields=["attempt", "updated_at"])
    assert payment.intent_id is not None
    try:
        intent = providers.of(payment.provider).confirm_intent(
            payment.intent_id, key=f"payment-{payment.token}-{payment.attempt}", payment_method=payment_method
        )
    except Unavailable:
        soon = timezone.now() + timedelta(seconds=ASK_AGAIN_SECONDS)
        jobs.enqueue("payments.refresh_payment", at=soon, once=f"payment-{payment.pk}", payment_id=payment.pk)
        raise
    return settle_payment(payment.pk, intent)


def _own(actor: User, intent_id: str) -> Payment:
    payment: Payment | None = Payment.objects.visible_to(actor).filter(intent_id=intent_id).first()
    if payment is None:
        raise NotFound
    return payment
