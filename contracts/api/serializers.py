"""Contracts and milestones as the API shows and takes them."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.api.serializers import PersonSerializer, person_json
from accounts.models import Upload
from contracts.models import (
    Contract,
    Dispute,
    DisputeDecision,
    DisputeEvidence,
    DisputeOffer,
    Milestone,
    Submission,
)
from contracts.rules import MAX_FILES, ContractStatus, DisputeReason, DisputeStatus, MilestoneStatus, Side
from contracts.rules.dispute import MAX_EXPLANATION
from contracts.selectors import DisputeRecord, DisputeView, Parts
from core.fields import AmountField, CurrencyField
from core.formats import iso
from core.money import share
from payments.api.serializers import PaymentIntentSerializer
from projects.api.serializers import FileSerializer


def file_json(file: Upload) -> dict[str, Any]:
    return {
        "id": file.pk,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "url": file.url,
    }


class SubmissionSerializer(serializers.Serializer[Submission]):
    id = serializers.IntegerField()
    note = serializers.CharField()
    revision_note = serializers.CharField(help_text="What the client asked to change, if so.")
    files = FileSerializer(many=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, submission: Submission) -> dict[str, Any]:
        return {
            "id": submission.pk,
            "note": submission.note,
            "revision_note": submission.revision_note,
            "files": [file_json(file) for file in submission.files.all()],
            "created_at": iso(submission.created_at),
        }


class MilestoneSerializer(serializers.Serializer[Milestone]):
    """Needs `.contract` loaded, and `submissions__files` prefetched."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    position = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    amount = AmountField(help_text="What the client pays in.")
    fee = AmountField(help_text="Guildhall's part of it.")
    net = AmountField(help_text="What the freelancer receives.")
    currency = CurrencyField()
    due_date = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(choices=MilestoneStatus.choices)
    submitted_at = serializers.DateTimeField(allow_null=True)
    release_at = serializers.DateTimeField(allow_null=True, help_text="When silence becomes approval.")
    released_at = serializers.DateTimeField(allow_null=True)
    submissions = SubmissionSerializer(many=True)

    def to_representation(self, milestone: Milestone) -> dict[str, Any]:
        fee = share(milestone.amount, milestone.contract.fee_bps)
        return {
            "id": milestone.pk,
            "contract_id": str(milestone.contract_id),
            "position": milestone.position,
            "title": milestone.title,
            "description": milestone.description,
            "amount": milestone.amount.as_string(),
            "fee": fee.as_string(),
            "net": (milestone.amount - fee).as_string(),
            "currency": milestone.currency,
            "due_date": milestone.due_date.isoformat() if milestone.due_date else None,
            "status": milestone.status,
            "submitted_at": iso(milestone.submitted_at),
            "release_at": iso(milestone.release_at),
            "released_at": iso(milestone.released_at),
            "submissions": SubmissionSerializer(milestone.submissions.all(), many=True).data,
        }


class ContractSerializer(serializers.Serializer[Contract]):
    """Needs `with_parties()`."""

    id = serializers.UUIDField()
    project_id = serializers.IntegerField()
    proposal_id = serializers.IntegerField()
    chat_id = serializers.IntegerField()
    title = serializers.CharField()
    terms = serializers.CharField()
    client = PersonSerializer()
    freelancer = PersonSerializer()
    currency = CurrencyField()
    total = AmountField()
    fee_bps = serializers.IntegerField(help_text="Guildhall's fee in basis points, frozen at the start.")
    approval_days = serializers.IntegerField()
    status = serializers.ChoiceField(choices=ContractStatus.choices)
    milestones = MilestoneSerializer(many=True)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, contract: Contract) -> dict[str, Any]:
        milestones = list(contract.milestones.all())
        for milestone in milestones:
            milestone.contract = contract
        return {
            "id": str(contract.pk),
            "project_id": contract.project_id,
            "proposal_id": contract.proposal_id,
            "chat_id": contract.room_id,
            "title": contract.title,
            "terms": contract.terms,
            "client": person_json(contract.client, "client"),
            "freelancer": person_json(contract.freelancer, "freelancer"),
            "currency": contract.currency,
            "total": contract.total.as_string(),
            "fee_bps": contract.fee_bps,
            "approval_days": contract.approval_days,
            "status": contract.status,
            "milestones": MilestoneSerializer(milestones, many=True).data,
            "started_at": iso(contract.started_at),
            "ended_at": iso(contract.ended_at),
        }


