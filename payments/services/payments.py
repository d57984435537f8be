"""What becomes of a payment: it is confirmed, taken, asked about, or given up.

The payment's row is committed before the provider is called, the call's key is made of the row, and the answer goes
through `settle_payment`, as webhooks do. So a crash anywhere leaves something that can be asked about or repeated.
None of these functions may run within a transaction (`durable` refuses it).
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import why_not_act
from accounts.selectors import marketplace_rules
from accounts.services import audit
from core import jobs
from core.errors import Conflict, Invalid, NotFound, TooMany, Unavailable, require
from core.money import Money
from core.queries import get_or_refuse
from core.throttling import allow
from payments import hooks, policies, providers
from payments.errors import IntentGone, ProviderRefused
from payments.models import Hold, Payment
from payments.rules import (
    AUTHORISATION_DAYS,
    PAYMENT_LIFECYCLE,
    HoldStatus,
    PaymentStatus,
    ProviderName,
    step,
    why_not_payable,
)
from payments.services.customers import ensure_customer
from payments.services.settle import settle_payment

CONFIRMABLE = frozenset({PaymentStatus.CREATED, PaymentStatus.REQUIRES_ACTION, PaymentStatus.FAILED})
CALLED_OFF = frozenset({HoldStatus.CANCELLED, HoldStatus.REFUNDED})
ASK_AGAIN_SECONDS = 20
PAYMENTS_PER_HOUR = 60


def confirm_payment(actor: User, *, intent_id: str, payment_method: str = "") -> Payment:
    """Ask the provider to take the money now.

    Conflict `payment_cancelled` when it is too late for that, and those of `lock_payable`.
    """
    payment = _own(actor, intent_id)
    require(why_not_act(actor))
    limit_paying(actor)
    if payment.status == PaymentStatus.CANCELLED:
        raise Conflict("payment_cancelled", "This payment was cancelled. Start a new one.")
    if payment.hold_id and payment.is_open:
        with transaction.atomic(durable=True):
            lock_payable(actor, payment.hold_id)
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
    taken = payment.amount if amount is None else amount
    if taken.minor % step(payment.provider, taken.currency):
        raise Invalid("amount_not_payable", why_not_payable(payment.provider, taken))
    intent = providers.of(payment.provider).capture_intent(intent_id, key=key, amount=amount)
    audit.record(actor, "payment.captured", payment, amount=taken.as_string(), currency=taken.currency)
    return settle_payment(payment.pk, intent)


def cancel_payment(actor: User, *, intent_id: str) -> Payment:
    """Give up a payment that is not paid. Conflict `payment_already_paid`, `payment_under_way` while that is not known."""
    payment = withdraw_payment(_own(actor, intent_id).pk)
    if payment.status == PaymentStatus.SUCCEEDED:
        raise Conflict("payment_already_paid", "This payment went through already.")
    if payment.is_open:
        raise under_way(payment)
    audit.record(actor, "payment.cancelled", payment)
    return payment


def withdraw_payment(payment_id: int) -> Payment:
    """Cancel a payment at the provider, unless it is decided already (or being taken, which is decided in a moment)."""
    payment = Payment.objects.get(pk=payment_id)
    if not payment.is_open:
        return payment
    if providers.of(payment.provider).approved_elsewhere:
        payment = _end_by_our_word(payment)
        if payment.status != PaymentStatus.AUTHORISED:
            return payment
    payment = _ensure_intent(payment)
    if payment.intent_id is None or not payment.is_open:
        return payment
    return settle_payment(
        payment.pk, providers.of(payment.provider).cancel_intent(payment.intent_id, key=f"cancel-{payment.token}")
    )


def refresh_payment(payment_id: int) -> Payment:
    """Ask the provider how a payment stands, and take what the person has approved on the provider's page.

    Cancels one that nobody has confirmed in time or whose work was called off, and an authorisation that is about to end.
    """
    payment = Payment.objects.select_related("hold").get(pk=payment_id)
    if not payment.is_open:
        return payment
    if payment.hold and payment.hold.status in CALLED_OFF:
        return withdraw_payment(payment.pk)
    payment = _ensure_intent(payment)
    if payment.intent_id is None or not payment.is_open:
        return payment
    provider = providers.of(payment.provider)
    try:
        intent = provider.retrieve_intent(payment.intent_id)
    except IntentGone as gone:
        return _give_up(payment, gone.message)
    payment = settle_payment(payment.pk, intent)
    if provider.approved_elsewhere and intent.status == providers.APPROVED and payment.is_open:
        return _take_approved(payment)
    if _has_expired(payment):
        return withdraw_payment(payment.pk)
    return payment


def expect_news(payment_id: int) -> None:
    """The payer's browser asked the provider to take the money, and nobody has heard what became of it."""
    if Payment.objects.filter(pk=payment_id, status__in=CONFIRMABLE).update(unheard_since=timezone.now()):
        _ask_again_soon(payment_id)


def lock_payable(actor: User, hold_id: int) -> Hold:
    """The hold, if this person pays it and it can be paid in now; also one that is paid.

    Conflict `hold_closed` when the work was called off, or what the hold's app says.
    """
    hold = get_or_refuse(Hold.objects.visible_to(actor), pk=hold_id)
    require(policies.why_not_pay(actor, hold))
    hold.refresh_from_db(from_queryset=Hold.objects.select_for_update(no_key=True))
    if hold.status in CALLED_OFF:
        raise Conflict("hold_closed", f"There is nothing to pay: {hold.get_status_display().lower()}.")
    if hold.status == HoldStatus.PENDING:
        hooks.of(hold.purpose).before_paying(hold)
    return hold


