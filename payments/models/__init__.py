from payments.models.customer import PaymentCustomer
from payments.models.hold import Hold, HoldEvent
from payments.models.ledger import Account, Journal, Line
from payments.models.payment import Payment, PaymentEvent, ProviderEvent, Refund, RefundEvent
from payments.models.proof import LedgerCheck
from payments.models.reconciliation import ProviderTransaction, ReconciliationException, ReconciliationRun

__all__ = [
    "Account",
    "Hold",
    "HoldEvent",
    "Journal",
    "LedgerCheck",
    "Line",
    "Payment",
    "PaymentCustomer",
    "PaymentEvent",
    "ProviderEvent",
    "ProviderTransaction",
    "ReconciliationException",
    "ReconciliationRun",
    "Refund",
    "RefundEvent",
]
