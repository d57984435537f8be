"""Milestones, from being paid in to being released."""

from typing import Any

from rest_framework import serializers

from accounts.models import Upload
from contracts import selectors
from contracts.api.serializers.changes import ChangeSerializer
from contracts.api.serializers.money import RefundRequestSerializer
from contracts.models import Milestone, Submission
from contracts.rules import MAX_FILES, MilestoneStatus, Remainder
from core.fields import AmountField, CurrencyField
from core.formats import iso
from core.money import share
from payments.api.serializers import PaymentIntentSerializer, ProviderField
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
    version = serializers.IntegerField(help_text="1 for the first hand-in, and so on.")
    note = serializers.CharField()
    revision_note = serializers.CharField(help_text="What the client asked to change, if so.")
    revision_requested_at = serializers.DateTimeField(allow_null=True)
    files = FileSerializer(many=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, submission: Submission) -> dict[str, Any]:
        return {
            "id": submission.pk,
            "version": submission.version,
            "note": submission.note,
            "revision_note": submission.revision_note,
            "revision_requested_at": iso(submission.revision_requested_at),
            "files": [file_json(file) for file in submission.files.all()],
            "created_at": iso(submission.created_at),
        }


class MilestoneSerializer(serializers.Serializer[Milestone]):
    """Needs `.contract` with its changes, `hold`, `submissions__files` and `refund_requests` loaded."""

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
    is_agreed = serializers.BooleanField(help_text="False while one side only proposes it; then it cannot be paid in.")
    rolled_into_id = serializers.IntegerField(
        allow_null=True, help_text="The milestone with which the rest is released, after a partial release."
    )
    proposed_change = ChangeSerializer(allow_null=True, help_text="The change of it that waits for an answer.")
    refund_request = RefundRequestSerializer(allow_null=True, help_text="The open one.")
    refund_possible_from = serializers.DateTimeField(
        allow_null=True, help_text="From when the client can ask the money back, if nothing is handed in."
    )
    submissions = SubmissionSerializer(many=True)

    def to_representation(self, milestone: Milestone) -> dict[str, Any]:
        fee = share(milestone.amount, milestone.contract.fee_bps)
        change, asked = selectors.open_change_of(milestone), selectors.open_refund_request(milestone)
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
            "is_agreed": milestone.is_agreed,
            "rolled_into_id": milestone.rolled_into_id,
            "proposed_change": ChangeSerializer(change).data if change else None,
            "refund_request": RefundRequestSerializer(asked).data if asked else None,
            "refund_possible_from": iso(selectors.refund_possible_from(milestone)),
            "submissions": SubmissionSerializer(milestone.submissions.all(), many=True).data,
        }


class FundedSerializer(serializers.Serializer[Any]):
    milestone = MilestoneSerializer()
    payment_intent = PaymentIntentSerializer()


class MilestoneInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=160)
    description = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    amount = AmountField()
    due_date = serializers.DateField(required=False, allow_null=True, default=None)


class FundInput(serializers.Serializer[Any]):
    payment_method = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    provider = ProviderField()


class SubmitInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    attachment_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, default=list, max_length=MAX_FILES
    )


class ApproveInput(serializers.Serializer[Any]):
    amount = AmountField(required=False, allow_null=True, default=None, help_text="A part of what is held.")
    remainder = serializers.ChoiceField(
        choices=Remainder.choices,
        default=Remainder.HOLD,
        help_text="The rest stays held for this milestone, or goes with the next one, which is funded.",
    )


class RevisionInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=5000)
