"""Refunds asked for by the person who paid, those that staff give for plans, and sending refunds to the provider."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.policies import why_not_act
from accounts.services import audit
from core import jobs
from core.errors import Conflict, Invalid, Unavailable, require
from core.money import Money
from core.queries import get_or_refuse
from notifications.services import notify
from payments import ledger, policies, providers
from payments.models import Chargeback, Payment, Refund
from payments.providers import ProviderRefund
from payments.rules import (
    OPEN_CHARGEBACKS,
    REFUND_LIFECYCLE,
    ChargebackStatus,
    JournalKind,
    PaymentStatus,
    RefundStatus,
    nearest,
    step,
)
from payments.services.debts import lock_purse, purse_lines
from payments.services.documents import part_of_invoice
from payments.services.paid_back import end_if_paid_back
from payments.services.set_aside import set_aside
from payments.services.settle import lock_payment, settle_refund


def request_refund(
    actor: User, *, intent_id: str, amount: Money | None = None, reason: str = "", token: UUID | None = None
) -> Refund:
    """Send back credit that was paid in and is unspent: `amount`, or all that is left of the payment.

    Money held for work goes back only by ending that work. Repeating a request that is not sent yet resumes it;
    repeating a `token` gives the refund that it made, sent or not.
    Conflict: `funds_held`, `paid_for_plan`, `payment_not_paid`, `amount_exceeds_payment`, `credit_spent`.
    Unavailable `refund_queued`: it is set aside, and a job goes on trying.
    """
    refund = _reserve(actor, intent_id, amount, reason, cause=f"asked:{token}" if token else "")
    try:
        return send_refund(refund.pk)
    except Unavailable as error:
        raise Unavailable(
            "refund_queued", "The money is set aside. We send it back as soon as the payment provider answers."
        ) from error


@transaction.atomic
def refund_invoice(
    actor: User, *, payment_id: int, amount: Money | None = None, reason: str, token: UUID | None = None
) -> Refund:
    """Staff: send back what a plan's invoice was paid with: `amount`, or all that is left. The person reads `reason`.

    Net and tax go back in the proportion of the invoice. With all of the latest payment the plan ends. Repeating a
    `token` gives the refund that it made. Conflict: `amount_exceeds_payment`, `payment_disputed`,
    `payment_not_known_yet`.
    """
    payment = get_or_refuse(Payment.objects.of_plans().select_for_update(no_key=True), pk=payment_id)
    require(policies.why_not_refund_invoice(actor, payment))
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why: the person reads it."]})
    cause = f"asked:{token}" if token else ""
    if cause and (made := payment.refunds.filter(journal__cause=cause).first()):
        return made
    if payment.chargebacks.with_the_bank().exists():
        raise Conflict("payment_disputed", "The bank of who paid took it back, so nothing of it can be sent back.")
    if payment.intent_id is None:
        raise Conflict(
            "payment_not_known_yet", "The provider is being asked what paid this. Try again in some minutes."
        )
    amount = _returnable(payment, amount)
    part = part_of_invoice(payment, amount)
    refund = set_aside(
        payment,
        sources={ledger.SUBSCRIPTIONS: part.net, ledger.TAXES: part.tax},
        reason=reason.strip(),
        cause=cause,
        actor=actor,
    )
    _tell(refund, ends=end_if_paid_back(payment))
    return refund


def send_refund(refund_id: int) -> Refund:
    """Send a refund, or find out what became of it. Safe to repeat; not within a transaction."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != RefundStatus.PENDING:
        return refund
    return settle_refund(refund.pk, _at_provider(refund))


@transaction.atomic
def retry_refund(actor: User, *, refund_id: int) -> Refund:
    """Staff: send a failed refund again, as a new one."""
    require(policies.why_not_send_refund_again(actor))
    refund = Refund.objects.select_for_update(no_key=True).get(pk=refund_id)
    _retry(refund, actor)
    return refund


@transaction.atomic
def follow_dispute(refund_id: int) -> Refund:
    """What the provider refused to send because the payer's bank disputed the payment, once that is decided.

    Decided for us: it is tried again. Decided for the payer, who has the money from the bank: it is never sent.
    """
    refund = (
        Refund.objects.select_related("payment__payer").select_for_update(of=("self",), no_key=True).get(pk=refund_id)
    )
    disputes = set(refund.payment.chargebacks.values_list("status", flat=True))
    if refund.status != RefundStatus.FAILED or not disputes or disputes & {*OPEN_CHARGEBACKS}:
        return refund
    if ChargebackStatus.LOST in disputes:
        _leave_to_bank(refund)
    else:
        _retry(refund, None, reason="The bank decided for us.")
    return refund


def _retry(refund: Refund, actor: User | None, reason: str = "") -> None:
    REFUND_LIFECYCLE.perform(
        refund,
        "retry",
        actor=actor,
        reason=reason,
        code="refund_not_failed",
        attempt=refund.attempt + 1,
        refund_id=None,
    )
    audit.record(actor, "refund.retried", refund, attempt=refund.attempt)
    jobs.enqueue("payments.send_refund", refund_id=refund.pk)


