"""Payments that the payer's bank disputes: what it takes, and what it gives back.

The money comes out of what is still held of that payment, or of what a plan brought in by it, then of the payer's credit;
the rest the payer owes. A plan ends with it. What somebody earned is never touched. What is frozen for a dispute between the
two sides is thawed for the bank alone: the app whose work it pays hears of it, and its dispute goes on over what is left, or
is over when nothing is.
"""

from typing import NamedTuple

import structlog
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.services import audit
from core import jobs
from core.money import Money
from notifications.services import notify
from payments import hooks, ledger, providers
from payments.errors import SettlementMismatch
from payments.models import Chargeback, Hold, Journal, Payment
from payments.providers import DisputeMove, ProviderDispute
from payments.rules import (
    CHARGEBACK_LIFECYCLE,
    HOLD_LIFECYCLE,
    MOVE_TO,
    OPEN_CHARGEBACKS,
    REVERSAL,
    ChargebackStatus,
    HoldStatus,
    JournalKind,
    PaymentStatus,
    ProviderName,
    RefundStatus,
    Taxed,
)
from payments.services.billing import book_what_paid
from payments.services.debts import left_open, lock_purse, purse_lines, written_off
from payments.services.documents import (
    chargeback_note,
    issue_chargeback_note,
    issue_invoice_again,
    part_of_invoice,
)
from payments.services.holds import freeze_hold, unfreeze_hold
from payments.services.paid_back import end_if_paid_back
from payments.services.payments import refresh_payment
from payments.services.settle import lock_payment

logger = structlog.get_logger(__name__)

STATUS_OF = {
    "warning_needs_response": ChargebackStatus.INQUIRY,
    "warning_under_review": ChargebackStatus.UNDER_REVIEW,
    "warning_closed": ChargebackStatus.CLOSED,
    "prevented": ChargebackStatus.CLOSED,
    "needs_response": ChargebackStatus.NEEDS_RESPONSE,
    "under_review": ChargebackStatus.UNDER_REVIEW,
    "won": ChargebackStatus.WON,
    "lost": ChargebackStatus.LOST,
}


def refresh_chargeback(dispute_id: str, *, provider: str = ProviderName.STRIPE) -> Chargeback | None:
    """Ask the provider how a dispute stands, and bring ours up to it. None if it is about no payment of ours."""
    state = providers.of(provider).retrieve_dispute(dispute_id)
    is_known = Payment.objects.filter(intent_id=state.intent_id).exists()
    if provider == ProviderName.STRIPE and state.intent_id and not is_known:
        book_what_paid(state.intent_id)
    return apply_dispute_state(state)


def apply_dispute_state(state: ProviderDispute) -> Chargeback | None:
    """Bring ours up to what the provider answered now. None if it is about no payment of ours."""
    payment = Payment.objects.filter(intent_id=state.intent_id).first() if state.intent_id else None
    if payment is None:
        logger.error("dispute_is_not_ours", dispute_id=state.id, intent_id=state.intent_id)
        return None
    if payment.status != PaymentStatus.SUCCEEDED:  # the news overtook that of the payment itself
        refresh_payment(payment.pk)
    return settle_chargeback(payment.pk, state)


@transaction.atomic
def settle_chargeback(payment_id: int, state: ProviderDispute) -> Chargeback:
    """Bring a chargeback up to the provider's snapshot of its dispute. Any number of times, the same end state."""
    payment, hold = lock_payment(payment_id)
    if payment.status != PaymentStatus.SUCCEEDED:
        raise SettlementMismatch(f"dispute {state.id} is about payment {payment.pk}, which is {payment.status}")
    chargeback = _known(payment, state)
    if (chargeback.payment_id, chargeback.amount_minor, chargeback.currency) != (
        payment.pk,
        state.amount_minor,
        state.currency,
    ):
        raise SettlementMismatch(f"dispute {state.id} is not the one that we know as chargeback {chargeback.pk}")
    if chargeback.taken_at is None and any(moved.amount_minor < 0 for moved in state.moves):
        _take(chargeback, payment, hold)
    if chargeback.given_back_at is None and any(moved.amount_minor > 0 for moved in state.moves):
        _give_back(chargeback, payment)
    for moved in state.moves:  # after the person's accounts were locked, which come first everywhere
        _book_fee(chargeback, payment, moved)
    _move(chargeback, state)
    Chargeback.objects.filter(pk=chargeback.pk).update(updated_at=timezone.now())
    return chargeback


def _known(payment: Payment, state: ProviderDispute) -> Chargeback:
    """The payment's lock lets only one be made."""
    if reopened := _disputed_after_reversal(payment, state):
        return reopened
    chargeback, is_new = Chargeback.objects.get_or_create(
        dispute_id=state.id,
        defaults={
            "payment": payment,
            "amount_minor": state.amount_minor,
            "currency": state.currency,
            "reason": state.reason[:60],
            "status": STATUS_OF[state.status],
            "answer_by": state.answer_by,
        },
    )
    if is_new:
        chargeback.events.create(move="open", to_status=chargeback.status, reason=chargeback.reason)
        audit.record(None, "chargeback.opened", chargeback, payment=payment.pk, reason=chargeback.reason)
        logger.warning("chargeback_opened", chargeback_id=chargeback.pk, payment_id=payment.pk)
    return chargeback