def advance(payment: Payment, payment_method: str) -> Payment:
    """Go on with a payment: the provider knows of it, and with a `payment_method` it is confirmed."""
    if not payment.is_open:
        return payment
    payment = _ensure_intent(payment)
    return _confirm(payment, payment_method) if payment_method else payment


def give_way(payment: Payment) -> Payment:
    """End a payment so that its hold can be paid another way; whoever was quicker is found out by the provider.

    Cancelled, or paid after all. Conflict `payment_under_way` while its outcome is open.
    """
    if payment.status in {PaymentStatus.PROCESSING, PaymentStatus.AUTHORISED}:
        raise under_way(payment)
    payment = withdraw_payment(payment.pk)
    if payment.is_open:
        raise under_way(payment)
    return payment


def under_way(payment: Payment) -> Conflict:
    label = ProviderName(payment.provider).label
    return Conflict("payment_under_way", f"{label} is asked to pay this already. Wait for its answer.")


def refuse_declined(payment: Payment) -> None:
    """Conflict `card_declined`, with the provider's sentence, for who answers by a refusal rather than by a status."""
    if payment.status == PaymentStatus.FAILED:
        code = "card_declined" if payment.provider == ProviderName.STRIPE else "payment_declined"
        raise Conflict(code, payment.failure_message or "The card was declined. Try another one.")


def limit_paying(actor: User) -> None:
    """Against trying out stolen cards."""
    if wait := allow("paying", str(actor.pk), limit=PAYMENTS_PER_HOUR, seconds=3600):
        raise TooMany(wait)


def _has_expired(payment: Payment) -> bool:
    if payment.status == PaymentStatus.AUTHORISED:
        lasts = timedelta(days=AUTHORISATION_DAYS)
    elif payment.status in CONFIRMABLE:
        lasts = timedelta(minutes=marketplace_rules().payment_expiry_minutes)
    else:
        return False
    return bool(payment.updated_at + lasts < timezone.now())


def _ensure_intent(payment: Payment) -> Payment:
    """The payment with its intent. Repeating the call after an unknown outcome finds the same one by its key."""
    if payment.intent_id:
        return payment
    provider = providers.of(payment.provider)
    try:
        intent = provider.create_intent(
            key=f"payment-{payment.token}",
            amount=payment.amount,
            customer_id=ensure_customer(payment.payer).customer_id if provider.knows_customers else "",
            manual_capture=payment.capture_method == Payment.Capture.MANUAL,
            description=payment.description,
            metadata={**payment.metadata, providers.PAYMENT_KEY: str(payment.token)},
        )
    except ProviderRefused:
        _give_up(payment, "Refused by the payment provider.")
        raise
    return settle_payment(payment.pk, intent)


@transaction.atomic
def _give_up(payment: Payment, reason: str) -> Payment:
    """The provider would not even start it, or knows it no more, so there is nothing to wait for."""
    PAYMENT_LIFECYCLE.perform(payment, "cancel", reason=reason)
    return payment


@transaction.atomic(durable=True)
def _end_by_our_word(payment: Payment) -> Payment:
    """Cancel what the person may still approve: from here on nobody takes it. What is being taken is left alone."""
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
    if payment.status in CONFIRMABLE:
        PAYMENT_LIFECYCLE.perform(payment, "cancel", reason="Not approved, or withdrawn before it was taken.")
    return payment


def _take_approved(payment: Payment) -> Payment:
    """Take what the person approved. The payment is marked before, so that nobody ends it meanwhile.

    One that is marked already is taken again by the same key: that answers what became of it.
    """
    with transaction.atomic(durable=True):
        payment = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
        if payment.status in CONFIRMABLE:
            payment.attempt += 1
            PAYMENT_LIFECYCLE.perform(payment, "process", reason="Approved by the payer.", attempt=payment.attempt)
        if payment.status != PaymentStatus.PROCESSING:
            return payment
    return _ask_to_confirm(payment, "")


def _confirm(payment: Payment, payment_method: str) -> Payment:
    if providers.of(payment.provider).approved_elsewhere:
        return refresh_payment(payment.pk)
    with transaction.atomic(durable=True):
        payment = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
        if payment.status not in CONFIRMABLE:
            return payment
        payment.attempt += 1
        payment.updated_at = payment.unheard_since = timezone.now()
        payment.save(update_fields=["attempt", "updated_at", "unheard_since"])
    return _ask_to_confirm(payment, payment_method)


def _ask_to_confirm(payment: Payment, payment_method: str) -> Payment:
    assert payment.intent_id is not None
    try:
        intent = providers.of(payment.provider).confirm_intent(
            payment.intent_id, key=f"payment-{payment.token}-{payment.attempt}", payment_method=payment_method
        )
    except Unavailable:
        _ask_again_soon(payment.pk)
        raise
    except ProviderRefused:
        Payment.objects.filter(pk=payment.pk).update(unheard_since=None)
        raise
    return settle_payment(payment.pk, intent)


def _ask_again_soon(payment_id: int) -> None:
    soon = timezone.now() + timedelta(seconds=ASK_AGAIN_SECONDS)
    jobs.enqueue("payments.refresh_payment", at=soon, once=f"payment-{payment_id}", payment_id=payment_id)


def _own(actor: User, intent_id: str) -> Payment:
    payment: Payment | None = Payment.objects.visible_to(actor).filter(intent_id=intent_id).first()
    if payment is None:
        raise NotFound
    return payment
