"""Disputes: what is asked, offered, shown and decided, and the whole record."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from contracts.api.serializers.milestones import SubmissionSerializer, file_json
from contracts.api.serializers.time import TimeEntrySerializer
from contracts.models import Dispute, DisputeDecision, DisputeEvidence, DisputeOffer
from contracts.rules import MAX_FILES, DisputeReason, DisputeStatus, Side
from contracts.rules.dispute import MAX_EXPLANATION
from contracts.selectors import DisputeRecord, DisputeView, Parts
from core.fields import AmountField, CurrencyField
from core.formats import iso
from projects.api.serializers import FileSerializer


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
    timesheet_id = serializers.IntegerField(allow_null=True, help_text="Of the week, if it is about hours.")
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
            "timesheet_id": dispute.week and dispute.week.pk,
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
    hours = TimeEntrySerializer(many=True)
    messages = SaidSerializer(many=True)
    messages_left_out = serializers.IntegerField(help_text="How many came before those.")
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
            "hours": TimeEntrySerializer(record.hours, many=True).data,
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
            "messages_left_out": record.messages_left_out,
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
    """About the funds of a milestone, or about the hours of a week."""

    milestone_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    timesheet_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    reason = serializers.ChoiceField(choices=DisputeReason.choices)
    explanation = serializers.CharField(max_length=MAX_EXPLANATION)
    amount = AmountField(help_text="What you ask for your own side; the rest of what is held goes to the other.")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("milestone_id" in data) == ("timesheet_id" in data):
            raise serializers.ValidationError({"milestone_id": ["Name either a milestone or a timesheet."]})
        return data


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