class ContractEventSerializer(serializers.Serializer[Any]):
    """One made move of the contract or of one of its milestones."""

    id = serializers.CharField()
    milestone_id = serializers.IntegerField(allow_null=True)
    move = serializers.CharField()
    from_status = serializers.CharField()
    to_status = serializers.CharField()
    actor_id = serializers.IntegerField(allow_null=True, help_text="Empty when it happened by itself.")
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()

    def to_representation(self, event: Any) -> dict[str, Any]:
        milestone_id = getattr(event, "milestone_id", None)
        return {
            "id": f"{'milestone' if milestone_id else 'contract'}-{event.pk}",
            "milestone_id": milestone_id,
            "move": event.move,
            "from_status": event.from_status,
            "to_status": event.to_status,
            "actor_id": event.actor_id,
            "reason": event.reason,
            "created_at": iso(event.created_at),
        }


class FundedSerializer(serializers.Serializer[Any]):
    milestone = MilestoneSerializer()
    payment_intent = PaymentIntentSerializer()


class HireInput(serializers.Serializer[Any]):
    proposal_id = serializers.IntegerField(min_value=1)


class MilestoneInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=160)
    description = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    amount = AmountField()
    due_date = serializers.DateField(required=False, allow_null=True, default=None)


class FundInput(serializers.Serializer[Any]):
    payment_method = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class SubmitInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    attachment_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, default=list, max_length=MAX_FILES
    )


class ApproveInput(serializers.Serializer[Any]):
    amount = AmountField(required=False, allow_null=True, default=None, help_text="A part of what is held.")


class PauseInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class RevisionInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=5000)


# --- Disputes -----------------------------------------------------------------------------------


class ShareField(AmountField):
    """A part of a whole: an amount that may be nothing."""

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, bool) and str(data).strip() in {"0", "0.0", "0.00", "0.000"}:
            return Decimal(0)
        return super().to_internal_value(data)


class SplitSerializer(serializers.Serializer[Any]):
    """What a split comes to: the freelancer's part (gross = fee + net), and what goes back to the client."""

    to_freelancer = AmountField()
    fee = AmountField()
    net = AmountField()
    to_client = AmountField()


class DisputeOfferSerializer(SplitSerializer):
    id = serializers.IntegerField()
    by_id = serializers.IntegerField()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()


class EvidenceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    by_id = serializers.IntegerField()
    text = serializers.CharField()
    files = FileSerializer(many=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, evidence: DisputeEvidence) -> dict[str, Any]:
        return {
            "id": evidence.pk,
            "by_id": evidence.by_id,
            "text": evidence.text,
            "files": [file_json(file) for file in evidence.files.all()],
            "created_at": iso(evidence.created_at),
        }


class OutcomeSerializer(SplitSerializer):
    decided_by = serializers.ChoiceField(
        choices=["agreement", "staff", "rule"],
        help_text="`rule`: silence paid the claim, or no decision was made in time.",
    )
    reasons = serializers.CharField()
    decided_at = serializers.DateTimeField()


class DisputeSerializer(serializers.Serializer[Any]):
    """Needs `with_record()`."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    milestone_id = serializers.IntegerField(allow_null=True)
    opener_id = serializers.IntegerField()
    side = serializers.ChoiceField(choices=Side.choices, help_text="Of the opener.")
    reason = serializers.ChoiceField(choices=DisputeReason.choices)
    explanation = serializers.CharField()
    answer = serializers.CharField(help_text="Of the other side.")
    status = serializers.ChoiceField(choices=DisputeStatus.choices)
    currency = CurrencyField()
    held = AmountField(help_text="What it is about, frozen until the end.")
    claim = SplitSerializer(help_text="What the opener asks for, as a split of what is held.")
    answer_by = serializers.DateTimeField(
        allow_null=True, help_text="Silence on a claim pays it; on a counter-offer, it leads to mediation."
    )
    mediation_by = serializers.DateTimeField(allow_null=True)
    offers = DisputeOfferSerializer(many=True, help_text="Those that stand.")
    evidence = EvidenceSerializer(many=True)
    outcome = OutcomeSerializer(allow_null=True)
    opened_at = serializers.DateTimeField()

    def to_representation(self, dispute: Dispute) -> dict[str, Any]:
        view = DisputeView(dispute)
        return {
            "id": dispute.pk,
            "contract_id": str(dispute.contract_id),
            "milestone_id": dispute.milestone_id,
            "opener_id": dispute.opener_id,
            "side": dispute.side,
            "reason": dispute.reason,
            "explanation": dispute.explanation,
            "answer": dispute.answer,
            "status": dispute.status,
            "currency": dispute.currency,
            "held": dispute.held.as_string(),
            "claim": split_json(view.claimed),
            "answer_by": iso(dispute.answer_by),
            "mediation_by": iso(dispute.mediation_by),
            "offers": [offer_json(offer, parts) for offer, parts in view.offers],
            "evidence": EvidenceSerializer(dispute.evidence.all(), many=True).data,
            "outcome": _outcome_json(dispute, view.outcome) if view.outcome else None,
            "opened_at": iso(dispute.opened_at),
        }


def split_json(parts: Parts) -> dict[str, str]:
    return {
        "to_freelancer": parts.gross.as_string(),
        "fee": parts.fee.as_string(),
        "net": parts.net.as_string(),
        "to_client": parts.to_client.as_string(),
    }


def offer_json(offer: DisputeOffer, parts: Parts) -> dict[str, Any]:
    return {
        "id": offer.pk,
        "by_id": offer.by_id,
        **split_json(parts),
        "note": offer.note,
        "created_at": iso(offer.created_at),
    }


def _outcome_json(dispute: Dispute, parts: Parts) -> dict[str, Any]:
    by_staff = "staff" if dispute.decided_by_id else "rule"
    return {
        **split_json(parts),
        "decided_by": "agreement" if dispute.status == DisputeStatus.SETTLED else by_staff,
        "reasons": dispute.reasons,
        "decided_at": iso(dispute.decided_at),
    }


class SaidSerializer(serializers.Serializer[Any]):
    """A message of the contract's chat."""

    seq = serializers.IntegerField()
    sender_id = serializers.IntegerField()
    content = serializers.CharField()
    files = FileSerializer(many=True)
    created_at = serializers.DateTimeField()


