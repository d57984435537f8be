"""Who may pay, and who may be paid out."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from accounts.policies import why_not_act, why_not_staff
from accounts.selectors import marketplace_rules
from core.errors import Refusal
from payments.models import Account, Chargeback, Hold, Payment, Payout
from payments.rules import AccountKind


def why_not_pay(actor: User, hold: Hold) -> Refusal | None:
    return why_not_read_bill(actor, hold) or why_not_act(actor) or why_not_order(actor)


def why_not_read_bill(actor: User, hold: Hold) -> Refusal | None:
    if hold.payer_id != actor.pk:
        return Refusal("not_the_payer", "Only the person who ordered this work pays for it.")
    return None


def why_not_order(actor: User) -> Refusal | None:
    """Hiring and paying in for work wait until what a chargeback left open is settled."""
    owed = Account.objects.filter(owner=actor, kind=AccountKind.DEBT, balance_minor__lt=0).first()
    if owed:
        return Refusal(
            "debt_open", f"You owe {-owed.balance} after a chargeback. Settle it in your wallet, then this works again."
        )
    return None


# --- Paying out ---------------------------------------------------------------------------------


def why_not_open_account(actor: User) -> Refusal | None:
    """People under suspension too: what they earned stays theirs."""
    if not actor.is_active:
        return Refusal("account_inactive", "This account is not active.")
    if not actor.has_verified_email:
        return Refusal("email_not_verified", "Confirm your e-mail address first: open the link that we sent you.")
    return None


def why_not_be_paid(actor: User) -> Refusal | None:
    """A suspension never takes earned money, so it is not asked for here. New accounts wait, which stolen cards don't."""
    if refusal := why_not_open_account(actor):
        return refusal
    opens = payouts_open_at(actor)
    if opens > timezone.now():
        return Refusal(
            "account_too_new",
            f"New accounts are paid out after {(opens - actor.date_joined).days} days: yours from {date_format(opens, 'j F Y')}.",
        )
    return None


def payouts_open_at(user: User) -> datetime:
    opens: datetime = user.date_joined + timedelta(days=marketplace_rules().payout_wait_days)
    return opens


def why_not_decide_payout(actor: User, payout: Payout) -> Refusal | None:
    if payout.user_id == actor.pk:
        return Refusal("own_payout", "Somebody else has to decide about your own payout.")
    return why_not_staff(actor, "payments.change_payout")


def why_not_refund_invoice(actor: User, payment: Payment) -> Refusal | None:
    if payment.payer_id == actor.pk:
        return Refusal("own_payment", "Somebody else has to refund your own plan.")
    return why_not_staff(actor, "payments.change_payment")


def why_not_send_refund_again(actor: User) -> Refusal | None:
    return why_not_staff(actor, "payments.change_refund")


def why_not_resolve_exception(actor: User) -> Refusal | None:
    return why_not_staff(actor, "payments.change_reconciliationexception")


def why_not_answer_chargeback(actor: User, chargeback: Chargeback) -> Refusal | None:
    if chargeback.payment.payer_id == actor.pk:
        return Refusal("own_chargeback", "Somebody else has to answer about your own payment.")
    return why_not_staff(actor, "payments.change_chargeback")
