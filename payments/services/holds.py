"""Money set aside for one piece of work: opening, releasing, giving back."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from core import jobs
from core.errors import Conflict
from core.money import Money
from payments import hooks, ledger
from payments.models import Hold, Journal, Payment
from payments.rules import HOLD_LIFECYCLE, OPEN_PAYMENTS, HoldStatus, JournalKind, PaymentStatus
from payments.services.set_aside import set_aside


def open_hold(
    *, payer: User, payee: User, amount: Money, fee_bps: int, purpose: str, title: str, url: str = ""
) -> Hold:
    """Agree on what is to be paid in. Its terms are frozen; a changed agreement opens another one."""
    hold = Hold.objects.create(
        payer=payer,
        payee=payee,
        amount_minor=amount.minor,
        currency=amount.currency,
        fee_bps=fee_bps,
        purpose=purpose,
        title=title,
        url=url,
    )
    hold.events.create(move="open", to_status=hold.status, actor=payer)
    return hold


def fund_hold(hold: Hold, payment: Payment) -> None:
    """The payment brought the hold's money. The caller has locked both."""
    HOLD_LIFECYCLE.perform(
        hold,
        "fund",
        actor=hold.payer,
        funded_minor=hold.amount_minor,
        held_minor=hold.amount_minor,
        funded_at=timezone.now(),
    )
    ledger.post(
        JournalKind.FUND,
        cause=f"payment:{payment.pk}",
        lines={ledger.PROVIDER: -hold.amount, ledger.held(hold): hold.amount},
        hold=hold,
        actor=hold.payer,
        memo=hold.title,
    )
    audit.record(
        hold.payer, "hold.funded", hold, payment=payment.pk, amount=hold.amount.as_string(), currency=hold.currency
    )
    hooks.of(hold.purpose).on_funded(hold)


@transaction.atomic
def release_hold(actor: User | None, *, hold: Hold, cause: str, amount: Money | None = None) -> Hold:
    """Pay what is held, or `amount` of it, to the payee, less the fee. No actor: the system did, by a rule.

    Brings `hold` up to date. Repeating a `cause` changes nothing. Conflict: `hold_not_held`, `amount_exceeds_held`.
    """
    _lock(hold)
    if journal := ledger.posted(JournalKind.RELEASE, cause):
        return _same_again(hold, journal)
    _require_held(hold)
    gross = hold.held if amount is None else amount
    if gross.minor <= 0 or gross > hold.held:
        raise Conflict("amount_exceeds_held", f"Only {hold.held} is held.")
    figures = hold.quote(gross)
    HOLD_LIFECYCLE.perform(
        hold,
        "release" if gross == hold.held else "release_part",
        actor=actor,
        reason=cause,
        held_minor=hold.held_minor - figures.gross.minor,
        released_minor=hold.released_minor + figures.net.minor,
        fee_minor=hold.fee_minor + figures.fee.minor,
    )
    ledger.post(
        JournalKind.RELEASE,
        cause=cause,
        lines={
            ledger.held(hold): -figures.gross,
            ledger.FEES: figures.fee,
            ledger.available(hold.payee_id): figures.net,
        },
        hold=hold,
        actor=actor,
        memo=hold.title,
    )
    audit.record(
        actor,
        "hold.released",
        hold,
        cause=cause,
        amount=figures.gross.as_string(),
        fee=figures.fee.as_string(),
        currency=hold.currency,
    )
    hooks.of(hold.purpose).on_released(hold)
    return hold


@transaction.atomic
def refund_hold(actor: User | None, *, hold: Hold, reason: str, cause: str) -> Hold:
    """Give back what is still held; call off what was not paid in yet. Brings `hold` up to date.

    Repeating it changes nothing. Conflict `hold_not_held` when everything went to the payee.
    """
    _lock(hold)
    if hold.status in {HoldStatus.CANCELLED, HoldStatus.REFUNDED}:
        return hold
    if hold.status == HoldStatus.PENDING:
        return _call_off(actor, hold, reason)
    _require_held(hold)
    amount = hold.held
    HOLD_LIFECYCLE.perform(
        hold, "refund", actor=actor, reason=reason, held_minor=0, refunded_minor=hold.refunded_minor + amount.minor
    )
    set_aside(
        hold.payments.select_for_update(no_key=True).get(status=PaymentStatus.SUCCEEDED),
        amount=amount,
        source=ledger.held(hold),
        reason=reason,
        cause=cause,
        actor=actor,
    )
    audit.record(
        actor, "hold.refunded", hold, cause=cause, reason=reason, amount=amount.as_string(), currency=hold.currency
    )
    hooks.of(hold.purpose).on_refunded(hold)
    return hold


def _call_off(actor: User | None, hold: Hold, reason: str) -> Hold:
    """Money that still comes in by a payment under way is sent back when it arrives: see payments.services.settle."""
    HOLD_LIFECYCLE.perform(hold, "cancel", actor=actor, reason=reason)
    audit.record(actor, "hold.called_off", hold, reason=reason)
    for payment_id in hold.payments.filter(status__in=OPEN_PAYMENTS).values_list("pk", flat=True):
        jobs.enqueue("payments.cancel_payment", payment_id=payment_id)
    return hold


def _lock(hold: Hold) -> None:
    hold.refresh_from_db(from_queryset=Hold.objects.select_for_update(no_key=True))


def _require_held(hold: Hold) -> None:
    if hold.status != HoldStatus.HELD:
        raise Conflict("hold_not_held", f"These funds are not held any more: {hold.get_status_display().lower()}.")


def _same_again(hold: Hold, journal: Journal) -> Hold:
    if journal.hold_id != hold.pk:
        raise Conflict("cause_already_used", "This was already the cause of another release.")
    return hold