@transaction.atomic(durable=True)
def _reserve(actor: User, intent_id: str, amount: Money | None, reason: str, *, cause: str) -> Refund:
    payment, hold = lock_payment(get_or_refuse(Payment.objects.filter(payer=actor), intent_id=intent_id).pk)
    require(why_not_act(actor))
    if payment.subscription_id:
        raise Conflict("paid_for_plan", "This paid for your plan. Write to our support if something is wrong with it.")
    if payment.hold_id and not Chargeback.objects.filter(payment=payment, status=ChargebackStatus.WON).exists():
        raise Conflict("funds_held", "This money is for work. It goes back when that work is ended or cancelled.")
    if payment.status != PaymentStatus.SUCCEEDED:
        raise Conflict("payment_not_paid", "Nothing was paid that could go back.")
    if cause and (made := payment.refunds.filter(journal__cause=cause).first()):
        return made
    unsent = payment.refunds.filter(status=RefundStatus.PENDING, refund_id=None)
    if amount is not None:
        unsent = unsent.filter(amount_minor=amount.minor)
    if resumed := unsent.first():
        return resumed
    amount = _returnable(payment, amount, held=hold.held if hold else None)
    source = ledger.credit(actor.pk)
    if ledger.balance(source, amount.currency) < amount:
        raise Conflict("credit_spent", "You have used this credit, so it cannot go back.")
    return set_aside(payment, sources={source: amount}, reason=reason, cause=cause, actor=actor)


def _returnable(payment: Payment, amount: Money | None, *, held: Money | None = None) -> Money:
    """The amount, or all that is left, if the provider can send it back. What is `held` of it may go back with its work."""
    left = payment.left - held if held else payment.left
    amount = left if amount is None else amount
    if amount.minor <= 0 or amount > left:
        raise Conflict("amount_exceeds_payment", f"Of this payment {left} is left to send back.")
    if amount.minor % step(payment.provider, amount.currency):
        near = nearest(payment.provider, amount)
        reason = f"This cannot be sent back exactly. Choose a rounder amount, such as {near}."
        raise Invalid("amount_not_payable", reason, fields={"amount": [reason]})
    return amount


def _leave_to_bank(refund: Refund) -> None:
    """The way back is closed: what was set aside settles what the payer owes for the bank's taking; the rest is credit."""
    payer, amount = refund.payment.payer, refund.amount
    _, owed = lock_purse(payer.pk, refund.currency)
    ledger.post(
        JournalKind.REFUND,
        cause=f"refund-by-bank:{refund.pk}",
        lines={ledger.REFUNDS: -amount, **purse_lines(payer.pk, amount, owed)},
        memo="A refund that a bank made by itself",
    )
    REFUND_LIFECYCLE.perform(refund, "leave_to_bank", reason="The bank decided for the payer.")
    settled = min(amount, owed)
    rest = amount - settled
    audit.record(
        None,
        "refund.left_to_bank",
        refund,
        settled=settled.as_string(),
        credit=rest.as_string(),
        currency=rest.currency,
    )
    notify(
        payer,
        kind="chargeback_news",
        title=f"A refund of {amount} is not sent, since you got the money another way",
        message=" ".join(
            [f"{settled} of what you owed is settled by it."] * bool(settled)
            + [f"{rest} is in your credit."] * bool(rest)
        ),
        url=reverse("wallet"),
        data={"payment_id": refund.payment_id, "refund_id": refund.pk},
        email="payments/emails/chargeback_news",
        context={"payment": str(refund.payment)},
    )


def _at_provider(refund: Refund) -> ProviderRefund:
    provider = providers.of(refund.payment.provider)
    if refund.refund_id:
        return provider.retrieve_refund(refund.refund_id)
    intent_id = refund.payment.intent_id
    assert intent_id is not None  # only money that came by an intent goes back
    if refund.updated_at < timezone.now() - providers.KEYS_ARE_REMEMBERED:
        found = provider.find_refund(intent_id, reference=refund.reference)
        if found:
            return found
    return provider.create_refund(
        key=refund.key,
        intent_id=intent_id,
        amount=refund.amount,
        reference=refund.reference,
    )


def _tell(refund: Refund, *, ends: bool) -> None:
    """Who paid for a plan, what of it goes back, and whether the plan `ends` with it."""
    payment = refund.payment
    goes_on = not ends and payment.subscription is not None and payment.subscription.gives_benefits
    notify(
        payment.payer,
        kind="subscription_refunded",
        title=f"{refund.amount} for your {payment} goes back to you",
        message=refund.reason,
        url=reverse("plan"),
        data={"payment_id": payment.pk, "refund_id": refund.pk},
        email="payments/emails/subscription_refunded",
        context={
            "payment": str(payment),
            "amount": refund.amount,
            "reason": refund.reason,
            "plan_ends": ends,
            "plan_goes_on": goes_on,
        },
    )
