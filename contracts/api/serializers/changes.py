"""Changes by agreement, and the terms that came of them."""

from typing import Any

from rest_framework import serializers

from contracts.models import ChangeRequest, TermsVersion
from contracts.rules import ChangeKind, ChangeStatus
from contracts.rules.changes import MAX_TERMS
from contracts.rules.terms import AcceptedBy
from core.fields import AmountField
from core.formats import iso


class ContractPlanSerializer(serializers.Serializer[Any]):
    """One side of a change: of a milestone all but `terms`, of the scope `terms` alone; empty where there is nothing."""

    title = serializers.CharField(required=False)
    description = serializers.CharField(required=False)
    amount = serializers.CharField(required=False, help_text="A decimal amount in the contract's currency.")
    due_date = serializers.DateField(required=False, allow_null=True)
    terms = serializers.CharField(required=False)


class ChangeSerializer(serializers.Serializer[ChangeRequest]):
    """A change that one side proposes. It holds once the other has accepted it."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    milestone_id = serializers.IntegerField(allow_null=True)
    proposer_id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=ChangeStatus.choices)
    before = ContractPlanSerializer()
    after = ContractPlanSerializer()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, change: ChangeRequest) -> dict[str, Any]:
        return {
            "id": change.pk,
            "contract_id": str(change.contract_id),
            "kind": change.kind,
            "milestone_id": change.milestone_id,
            "proposer_id": change.proposer_id,
            "status": change.status,
            "before": change.before,
            "after": change.after,
            "note": change.note,
            "created_at": iso(change.created_at),
            "decided_at": iso(change.decided_at),
        }


class ScopeInput(serializers.Serializer[Any]):
    terms = serializers.CharField(max_length=MAX_TERMS)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class MilestoneChangeInput(serializers.Serializer[Any]):
    """Only what is to be different."""

    title = serializers.CharField(max_length=160, required=False)
    description = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    amount = AmountField(required=False)
    due_date = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ContractChangeInput(MilestoneChangeInput):
    """`add_milestone` needs title and amount, `change_scope` terms, the others milestone_id."""

    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    milestone_id = serializers.IntegerField(min_value=1, required=False)
    terms = serializers.CharField(max_length=MAX_TERMS, required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        needed = {"add_milestone": ("title", "amount"), "change_scope": ("terms",)}.get(data["kind"], ("milestone_id",))
        missing = {name: ["This is needed."] for name in needed if name not in data}
        if missing:
            raise serializers.ValidationError(missing)
        return data


class AcceptanceSerializer(serializers.Serializer[Any]):
    person_id = serializers.IntegerField()
    how = serializers.ChoiceField(choices=AcceptedBy.choices)
    accepted_at = serializers.DateTimeField()


class TermsSerializer(serializers.Serializer[TermsVersion]):
    """One version of what was agreed, word for word. Needs `acceptances` prefetched."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    sha256 = serializers.CharField(help_text="Of the text in UTF-8, in hexadecimal.")
    change_id = serializers.IntegerField(allow_null=True, help_text="The change that made it.")
    created_at = serializers.DateTimeField()
    acceptances = AcceptanceSerializer(many=True)

    def to_representation(self, terms: TermsVersion) -> dict[str, Any]:
        return {
            "number": terms.number,
            "text": terms.text,
            "sha256": terms.sha256,
            "change_id": terms.change_id,
            "created_at": iso(terms.created_at),
            "acceptances": [
                {"person_id": each.person_id, "how": each.how, "accepted_at": iso(each.accepted_at)}
                for each in terms.acceptances.all()
            ],
        }