def _disputed_after_reversal(payment: Payment, state: ProviderDispute) -> Chargeback | None:
    """PayPal took the money by itself, and the payer disputes that payment only now: one chargeback, open again."""
    if state.id.startswith(REVERSAL) or Chargeback.objects.filter(dispute_id=state.id).exists():
        return None
    reversals = payment.chargebacks.filter(dispute_id__startswith=REVERSAL, amount_minor=state.amount_minor)
    if reversal := reversals.first():
        CHARGEBACK_LIFECYCLE.perform(reversal, "reopen", reason=state.reason, dispute_id=state.id)
        audit.record(None, "chargeback.reopened", reversal, payment=payment.pk, reason=state.reason)
        logger.warning("chargeback_reopened", chargeback_id=reversal.pk, payment_id=payment.pk)
    return reversal


def _move(chargeback: Chargeback, state: ProviderDispute) -> None:
    """An older snapshot that arrives later finds a decided chargeback and changes nothing."""
    target = STATUS_OF[state.status]
    name = MOVE_TO[target]
    if chargeback.status == target or chargeback.status not in CHARGEBACK_LIFECYCLE.moves[name].sources:
        return
    CHARGEBACK_LIFECYCLE.perform(chargeback, name, answer_by=state.answer_by or chargeback.answer_by)
    if target not in OPEN_CHARGEBACKS:
        for refund in chargeback.payment.refunds.filter(status=RefundStatus.FAILED):
            jobs.enqueue("payments.follow_dispute", refund_id=refund.pk)
    if target == ChargebackStatus.LOST:
        audit.record(None, "chargeback.lost", chargeback)
        _tell(
            chargeback,
            f"{_bank(chargeback)} has decided for you",
            "What it took back stays with you" + ("; what you owe us stays open." if left_open(chargeback) else "."),
        )


class _Parts(NamedTuple):
    """What a chargeback is made of. `counted`: as much of the payment goes; what is beyond was refunded before."""

    counted: Money
    from_hold: Money
    from_plan: Taxed
    from_credit: Money
    owed: Money


def _take(chargeback: Chargeback, payment: Payment, hold: Hold | None) -> None:
    """The bank has taken the money: the books follow, and all who are concerned hear of it."""
    was_frozen = hold is not None and hold.frozen_at is not None
    parts = _parts_of(chargeback, payment, hold)
    if hold and parts.from_hold:
        _take_from_hold(hold, parts.from_hold)
    journal = _book(chargeback, payment, hold, parts)
    _count(chargeback, payment, parts.counted.minor)
    told = []
    if payment.subscription_id:
        issue_chargeback_note(payment, journal, parts.from_plan)
        if end_if_paid_back(payment):
            told.append("Your plan ends with it, and nothing more is charged.")
    if parts.owed:
        told.append(f"You owe {parts.owed}: settle it in your wallet before you hire or pay in again.")
    _tell(chargeback, f"{_bank(chargeback)} took back {chargeback.amount}", " ".join(told))
    if hold and parts.from_hold:
        _tell_app(hold, was_frozen=was_frozen)


def _parts_of(chargeback: Chargeback, payment: Payment, hold: Hold | None) -> _Parts:
    """Locks the payer's purse, whose credit is read here."""
    amount, nothing = chargeback.amount, Money(0, chargeback.currency)
    counted = min(amount, payment.left)
    from_hold = min(amount, hold.held) if hold and hold.status == HoldStatus.HELD else nothing
    from_plan = part_of_invoice(payment, counted) if payment.subscription_id else Taxed(nothing, nothing)
    rest = amount - from_hold - from_plan.gross
    credit, _ = lock_purse(payment.payer_id, chargeback.currency)
    from_credit = min(rest, credit)
    return _Parts(counted, from_hold, from_plan, from_credit, rest - from_credit)


def _book(chargeback: Chargeback, payment: Payment, hold: Hold | None, parts: _Parts) -> Journal:
    lines = {
        ledger.clearing(payment.provider): chargeback.amount,
        ledger.SUBSCRIPTIONS: -parts.from_plan.net,
        ledger.TAXES: -parts.from_plan.tax,
        ledger.credit(payment.payer_id): -parts.from_credit,
        ledger.debt(payment.payer_id): -parts.owed,
    }
    if hold and parts.from_hold:
        lines[ledger.held(hold)] = -parts.from_hold
    journal = ledger.post(
        JournalKind.CHARGEBACK,
        cause=f"chargeback:{chargeback.pk}",
        lines=lines,
        hold=hold if parts.from_hold else None,
        memo=str(payment),
    )
    audit.record(
        None,
        "chargeback.taken",
        chargeback,
        from_hold=parts.from_hold.as_string(),
        from_plan=parts.from_plan.gross.as_string(),
        from_credit=parts.from_credit.as_string(),
        owed=parts.owed.as_string(),
        currency=chargeback.currency,
    )
    return journal


