from payments.models.customer import PaymentCustomer
from payments.models.document import Document, DocumentCounter
from payments.models.hold import Hold, HoldEvent
from payments.models.ledger import Account, Journal, Line
from payments.models.payment import Payment, PaymentEvent, ProviderEvent, Refund, RefundEvent
from payments.models.subscription import Plan, Subscription, SubscriptionEvent

__all__ = [
    "Account",
    "Document",
    "DocumentCounter",
    "Hold",
    "HoldEvent",
    "Journal",
    "Line",
    "Payment",
    "PaymentCustomer",
    "PaymentEvent",
    "Plan",
    "ProviderEvent",
    "Refund",
    "RefundEvent",
    "Subscription",
    "SubscriptionEvent",
]
