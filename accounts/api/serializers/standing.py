"""How an account stands: suspension, identity, and the copy of its data."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.sign_in import PasswordField
from accounts.models import Appeal, DataExport, IdentityCheck, Strike, Suspension, User
from accounts.rules import MAX_IDENTITY_FILES, IdentityDocument
from core.formats import iso


class AppealInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=5000)


class EmailChangeInput(serializers.Serializer[Any]):
    new_email = serializers.EmailField(max_length=254)
    password = PasswordField()


class EraseInput(serializers.Serializer[Any]):
    """`email`: the address of the account, typed."""

    email = serializers.CharField(max_length=254)


class IdentityInput(serializers.Serializer[Any]):
    """`file_ids`: uploads of the kind "identity"."""

    document = serializers.ChoiceField(choices=IdentityDocument.choices)
    file_ids = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=MAX_IDENTITY_FILES)


class AppealSerializer(serializers.Serializer[Appeal]):
    """`upheld` is null until staff has decided; true lifted the suspension."""

    text = serializers.CharField()
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    upheld = serializers.BooleanField(allow_null=True)
    answer = serializers.CharField()

    def to_representation(self, instance: Appeal) -> dict[str, Any]:
        return {
            "text": instance.text,
            "created_at": iso(instance.created_at),
            "decided_at": _moment(instance.decided_at),
            "upheld": instance.is_upheld,
            "answer": instance.answer,
        }


class SuspensionSerializer(serializers.Serializer[Suspension]):
    rule = serializers.CharField()
    rule_label = serializers.CharField()
    evidence = serializers.CharField()
    evidence_label = serializers.CharField()
    reason = serializers.CharField()
    imposed_at = serializers.DateTimeField()
    appeal_until = serializers.DateTimeField()
    appeal = AppealSerializer(allow_null=True)

    def to_representation(self, instance: Suspension) -> dict[str, Any]:
        appeal = getattr(instance, "appeal", None)
        return {
            "rule": instance.rule,
            "rule_label": instance.get_rule_display(),
            "evidence": instance.evidence,
            "evidence_label": instance.get_evidence_display(),
            "reason": instance.reason,
            "imposed_at": iso(instance.imposed_at),
            "appeal_until": iso(instance.appeal_until),
            "appeal": AppealSerializer(appeal).data if appeal else None,
        }


class StrikeSerializer(serializers.Serializer[Strike]):
    rule = serializers.CharField()
    rule_label = serializers.CharField()
    about = serializers.CharField(help_text="Title of what it was.")
    url = serializers.CharField(help_text="Path of its page.")
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: Strike) -> dict[str, Any]:
        return {
            "rule": instance.rule,
            "rule_label": instance.get_rule_display(),
            "about": instance.about,
            "url": instance.url,
            "created_at": iso(instance.created_at),
        }


class StandingSerializer(serializers.Serializer[User]):
    """`suspension` is the one that stands, or null. Nothing follows from `strikes` by itself; newest first."""

    suspended = serializers.BooleanField()
    email_verified = serializers.BooleanField()
    identity_verified = serializers.BooleanField()
    suspension = SuspensionSerializer(allow_null=True)
    strikes = StrikeSerializer(many=True)

    def to_representation(self, instance: User) -> dict[str, Any]:
        suspension = instance.suspensions.standing().select_related("appeal").first()
        return {
            "suspended": instance.is_suspended,
            "email_verified": instance.has_verified_email,
            "identity_verified": instance.has_verified_identity,
            "suspension": SuspensionSerializer(suspension).data if suspension else None,
            "strikes": StrikeSerializer(instance.strikes.all(), many=True).data,
        }


class IdentityCheckSerializer(serializers.Serializer[IdentityCheck]):
    """`approved` is null while staff has not looked. `reason` of a refusal."""

    id = serializers.IntegerField()
    document = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    approved = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField()

    def to_representation(self, instance: IdentityCheck) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "document": instance.document,
            "submitted_at": iso(instance.submitted_at),
            "decided_at": _moment(instance.decided_at),
            "approved": instance.is_approved,
            "reason": instance.reason,
        }


class ExportSerializer(serializers.Serializer[DataExport]):
    """`url`, once it is made, is signed and ends after a day: ask again for a new one until `expires_at`."""

    id = serializers.IntegerField()
    ready = serializers.BooleanField()
    size = serializers.IntegerField()
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(allow_null=True)

    def to_representation(self, instance: DataExport) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "ready": instance.finished_at is not None,
            "size": instance.size,
            "requested_at": iso(instance.requested_at),
            "finished_at": _moment(instance.finished_at),
            "expires_at": _moment(instance.expires_at),
            "url": instance.url or None,
        }


def _moment(value: Any) -> str | None:
    return iso(value) if value else None
