"""Use cases of money."""

from payments.services.billing import settle_invoice, settle_subscription
from payments.services.customers import ensure_customer, saved_cards
from payments.services.events import process_event, store_event
from payments.services.holds import freeze_hold, open_hold, refund_hold, release_hold, split_hold, unfreeze_hold
from payments.services.payments import (
    cancel_payment,
    capture_payment,
    confirm_payment,
    create_payment,
    pay_hold,
    refresh_payment,
    refuse_declined,
    withdraw_payment,
)
from payments.services.recovery import recover
from payments.services.refunds import request_refund, retry_refund, send_refund
from payments.services.settle import settle_payment, settle_refund
from payments.services.subscriptions import (
    cancel_subscription,
    follow_overdue,
    pay_subscription,
    refresh_subscription,
    refuse_declined_subscription,
    resume_subscription,
    subscribe,
)

__all__ = [
    "cancel_payment",
    "cancel_subscription",
    "capture_payment",
    "confirm_payment",
    "create_payment",
    "ensure_customer",
    "follow_overdue",
    "freeze_hold",
    "open_hold",
    "pay_hold",
    "pay_subscription",
    "process_event",
    "recover",
    "refresh_payment",
    "refresh_subscription",
    "refund_hold",
    "refuse_declined",
    "refuse_declined_subscription",
    "release_hold",
    "request_refund",
    "resume_subscription",
    "retry_refund",
    "saved_cards",
    "send_refund",
    "settle_invoice",
    "settle_payment",
    "settle_refund",
    "settle_subscription",
    "split_hold",
    "store_event",
    "subscribe",
    "unfreeze_hold",
    "withdraw_payment",
]
