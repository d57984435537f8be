"""Asking for earned money, and what staff and the person decide before it leaves. Sending: payments.services.sending."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.selectors import marketplace_rules
from accounts.services import audit
from core import jobs
from core.errors import Conflict, Invalid, require
from core.money import Money
from core.queries import get_or_refuse
from notifications.services import notify
from payments import ledger, policies
from payments.models import ConnectAccount, Payout, PayoutApproval
from payments.rules import (
    APPROVALS_NEEDED,
    PAYOUT_LIFECYCLE,
    RESERVED_PAYOUTS,
    JournalKind,
    PayoutStatus,
    about,
    why_not_paid_out,
)

LATELY = timedelta(days=1)  # many small payouts within it are looked at like a large one

LETTERS = {
    "payout_failed": "payments/emails/payout_failed",
    "payout_paid": "payments/emails/payout_paid",
    "payout_rejected": "payments/emails/payout_rejected",
}


@transaction.atomic
def request_payout(actor: User, *, amount: Money) -> Payout:
    """Reserve `amount` of what the person earned, and queue its way to their bank.

    With what else was asked for within a day it is large or not: a large one waits for two members of staff.
    Forbidden: see payments.policies.why_not_be_paid. Invalid `amount` below the minimum, or not round enough for a bank.
    Conflict: `no_payout_account`, `payouts_not_enabled`, `currency_not_payable`, `amount_exceeds_available` (with the
    figure).
    """
    require(policies.why_not_be_paid(actor))
    account = _payable_account(actor, amount.currency)
    rules = marketplace_rules()
    minimum = about(rules.payout_minimum, amount.currency)
    if amount < minimum:
        raise Invalid(fields={"amount": [f"The least that is paid out is {minimum}."]})
    if reason := why_not_paid_out(amount):
        raise Invalid(fields={"amount": [reason]})
    _require_available(actor, amount)
    payout = Payout.objects.create(
        user=actor,
        account=account,
        amount_minor=amount.minor,
        currency=amount.currency,
        needs_approval=_asked_lately(actor, amount.currency) + amount
        > about(rules.payout_approval_over, amount.currency),
        bank_label=account.bank_label,
    )
    payout.events.create(move="request", to_status=payout.status, actor=actor)
    ledger.post(
        JournalKind.PAYOUT,
        cause=f"payout:{payout.pk}",
        lines={ledger.available(actor.pk): -amount, ledger.payouts(actor.pk): amount},
        actor=actor,
        memo=f"To {payout.bank_label or 'your bank'}",
    )
    audit.record(actor, "payout.requested", payout, amount=amount.as_string(), currency=amount.currency)
    if payout.needs_approval:
        PAYOUT_LIFECYCLE.perform(payout, "ask_approval")
    else:
        jobs.enqueue("payments.send_payout", payout_id=payout.pk)
    return payout


@transaction.atomic
def cancel_payout(actor: User, *, payout_id: int) -> Payout:
    """Keep the money after all, while nothing has left. Conflict `payout_already_sent`."""
    payout = _lock(get_or_refuse(Payout.objects.visible_to(actor), pk=payout_id).pk)
    if payout.status == PayoutStatus.CANCELLED:
        return payout
    PAYOUT_LIFECYCLE.perform(payout, "cancel", actor=actor, code="payout_already_sent")
    give_back(payout, "You cancelled this payout.")
    audit.record(actor, "payout.cancelled", payout)
    return payout


@transaction.atomic
def approve_payout(actor: User, *, payout_id: int) -> Payout:
    """Staff: agree to a large payout. The second one, by somebody else, sends it.

    Forbidden `own_payout`; Conflict `already_approved_by_you`, `payout_not_approveable`.
    """
    payout = _lock(payout_id)
    require(policies.why_not_decide_payout(actor, payout))
    if payout.status != PayoutStatus.AWAITING_APPROVAL:
        raise Conflict("payout_not_approveable", f"This payout is {payout.get_status_display().lower()}.")
    try:
        with transaction.atomic():
            PayoutApproval.objects.create(payout=payout, staff=actor)
    except IntegrityError as error:
        raise Conflict("already_approved_by_you", "You approved this. Somebody else has to do so too.") from error
    audit.record(actor, "payout.approved", payout)
    if payout.approvals.count() >= APPROVALS_NEEDED:
        PAYOUT_LIFECYCLE.perform(payout, "approve", actor=actor)
        jobs.enqueue("payments.send_payout", payout_id=payout.pk)
    return payout


@transaction.atomic
def reject_payout(actor: User, *, payout_id: int, reason: str) -> Payout:
    """Staff: the money goes back to where it was, and the person reads why."""
    payout = _lock(payout_id)
    require(policies.why_not_decide_payout(actor, payout))
    if not reason.strip():
        raise Invalid(fields={"reason": ["The person reads this, so say why."]})
    PAYOUT_LIFECYCLE.perform(
        payout, "reject", actor=actor, reason=reason, code="payout_not_rejectable", failure_message=reason[:300]
    )
    give_back(payout, "This payout was not approved.")
    audit.record(actor, "payout.rejected", payout, reason=reason)
    tell_payee(payout, "payout_rejected", f"Your payout of {payout.amount} was not approved", reason)
    return payout


def give_back(payout: Payout, memo: str) -> None:
    """What was reserved is available again, once. The caller made the move that allows it."""
    ledger.post(
        JournalKind.PAYOUT_BACK,
        cause=f"payout:{payout.pk}",
        lines={ledger.payouts(payout.user_id): -payout.amount, ledger.available(payout.user_id): payout.amount},
        memo=memo,
    )
    audit.record(None, "payout.given_back", payout, amount=payout.amount.as_string(), currency=payout.currency)


def tell_payee(payout: Payout, kind: str, title: str, message: str) -> None:
    notify(
        payout.user,
        kind=kind,
        title=title,
        message=message,
        url=reverse("payout", args=[payout.pk]),
        data={"payout_id": payout.pk},
        email=LETTERS[kind],
        context={"amount": payout.amount, "bank": payout.bank_label, "reason": message},
    )


def _lock(payout_id: int) -> Payout:
    return get_or_refuse(
        Payout.objects.select_related("user", "account").select_for_update(of=("self",), no_key=True), pk=payout_id
    )


def _payable_account(actor: User, currency: str) -> ConnectAccount:
    account: ConnectAccount | None = ConnectAccount.objects.filter(user=actor, account_id__isnull=False).first()
    if account is None:
        raise Conflict("no_payout_account", "Say first where you are paid, in your settings.")
    if not account.payouts_enabled:
        raise Conflict("payouts_not_enabled", "The payment provider needs more from you before it pays you out.")
    if currency not in account.currencies:
        takes = " and ".join(account.currencies)
        raise Conflict("currency_not_payable", f"Your bank account takes {takes}. Add one that takes {currency}.")
    return account


def _asked_lately(actor: User, currency: str) -> Money:
    """What did not come back of what else was asked for within a day. The caller locked the person's accounts."""
    rows = Payout.objects.visible_to(actor).filter(
        currency=currency, status__in=[*RESERVED_PAYOUTS, PayoutStatus.PAID], created_at__gt=timezone.now() - LATELY
    )
    return Money(rows.aggregate(sum=Sum("amount_minor", default=0))["sum"], currency)


def _require_available(actor: User, amount: Money) -> None:
    """Locks both of the person's accounts, so that of many requests at once each sees what the others left."""
    source = ledger.available(actor.pk)
    left = ledger.balances([source, ledger.payouts(actor.pk)], amount.currency)[source]
    if amount > left:
        raise Conflict("amount_exceeds_available", f"You have {left} available.")
