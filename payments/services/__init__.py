"""Use cases of money."""

from payments.services.answering import accept_chargeback, answer_chargeback, send_acceptance, send_evidence
from payments.services.billing import refresh_invoice, settle_invoice, settle_subscription
from payments.services.chargebacks import refresh_chargeback, settle_chargeback
from payments.services.connect import begin_onboarding, open_connect_account, refresh_connect_account, settle_account
from payments.services.customers import ensure_customer, forget_card, list_cards, saved_cards
from payments.services.debts import left_open, to_write_off, write_off_debt, written_off
from payments.services.events import process_event, store_event
from payments.services.exceptions import resolve_exception
from payments.services.holds import freeze_hold, open_hold, refund_hold, release_hold, split_hold, unfreeze_hold
from payments.services.paying import create_payment, pay_debt, pay_hold, require_chargeable
from payments.services.payments import (
    cancel_payment,
    capture_payment,
    confirm_payment,
    expect_news,
    refresh_payment,
    refuse_declined,
    withdraw_payment,
)
from payments.services.payouts import approve_payout, cancel_payout, reject_payout, request_payout
from payments.services.proving import ask_for_check, check_ledger, watch_checks
from payments.services.reconciliation import reconcile
from payments.services.recovery import recover
from payments.services.refunds import follow_dispute, refund_invoice, request_refund, retry_refund, send_refund
from payments.services.sending import refresh_payout, return_transfer, send_payout, settle_payout, settle_transfer
from payments.services.settle import settle_payment, settle_refund
from payments.services.subscriptions import (
    cancel_subscription,
    end_paid_back,
    follow_overdue,
    pay_subscription,
    refresh_subscription,
    refuse_declined_subscription,
    resume_subscription,
    subscribe,
)

__all__ = [
    "accept_chargeback",
    "answer_chargeback",
    "approve_payout",
    "ask_for_check",
    "begin_onboarding",
    "cancel_payment",
    "cancel_payout",
    "cancel_subscription",
    "capture_payment",
    "check_ledger",
    "confirm_payment",
    "create_payment",
    "end_paid_back",
    "ensure_customer",
    "expect_news",
    "follow_dispute",
    "follow_overdue",
    "forget_card",
    "freeze_hold",
    "left_open",
    "list_cards",
    "open_connect_account",
    "open_hold",
    "pay_debt",
    "pay_hold",
    "pay_subscription",
    "process_event",
    "reconcile",
    "recover",
    "refresh_chargeback",
    "refresh_connect_account",
    "refresh_invoice",
    "refresh_payment",
    "refresh_payout",
    "refresh_subscription",
    "refund_hold",
    "refund_invoice",
    "refuse_declined",
    "refuse_declined_subscription",
    "reject_payout",
    "release_hold",
    "request_payout",
    "request_refund",
    "require_chargeable",
    "resolve_exception",
    "resume_subscription",
    "retry_refund",
    "return_transfer",
    "saved_cards",
    "send_acceptance",
    "send_evidence",
    "send_payout",
    "send_refund",
    "settle_account",
    "settle_chargeback",
    "settle_invoice",
    "settle_payment",
    "settle_payout",
    "settle_refund",
    "settle_subscription",
    "settle_transfer",
    "split_hold",
    "store_event",
    "subscribe",
    "to_write_off",
    "unfreeze_hold",
    "watch_checks",
    "withdraw_payment",
    "write_off_debt",
    "written_off",
]
