"""Money set aside for one piece of work: opening, releasing, giving back."""

from functools import cache

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from core import jobs
from core.errors import Conflict, Invalid
from core.money import Money
from core.statements import Selection
from payments import hooks, ledger
from payments.models import Hold, Journal, Payment
from payments.rules import (
    HOLD_LIFECYCLE,
    OPEN_PAYMENTS,
    HoldStatus,
    JournalKind,
    PaymentStatus,
    ProviderName,
    nearest,
    step,
)
from payments.services.debts import lock_purse, purse_lines
from payments.services.documents import issue_fee_invoice, issue_receipt
from payments.services.set_aside import set_aside

ANY_HOLD = -1_000_001  # stands where a statement's parameter goes


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
    journal = ledger.post(
        JournalKind.FUND,
        cause=f"payment:{payment.pk}",
        lines={ledger.clearing(payment.provider): -hold.amount, ledger.held(hold): hold.amount},
        hold=hold,
        actor=hold.payer,
        memo=hold.title,
    )
    audit.record(
        hold.payer, "hold.funded", hold, payment=payment.pk, amount=hold.amount.as_string(), currency=hold.currency
    )
    hooks.of(hold.purpose).on_funded(hold)
    issue_receipt(payment, journal)


@transaction.atomic
def release_hold(actor: User | None, *, hold: Hold, cause: str, amount: Money | None = None) -> Hold:
    """Pay what is held, or `amount` of it, to the payee, less the fee. No actor: the system did, by a rule.

    Brings `hold` up to date. Repeating a `cause` changes nothing. Conflict: `hold_not_held`, `hold_frozen`, `amount_exceeds_held`.
    The money moves last: from then on nobody else can release, because the platform's account is locked.
    """
    _lock(hold, "payee")
    if journal := ledger.posted(JournalKind.RELEASE, cause):
        return _same_again(hold, journal)
    _require_held(hold)
    gross = hold.held if amount is None else amount
    if gross.minor <= 0 or gross > hold.held:
        raise Conflict("amount_exceeds_held", f"Only {hold.held} is held.")
    _require_steps(hold, gross)
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
    journal = ledger.post(
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
    issue_fee_invoice(hold, journal, figures)
    return hold


@transaction.atomic
def refund_hold(actor: User | None, *, hold: Hold, reason: str, cause: str, amount: Money | None = None) -> Hold:
    """Give back what is still held, or `amount` of it; call off what was not paid in yet. Brings `hold` up to date.

    Repeating it changes nothing. Conflict: `hold_not_held` when everything went to the payee, `amount_exceeds_held`,
    `hold_frozen` during a dispute. As in a release the money moves last: what follows from the end of this hold may
    release another one, and everybody locks the platform's fees before its refunds.
    """
    _lock(hold)
    if journal := ledger.posted(JournalKind.REFUND, cause):
        return _same_again(hold, journal)
    if hold.status in {HoldStatus.CANCELLED, HoldStatus.REFUNDED}:
        return hold
    if hold.status == HoldStatus.PENDING:
        return _call_off(actor, hold, reason)
    _require_held(hold)
    back = hold.held if amount is None else amount
    if back.minor <= 0 or back > hold.held:
        raise Conflict("amount_exceeds_held", f"Only {hold.held} is held.")
    _require_steps(hold, back)
    is_all = back == hold.held
    HOLD_LIFECYCLE.perform(
        hold,
        "refund" if is_all else "refund_part",
        actor=actor,
        reason=reason,
        held_minor=hold.held_minor - back.minor,
        refunded_minor=hold.refunded_minor + back.minor,
    )
    audit.record(
        actor, "hold.refunded", hold, cause=cause, reason=reason, amount=back.as_string(), currency=hold.currency
    )
    if is_all:
        hooks.of(hold.purpose).on_refunded(hold)
    payment = hold.payments.select_for_update(no_key=True).get(status=PaymentStatus.SUCCEEDED)
    if back > payment.left:
        _to_purse(actor, hold, back, reason, cause)
    else:
        set_aside(payment, sources={ledger.held(hold): back}, reason=reason, cause=cause, actor=actor)
    return hold


@transaction.atomic
def freeze_hold(actor: User | None, *, hold: Hold, reason: str) -> Hold:
    """A dispute stops every movement of what is held until `split_hold` (or `unfreeze_hold`). Repeating is harmless."""
    _lock(hold)
    if hold.frozen_at is None:
        _require_held(hold)
        HOLD_LIFECYCLE.perform(hold, "freeze", actor=actor, reason=reason, frozen_at=timezone.now())
        audit.record(actor, "hold.frozen", hold, reason=reason)
    return hold


@transaction.atomic
def unfreeze_hold(actor: User | None, *, hold: Hold, reason: str) -> Hold:
    """The dispute ended without a decision about the money, so the usual rules go on."""
    _lock(hold)
    if hold.frozen_at is not None:
        HOLD_LIFECYCLE.perform(hold, "unfreeze", actor=actor, reason=reason, frozen_at=None)
        audit.record(actor, "hold.unfrozen", hold, reason=reason)
    return hold


@transaction.atomic
def split_hold(actor: User | None, *, hold: Hold, to_payee: Money, reason: str, cause: str) -> Hold:
    """The outcome of a dispute: `to_payee` (gross) of what is held is released, the rest goes back to the payer.

    Conflict `amount_exceeds_held`, `cause_already_used`. Repeating a `cause` changes nothing.
    """
    _lock(hold)
    if journal := ledger.posted(JournalKind.RELEASE, cause) or ledger.posted(JournalKind.REFUND, cause):
        return _same_again(hold, journal)
    if to_payee > hold.held:
        raise Conflict("amount_exceeds_held", f"Only {hold.held} is held.")
    unfreeze_hold(actor, hold=hold, reason=reason)
    if to_payee:
        release_hold(actor, hold=hold, amount=to_payee, cause=cause)
    if hold.held:
        refund_hold(actor, hold=hold, reason=reason, cause=cause)
    return hold


def _to_purse(actor: User | None, hold: Hold, back: Money, reason: str, cause: str) -> None:
    """The payer's bank took this payment back already, so what is left of it settles the debt or becomes credit."""
    _, owed = lock_purse(hold.payer_id, hold.currency)
    ledger.post(
        JournalKind.REFUND,
        cause=cause,
        lines={ledger.held(hold): -back, **purse_lines(hold.payer_id, back, owed)},
        hold=hold,
        actor=actor,
        memo=reason[:200],
    )
    audit.record(
        actor,
        "hold.credited_to_payer",
        hold,
        cause=cause,
        amount=back.as_string(),
        settled=min(back, owed).as_string(),
        currency=hold.currency,
    )


def _call_off(actor: User | None, hold: Hold, reason: str) -> Hold:
    """Money that still comes in by a payment under way is sent back when it arrives: see payments.services.settle."""
    HOLD_LIFECYCLE.perform(hold, "cancel", actor=actor, reason=reason)
    audit.record(actor, "hold.called_off", hold, reason=reason)
    for payment_id in hold.payments.filter(status__in=OPEN_PAYMENTS).values_list("pk", flat=True):
        jobs.enqueue("payments.cancel_payment", payment_id=payment_id)
    return hold


def _lock(hold: Hold, *related: str) -> None:
    _locked(*related).refresh(hold, hold=hold.pk)


@cache
def _locked(*related: str) -> Selection[Hold]:
    rows = Hold.objects.select_for_update(of=("self",), no_key=True).select_related(*related or [None])
    return Selection(rows.filter(pk=ANY_HOLD).order_by(), hold=ANY_HOLD)


def _require_held(hold: Hold) -> None:
    if hold.frozen_at is not None:
        raise Conflict("hold_frozen", "These funds are in dispute, so they move only by its outcome.")
    if hold.status != HoldStatus.HELD:
        raise Conflict("hold_not_held", f"These funds are not held any more: {hold.get_status_display().lower()}.")


def _require_steps(hold: Hold, part: Money) -> None:
    """Parts leave a rest that the provider can send back: it takes some currencies only in coarser units."""
    if all(part.minor % step(name, part.currency) == 0 for name in ProviderName) or part == hold.held:
        return
    provider = hold.payments.get(status=PaymentStatus.SUCCEEDED).provider
    if part.minor % step(provider, part.currency):
        reason = f"The rest could not be sent back in full. Choose a rounder amount, such as {nearest(provider, part)}."
        raise Invalid("amount_not_payable", reason, fields={"amount": [reason]})


def _same_again(hold: Hold, journal: Journal) -> Hold:
    if journal.hold_id != hold.pk:
        raise Conflict("cause_already_used", "This already moved other funds.")
    return hold
