"""Plans whose money went back: they end."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from core import jobs
from payments.models import Chargeback, Payment, Subscription


def paid_back() -> QuerySet[Subscription]:
    """Those that still live though a bank took a payment of theirs, or all of the latest one went back."""
    payments = Payment.objects.filter(subscription=OuterRef("pk")).order_by("-pk")
    left = payments.values_list(F("received_minor") - F("refunded_minor") - F("charged_back_minor"))[:1]
    taken = Chargeback.objects.filter(payment__subscription=OuterRef("pk"), taken_at__isnull=False)
    found: QuerySet[Subscription] = (
        Subscription.objects.live().alias(left=Subquery(left)).filter(Q(left=0) | Q(Exists(taken)))
    )
    return found


def end_if_paid_back(payment: Payment) -> bool:
    """Queue the end of a payment's plan if it has to end; whether it has."""
    ends = paid_back().filter(payments=payment).exists()
    if ends:
        jobs.enqueue("payments.end_paid_back", subscription_id=payment.subscription_id)
    return ends
