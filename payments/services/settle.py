"""From what the provider says to what is true here. Any order, any number of times, the same end state."""

from collections.abc import Mapping

import structlog
from django.db import transaction
from django.urls import reverse

from accounts.services import audit
from core import jobs
from notifications.services import notify
from payments import hooks, ledger, providers
from payments.errors import SettlementMismatch
from payments.models import Hold, Payment, Refund
from payments.providers import Intent, ProviderRefund
from payments.rules import (
    PAYMENT_LIFECYCLE,
    REFUND_LIFECYCLE,
    ChargebackStatus,
    HoldStatus,
    JournalKind,
    PaymentStatus,
    RefundStatus,
)
from payments.services.debts import lock_purse, settle_debt
from payments.services.documents import issue_receipt
from payments.services.holds import fund_hold
from payments.services.set_aside import set_aside

logger = structlog.get_logger(__name__)

MOVE_FOR = {
    "requires_action": "require_action",
    "processing": "process",
    "requires_capture": "authorise",
    "succeeded": "succeed",
    "canceled": "cancel",
}


@transaction.atomic
def settle_payment(payment_id: int, intent: Intent) -> Payment:
    """Bring a payment up to the provider's snapshot of its intent.

    Paid and cancelled are final; an older snapshot that arrives later changes nothing. Money that has come is posted in
    the same transaction: to its hold, or as credit of the payer.
    """
    payment, hold = lock_payment(payment_id, with_hold=intent.status == "succeeded")
    _require_match(payment, intent)
    _note(payment, intent)
    name = _move_for(payment, intent)
    if name == "succeed" and payment.status == PaymentStatus.CANCELLED and _ends_by_our_word(payment):
        raise SettlementMismatch(f"intent {intent.id} brought money though we ended payment {payment.pk}")
    if not name or payment.status not in PAYMENT_LIFECYCLE.moves[name].sources:
        return payment
    if name != "succeed":
        PAYMENT_LIFECYCLE.perform(payment, name, reason=intent.failure_message if name == "fail" else "")
        return payment
    PAYMENT_LIFECYCLE.perform(payment, name, received_minor=intent.received_minor)
    _post_arrival(payment, hold)
    return payment


@transaction.atomic
def settle_refund(refund_id: int, state: ProviderRefund) -> Refund:
    """Bring a refund up to the provider's snapshot of it. A failed one stays set aside until staff send it again."""
    refund = Refund.objects.select_for_update(no_key=True).get(pk=refund_id)
    if state.id and refund.refund_id is None:
        refund.refund_id = state.id
        refund.save(update_fields=["refund_id"])
    if state.id and refund.refund_id != state.id:
        return refund  # news of an earlier attempt
    if (state.amount_minor, state.currency) != (refund.amount_minor, refund.currency):
        raise SettlementMismatch(f"refund {refund.pk} is {state.amount_minor} {state.currency} at the provider")
    if state.status == "succeeded" and refund.status == RefundStatus.PENDING:
        REFUND_LIFECYCLE.perform(refund, "succeed")
        ledger.post(
            JournalKind.REFUND_SENT,
            cause=f"refund:{refund.reference}",
            lines={ledger.REFUNDS: -refund.amount, ledger.clearing(refund.payment.provider): refund.amount},
            memo=refund.reason,
        )
        audit.record(None, "refund.sent", refund, amount=refund.amount.as_string(), currency=refund.currency)
        _tell_refunded(refund)
    elif state.status in {"failed", "canceled"}:
        _refund_failed(refund, state)
    return refund


def note_charge(payment: Payment, details: Mapping[str, str]) -> None:
    """Keep how it was paid and where the provider's receipt is."""
    known = {name: value for name, value in details.items() if value}
    if known:
        Payment.objects.filter(pk=payment.pk).update(**known)


def lock_payment(payment_id: int, *, with_hold: bool = True) -> tuple[Payment, Hold | None]:
    """With the hold that it pays: work before hold before payment, as in the locking order."""
    hold = None
    if with_hold and (known := Hold.objects.filter(payments=payment_id).only("pk", "purpose").first()):
        hooks.of(known.purpose).lock(known.pk)
        hold = Hold.objects.select_for_update(no_key=True).get(pk=known.pk)
    return Payment.objects.select_for_update(no_key=True).get(pk=payment_id), hold


def _require_match(payment: Payment, intent: Intent) -> None:
    if payment.intent_id is None:  # the provider was quicker than our own note of its answer
        payment.intent_id = intent.id
    is_live = providers.is_live(payment.provider)
    expected = (payment.intent_id, payment.amount_minor, payment.currency, is_live)
    if expected != (intent.id, intent.amount_minor, intent.currency, intent.live):
        raise SettlementMismatch(f"intent {intent.id} is not that of payment {payment.pk}: {expected}")
    if intent.received_minor > payment.amount_minor:
        raise SettlementMismatch(f"intent {intent.id} received more than payment {payment.pk} asked for")


