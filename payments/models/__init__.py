from payments.models.chargeback import Chargeback, ChargebackEvent
from payments.models.customer import PaymentCustomer
from payments.models.document import Document, DocumentCounter
from payments.models.hold import Hold, HoldEvent
from payments.models.ledger import Account, Journal, Line
from payments.models.payment import Payment, PaymentEvent, ProviderEvent, Refund, RefundEvent
from payments.models.payout import ConnectAccount, Payout, PayoutApproval, PayoutEvent
from payments.models.proof import LedgerCheck
from payments.models.reconciliation import ProviderTransaction, ReconciliationException, ReconciliationRun
from payments.models.subscription import Plan, Subscription, SubscriptionEvent
from payments.models.write_off import WriteOff

__all__ = [
    "Account",
    "Chargeback",
    "ChargebackEvent",
    "ConnectAccount",
    "Document",
    "DocumentCounter",
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
    "Plan",
    "ProviderEvent",
    "ProviderTransaction",
    "ReconciliationException",
    "ReconciliationRun",
    "Refund",
    "RefundEvent",
    "Subscription",
    "SubscriptionEvent",
    "WriteOff",
]
