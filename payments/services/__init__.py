"""Use cases of money."""

from payments.services.chargebacks import answer_chargeback, refresh_chargeback, send_evidence, settle_chargeback
from payments.services.connect import (
    begin_onboarding,
    open_connect_account,
    refresh_connect_account,
    settle_account,
)
from payments.services.customers import ensure_customer, saved_cards
from payments.services.events import process_event, store_event
from payments.services.holds import freeze_hold, open_hold, refund_hold, release_hold, split_hold, unfreeze_hold
from payments.services.payments import (
    cancel_payment,
    capture_payment,
    confirm_payment,
    create_payment,
    pay_debt,
    pay_hold,
    refresh_payment,
    refuse_declined,
    require_chargeable,
    withdraw_payment,
)
from payments.services.payouts import approve_payout, cancel_payout, reject_payout, request_payout
from payments.services.recovery import recover
from payments.services.refunds import request_refund, retry_refund, send_refund
from payments.services.sending import refresh_payout, return_transfer, send_payout, settle_payout, settle_transfer
from payments.services.settle import settle_payment, settle_refund

__all__ = [
    "answer_chargeback",
    "approve_payout",
    "begin_onboarding",
    "cancel_payment",
    "cancel_payout",
    "capture_payment",
    "confirm_payment",
    "create_payment",
    "ensure_customer",
    "freeze_hold",
    "open_connect_account",
    "open_hold",
    "pay_debt",
    "pay_hold",
    "process_event",
    "recover",
    "refresh_chargeback",
    "refresh_connect_account",
    "refresh_payment",
    "refresh_payout",
    "refund_hold",
    "refuse_declined",
    "reject_payout",
    "release_hold",
    "request_payout",
    "request_refund",
    "require_chargeable",
    "retry_refund",
    "return_transfer",
    "saved_cards",
    "send_evidence",
    "send_payout",
    "send_refund",
    "settle_account",
    "settle_chargeback",
    "settle_payment",
    "settle_payout",
    "settle_refund",
    "settle_transfer",
    "split_hold",
    "store_event",
    "unfreeze_hold",
    "withdraw_payment",
]
