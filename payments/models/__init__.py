from payments.models.chargeback import Chargeback, ChargebackEvent
from payments.models.customer import PaymentCustomer
from payments.models.hold import Hold, HoldEvent
from payments.models.ledger import Account, Journal, Line
from payments.models.payment import Payment, PaymentEvent, ProviderEvent, Refund, RefundEvent
from payments.models.payout import ConnectAccount, Payout, PayoutApproval, PayoutEvent
from payments.models.proof import LedgerCheck
from payments.models.reconciliation import ProviderTransaction, ReconciliationException, ReconciliationRun

__all__ = [
    "Account",
    "Chargeback",
    "ChargebackEvent",
    "ConnectAccount",
    "Hold",
    "HoldEvent",
    "Journal",
    "LedgerCheck",
    "Line",
    "Payment",
    "PaymentCustomer",
    "PaymentEvent",
    "Payout",
    "PayoutApproval",
    "PayoutEvent",
    "ProviderEvent",
    "ProviderTransaction",
    "ReconciliationException",
    "ReconciliationRun",
    "Refund",
    "RefundEvent",
]