def _note(payment: Payment, intent: Intent) -> None:
    """Facts beside the status; a snapshot that does not know one leaves it as it is."""
    payment.unheard_since = None
    payment.client_secret = intent.client_secret or payment.client_secret
    payment.approval_url = intent.approval_url[:500] or payment.approval_url
    payment.method_label = intent.method_label[:60] or payment.method_label
    payment.receipt_url = intent.receipt_url[:500] or payment.receipt_url
    if payment.is_open and not _knows_less(payment, intent):
        payment.failure_code = intent.failure_code[:80]
        payment.failure_message = intent.failure_message[:300]
    payment.save(
        update_fields=[
            "intent_id",
            "unheard_since",
            "client_secret",
            "approval_url",
            "method_label",
            "receipt_url",
            "failure_code",
            "failure_message",
        ]
    )


def _move_for(payment: Payment, intent: Intent) -> str:
    if _knows_less(payment, intent):
        return ""
    if intent.status == "requires_payment_method" and (intent.failure_code or intent.failure_message):
        return "fail"
    return MOVE_FOR.get(intent.status, "")


def _knows_less(payment: Payment, intent: Intent) -> bool:
    """Asked before the person approved and answered after; and an order does not remember that it could not be taken.

    Only the taking itself says that it failed.
    """
    is_ahead = payment.status in {PaymentStatus.PROCESSING, PaymentStatus.FAILED} and _ends_by_our_word(payment)
    return is_ahead and intent.status == "requires_action"


def _ends_by_our_word(payment: Payment) -> bool:
    return providers.of(payment.provider).approved_elsewhere


def _post_arrival(payment: Payment, hold: Hold | None) -> None:
    if hold and hold.status == HoldStatus.PENDING and payment.received == hold.amount:
        fund_hold(hold, payment)
        return
    credit = ledger.credit(payment.payer_id)
    before, owed = lock_purse(payment.payer_id, payment.currency)
    journal = ledger.post(
        JournalKind.CREDIT,
        cause=f"payment:{payment.pk}",
        lines={ledger.clearing(payment.provider): -payment.received, credit: payment.received},
        actor=payment.payer,
        memo=payment.description,
    )
    amount = payment.received.as_string()
    audit.record(payment.payer, "payment.credited", payment, amount=amount, currency=payment.currency)
    issue_receipt(payment, journal)
    if hold:
        logger.warning("payment_came_late", payment_id=payment.pk, hold_id=hold.pk, hold_status=hold.status)
        set_aside(
            payment,
            sources={credit: payment.received},
            reason="This was called off before the payment arrived.",
            cause=f"late-payment:{payment.pk}",
            actor=None,
        )
    elif owed:
        settle_debt(payment.payer, payment=payment, credit=before + payment.received, owed=owed)
    else:
        notify(
            payment.payer,
            kind="credit_added",
            title=f"{payment.received} was added to your wallet",
            message=payment.description,
            url=reverse("wallet"),
            data={"payment_id": payment.pk},
        )


def _refund_failed(refund: Refund, state: ProviderRefund) -> None:
    if refund.status not in REFUND_LIFECYCLE.moves["fail"].sources:
        return
    was_sent = refund.status == RefundStatus.SUCCEEDED
    REFUND_LIFECYCLE.perform(refund, "fail", reason=state.failure_message, failure_message=state.failure_message[:300])
    if was_sent:
        ledger.post(
            JournalKind.REVERSAL,
            cause=f"refund:{refund.reference}",
            lines={ledger.clearing(refund.payment.provider): -refund.amount, ledger.REFUNDS: refund.amount},
            memo="The refund came back.",
        )
    audit.record(None, "refund.failed", refund, reason=state.failure_message, came_back=was_sent)
    logger.error("refund_failed", refund_id=refund.pk, reason=state.failure_message)
    if refund.payment.chargebacks.filter(status=ChargebackStatus.LOST).exists():
        jobs.enqueue("payments.follow_dispute", refund_id=refund.pk)


def _tell_refunded(refund: Refund) -> None:
    payment = refund.payment
    about = reverse("plan") if payment.subscription_id else reverse("wallet")
    notify(
        payment.payer,
        kind="refund_sent",
        title=f"{refund.amount} was sent back to you",
        message=payment.description,
        url=payment.hold.url if payment.hold else about,
        data={"payment_id": payment.pk, "refund_id": refund.pk},
    )
