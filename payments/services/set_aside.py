"""Setting money aside in the ledger, so that it can go back to where it came from."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from accounts.models import User
from accounts.services import audit
from core import jobs
from core.money import Money, total
from payments import ledger
from payments.models import Payment, Refund
from payments.rules import JournalKind
from payments.services.documents import issue_credit_note


@transaction.atomic
def set_aside(
    payment: Payment, *, sources: Mapping[ledger.Bucket, Money], reason: str, cause: str, actor: User | None
) -> Refund:
    """Reserve what `sources` give to go back by the locked `payment`, and queue its sending.

    The database refuses more than was received.
    """
    amount = total(sources.values(), payment.currency)
    refund = Refund.objects.create(
        payment=payment, amount_minor=amount.minor, currency=amount.currency, reason=reason[:200], requested_by=actor
    )
    refund.events.create(move="set_aside", to_status=refund.status, actor=actor, reason=reason)
    Payment.objects.filter(pk=payment.pk).update(refunded_minor=F("refunded_minor") + amount.minor)
    payment.refunded_minor += amount.minor
    journal = ledger.post(
        JournalKind.REFUND,
        cause=cause or f"refund:{refund.pk}",
        lines={**{source: -given for source, given in sources.items()}, ledger.REFUNDS: amount},
        hold=payment.hold if any(source.hold_id for source in sources) else None,
        actor=actor,
        memo=reason[:200],
    )
    refund.journal = journal
    refund.save(update_fields=["journal"])
    audit.record(actor, "refund.set_aside", refund, reason=reason, amount=amount.as_string(), currency=amount.currency)
    issue_credit_note(refund, journal, tax=sources.get(ledger.TAXES, Money(0, amount.currency)))
    jobs.enqueue("payments.send_refund", refund_id=refund.pk)
    return refund