class MovementSerializer(serializers.Serializer[Any]):
    """Money in (positive) or out of what is held."""

    kind = serializers.CharField()
    amount = AmountField()
    created_at = serializers.DateTimeField()


class HappeningSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    text = serializers.CharField()
    created_at = serializers.DateTimeField()


class TranscriptSerializer(serializers.Serializer[Any]):
    """The whole record of a dispute. Links to files end after an hour."""

    dispute = DisputeSerializer()
    title = serializers.CharField()
    terms = serializers.CharField()
    client = serializers.CharField()
    freelancer = serializers.CharField()
    fee_bps = serializers.IntegerField()
    submissions = SubmissionSerializer(many=True)
    messages = SaidSerializer(many=True)
    movements = MovementSerializer(many=True)
    history = HappeningSerializer(many=True)

    def to_representation(self, record: DisputeRecord) -> dict[str, Any]:
        contract = record.contract
        return {
            "dispute": DisputeSerializer(record.dispute).data,
            "title": contract.title,
            "terms": contract.terms,
            "client": contract.client.get_full_name(),
            "freelancer": contract.freelancer.get_full_name(),
            "fee_bps": contract.fee_bps,
            "submissions": SubmissionSerializer(record.submissions, many=True).data,
            "messages": [
                {
                    "seq": message.seq,
                    "sender_id": message.sender_id,
                    "content": message.content,
                    "files": [file_json(file) for file in message.attachments.all()],
                    "created_at": iso(message.created_at),
                }
                for message in record.messages
            ],
            "movements": [
                {
                    "kind": line.journal.kind,
                    "amount": line.amount.as_string(),
                    "created_at": iso(line.journal.created_at),
                }
                for line in record.movements
            ],
            "history": [
                {"title": one.title, "text": one.text, "created_at": iso(one.moment)}
                for one in reversed(record.happenings)
            ],
        }


class DecisionSerializer(serializers.Serializer[Any]):
    """What a mediator decided. It waits while `needs_second` is true and nobody confirmed it."""

    id = serializers.IntegerField()
    dispute_id = serializers.IntegerField()
    needs_second = serializers.BooleanField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    refused_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, decision: DisputeDecision) -> dict[str, Any]:
        return {
            "id": decision.pk,
            "dispute_id": decision.dispute_id,
            "needs_second": decision.needs_second,
            "confirmed_at": iso(decision.confirmed_at),
            "refused_at": iso(decision.refused_at),
        }


class DisputeInput(serializers.Serializer[Any]):
    milestone_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    reason = serializers.ChoiceField(choices=DisputeReason.choices)
    explanation = serializers.CharField(max_length=MAX_EXPLANATION)
    amount = AmountField(help_text="What you ask for your own side; the rest of what is held goes to the other.")


class ContestInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_EXPLANATION)


class OfferInput(serializers.Serializer[Any]):
    to_freelancer = ShareField(help_text="Before the fee. The rest goes back to the client.")
    note = serializers.CharField(max_length=MAX_EXPLANATION, required=False, default="", allow_blank=True)


class EvidenceInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_EXPLANATION, required=False, default="", allow_blank=True)
    attachment_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        default=list,
        max_length=MAX_FILES,
    )


class ResolveInput(serializers.Serializer[Any]):
    to_freelancer = ShareField(help_text="Before the fee. The rest goes back to the client.")
    reasons = serializers.CharField(max_length=MAX_EXPLANATION, help_text="Both sides read them.")


class RefusalInput(serializers.Serializer[Any]):
    refusal = serializers.CharField(max_length=MAX_EXPLANATION, help_text="For the staff alone.")