def _count(chargeback: Chargeback, payment: Payment, counted: int) -> None:
    """So much less of the payment is left."""
    Payment.objects.filter(pk=payment.pk).update(charged_back_minor=F("charged_back_minor") + counted)
    payment.charged_back_minor += counted
    chargeback.taken_at = timezone.now()
    chargeback.counted_minor = counted
    chargeback.save(update_fields=["taken_at", "counted_minor"])


def _tell_app(hold: Hold, *, was_frozen: bool) -> None:
    """Whose work it was paid for. A dispute of the two sides goes on over what is left."""
    if hold.status == HoldStatus.REFUNDED:
        hooks.of(hold.purpose).on_refunded(hold)
    elif was_frozen:
        freeze_hold(None, hold=hold, reason="The dispute goes on over what is left.")
    hooks.of(hold.purpose).on_charged_back(hold)


def _take_from_hold(hold: Hold, amount: Money) -> None:
    unfreeze_hold(None, hold=hold, reason="The bank of who paid takes it back.")
    HOLD_LIFECYCLE.perform(
        hold,
        "refund" if amount == hold.held else "refund_part",
        reason="The bank of who paid took it back.",
        held_minor=hold.held_minor - amount.minor,
        refunded_minor=hold.refunded_minor + amount.minor,
    )


def _give_back(chargeback: Chargeback, payment: Payment) -> None:
    """The bank decided for us: what was written off or paid for a plan is ours again; the rest is the payer's.

    Who owes has that much less to settle.
    """
    _, owed = lock_purse(payment.payer_id, chargeback.currency)
    nothing = Money(0, chargeback.currency)
    ours = written_off(chargeback)
    note = chargeback_note(chargeback)
    of_plan = Taxed(note.net, note.tax) if note else Taxed(nothing, nothing)
    theirs = chargeback.amount - ours - of_plan.gross
    journal = ledger.post(
        JournalKind.CHARGEBACK_WON,
        cause=f"chargeback:{chargeback.pk}",
        lines={
            ledger.clearing(payment.provider): -chargeback.amount,
            ledger.LOSSES: ours,
            ledger.SUBSCRIPTIONS: of_plan.net,
            ledger.TAXES: of_plan.tax,
            **purse_lines(payment.payer_id, theirs, owed),
        },
        memo=str(payment),
    )
    Payment.objects.filter(pk=payment.pk).update(charged_back_minor=F("charged_back_minor") - chargeback.counted_minor)
    payment.charged_back_minor -= chargeback.counted_minor
    chargeback.counted_minor = 0
    chargeback.given_back_at = timezone.now()
    chargeback.save(update_fields=["counted_minor", "given_back_at"])
    audit.record(None, "chargeback.given_back", chargeback)
    settled = min(owed, theirs)
    rest = theirs - settled
    told = [f"{settled} of what you owed is settled."] * bool(settled) + [f"{rest} is in your credit."] * bool(rest)
    if note:
        invoice = issue_invoice_again(payment, journal, note)
        told.insert(0, f"What you paid for the plan stays paid: invoice {invoice.reference}.")
    _tell(chargeback, f"{_bank(chargeback)} gave back {chargeback.amount}", " ".join(told))


def _book_fee(chargeback: Chargeback, payment: Payment, moved: DisputeMove) -> None:
    fee, cause = Money(moved.fee_minor, moved.currency), f"balance_transaction:{moved.id}"
    if not fee:
        return
    # The comparison with the provider books it too: whoever has the accounts looks whether the other one did.
    ledger.balances([ledger.clearing(payment.provider), ledger.COSTS], fee.currency)
    if ledger.posted(JournalKind.PROVIDER_FEE, cause):
        return
    ledger.post(
        JournalKind.PROVIDER_FEE,
        cause=cause,
        lines={ledger.clearing(payment.provider): fee, ledger.COSTS: -fee},
        memo="Fee of a chargeback",
    )
    audit.record(None, "chargeback.fee_booked", chargeback, amount=fee.as_string(), currency=fee.currency)


def _bank(chargeback: Chargeback) -> str:
    """Who decides about the payment, to the person who paid."""
    return "PayPal" if chargeback.payment.provider == ProviderName.PAYPAL else "Your bank"


def _tell(chargeback: Chargeback, title: str, message: str) -> None:
    notify(
        chargeback.payment.payer,
        kind="chargeback_news",
        title=title,
        message=message or str(chargeback.payment),
        url=reverse("plan" if chargeback.payment.subscription_id else "wallet"),
        data={"payment_id": chargeback.payment_id},
        email="payments/emails/chargeback_news",
        context={"payment": str(chargeback.payment), "of_plan": bool(chargeback.payment.subscription_id)},
    )
