"""What our staff say to a bank that disputes a payment: evidence, or that nobody will answer."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from core import jobs
from core.errors import Conflict, Invalid, require
from core.queries import get_or_refuse
from payments import policies, providers
from payments.models import Chargeback
from payments.rules import LONGEST_EVIDENCE, OPEN_CHARGEBACKS, ProviderName, evidence_text
from payments.services.chargebacks import settle_chargeback


@transaction.atomic
def answer_chargeback(actor: User, *, chargeback_id: int, evidence: Mapping[str, str]) -> Chargeback:
    """Staff: what the bank should know, in words; sent once, by a job. Conflict `chargeback_not_answerable`."""
    chargeback = get_or_refuse(
        Chargeback.objects.select_related("payment").select_for_update(of=("self",), no_key=True), pk=chargeback_id
    )
    require(policies.why_not_answer_chargeback(actor, chargeback))
    if not chargeback.can_be_answered:
        raise Conflict("chargeback_not_answerable", "This was answered already, or the bank has decided.")
    told = {name: text.strip() for name, text in evidence.items() if text.strip()}
    if not told:
        raise Invalid(fields={"uncategorized_text": ["Say at least one thing."]})
    longest, length = LONGEST_EVIDENCE.get(ProviderName(chargeback.payment.provider)), len(evidence_text(told))
    if longest and length > longest:
        reason = f"PayPal takes {longest} characters in all, and this is {length}. Say it in fewer words."
        raise Invalid(fields={"uncategorized_text": [reason]})
    chargeback.evidence = told
    chargeback.evidence_by = actor
    chargeback.evidence_asked_at = timezone.now()
    chargeback.save(update_fields=["evidence", "evidence_by", "evidence_asked_at"])
    audit.record(actor, "chargeback.answered", chargeback, fields=sorted(told))
    jobs.enqueue("payments.send_evidence", chargeback_id=chargeback.pk)
    return chargeback


def send_evidence(chargeback_id: int) -> Chargeback:
    """Hand the answer of our staff to the provider. Safe to repeat; not within a transaction."""
    chargeback = Chargeback.objects.select_related("payment").get(pk=chargeback_id)
    if chargeback.evidence_asked_at is None or chargeback.evidence_sent_at:
        return chargeback
    state = providers.of(chargeback.payment.provider).send_evidence(
        chargeback.dispute_id, key=f"evidence-{chargeback.dispute_id}", evidence=chargeback.evidence
    )
    with transaction.atomic():  # what is noted as sent is not asked about again for hours
        chargeback = settle_chargeback(chargeback.payment_id, state)
        chargeback.evidence_sent_at = timezone.now()
        chargeback.save(update_fields=["evidence_sent_at"])
    return chargeback


@transaction.atomic
def accept_chargeback(actor: User, *, chargeback_id: int, reason: str) -> Chargeback:
    """Staff: let what the bank took stay taken, without an answer. Told to the provider by a job.

    Conflict `chargeback_not_acceptable`.
    """
    chargeback = get_or_refuse(
        Chargeback.objects.select_related("payment").select_for_update(of=("self",), no_key=True), pk=chargeback_id
    )
    require(policies.why_not_answer_chargeback(actor, chargeback))
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why, for whoever asks later."]})
    if not chargeback.can_be_accepted:
        raise Conflict("chargeback_not_acceptable", "The bank waits for no answer of ours.")
    chargeback.accepted_by = actor
    chargeback.accepted_at = timezone.now()
    chargeback.save(update_fields=["accepted_by", "accepted_at"])
    audit.record(actor, "chargeback.accepted", chargeback, reason=reason.strip())
    jobs.enqueue("payments.send_acceptance", chargeback_id=chargeback.pk)
    return chargeback


def send_acceptance(chargeback_id: int) -> Chargeback:
    """Tell the provider that nobody will answer. Safe to repeat; not within a transaction."""
    chargeback = Chargeback.objects.get(pk=chargeback_id)
    if chargeback.accepted_at is None or chargeback.status not in OPEN_CHARGEBACKS:
        return chargeback
    provider = providers.of(chargeback.payment.provider)
    state = provider.accept_dispute(chargeback.dispute_id, key=f"accept-{chargeback.dispute_id}")
    return settle_chargeback(chargeback.payment_id, state)
