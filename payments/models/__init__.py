from payments.models.chargeback import Chargeback, ChargebackEvent
from payments.models.customer import PaymentCustomer
from payments.models.hold import Hold, HoldEvent
from payments.models.ledger import Account, Journal, Line
from payments.models.payment import Payment, PaymentEvent, ProviderEvent, Refund, RefundEvent
from payments.models.payout import ConnectAccount, Payout, PayoutApproval, PayoutEvent

__all__ = [
    "Account",
    "Chargeback",
    "ChargebackEvent",
    "ConnectAccount",
    "Hold",
    "HoldEvent",
    "Journal",
    "Line",
    "Payment",
    "PaymentCustomer",
    "PaymentEvent",
    "Payout",
    "PayoutApproval",
    "PayoutEvent",
    "ProviderEvent",
    "Refund",
    "RefundEvent",
]
