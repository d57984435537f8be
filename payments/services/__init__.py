"""Use cases of money."""

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
    require_chargeable,
    withdraw_payment,
)
from payments.services.recovery import recover
from payments.services.refunds import request_refund, retry_refund, send_refund
from payments.services.settle import settle_payment, settle_refund

__all__ = [
    "cancel_payment",
    "capture_payment",
    "confirm_payment",
    "create_payment",
    "ensure_customer",
    "freeze_hold",
    "open_hold",
    "pay_hold",
    "process_event",
    "recover",
    "refresh_payment",
    "refund_hold",
    "refuse_declined",
    "release_hold",
    "request_refund",
    "require_chargeable",
    "retry_refund",
    "saved_cards",
    "send_refund",
    "settle_payment",
    "settle_refund",
    "split_hold",
    "store_event",
    "unfreeze_hold",
    "withdraw_payment",
]
