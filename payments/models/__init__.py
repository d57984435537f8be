from payments.models.customer import PaymentCustomer
from payments.models.hold import Hold, HoldEvent
from payments.models.ledger import Account, Journal, Line
from payments.models.payment import Payment, PaymentEvent, ProviderEvent, Refund, RefundEvent

__all__ = [
    "Account",
    "Hold",
    "HoldEvent",
    "Journal",
    "Line",
    "Payment",
    "PaymentCustomer",
    "PaymentEvent",
    "ProviderEvent",
    "Refund",
    "RefundEvent",
]
