"""Contracts and milestones as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import PersonSerializer, person_json
from contracts.models import Contract, Milestone, Submission
from contracts.rules import MAX_FILES, ContractStatus, MilestoneStatus
from core.fields import AmountField, CurrencyField
from core.formats import iso
from core.money import share
from payments.api.serializers import PaymentIntentSerializer, ProviderField
from projects.api.serializers import FileSerializer


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
            "files": [
                {
                    "id": file.pk,
                    "name": file.name,
                    "content_type": file.content_type,
                    "size": file.size,
                    "url": file.url,
                }
                for file in submission.files.all()
            ],
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
    provider = ProviderField()


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
