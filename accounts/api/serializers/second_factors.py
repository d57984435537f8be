"""Second factors, passkeys, and proving once more who one is."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers.sign_in import PasswordField
from accounts.models import Passkey
from core.formats import iso

MAX_CODE = 20
MAX_CREDENTIAL = 20_000


BY_THE_STANDARD = {"type": "object", "additionalProperties": True}  # WebAuthn says what is in it


@extend_schema_field(BY_THE_STANDARD)
class CredentialField(serializers.JSONField):
    """A PublicKeyCredential as its `toJSON` gives it."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if (
            not isinstance(value, dict)
            or not isinstance(value.get("response"), dict)
            or len(str(value)) > MAX_CREDENTIAL
        ):
            raise serializers.ValidationError("Send what the browser answered, as an object.")
        return value


class CodeInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=MAX_CODE)


class ConfirmCodeInput(CodeInput):
    end_other_sessions = serializers.BooleanField(default=False)


class SecondStepInput(CodeInput):
    two_factor_token = serializers.CharField(max_length=2000)


class ChangeInput(serializers.Serializer[Any]):
    end_other_sessions = serializers.BooleanField(default=False)


class ProofInput(serializers.Serializer[Any]):
    """One of the three."""

    password = PasswordField(required=False)
    code = serializers.CharField(max_length=MAX_CODE, required=False)
    credential = CredentialField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give one of password, code and credential.")
        return attrs


class SetupSerializer(serializers.Serializer[Any]):
    """`qr_code`: a data: address of a PNG. The codes are shown only now."""

    secret = serializers.CharField()
    qr_code = serializers.CharField()
    backup_codes = serializers.ListField(child=serializers.CharField())


class BackupCodesSerializer(serializers.Serializer[Any]):
    backup_codes = serializers.ListField(child=serializers.CharField())


class StatusSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField()
    backup_codes_left = serializers.IntegerField()
    passkeys = serializers.IntegerField()


class PasskeyInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    credential = CredentialField()


class PasskeyNameInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)


class CredentialInput(serializers.Serializer[Any]):
    credential = CredentialField()


@extend_schema_field(BY_THE_STANDARD)
class OptionsField(serializers.JSONField):
    pass


class OptionsSerializer(serializers.Serializer[Any]):
    """For `navigator.credentials`, binary values in base64url."""

    public_key = OptionsField()


class PasskeySerializer(serializers.Serializer[Passkey]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    is_backed_up = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Passkey) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "name": instance.name,
            "is_backed_up": instance.is_backed_up,
            "created_at": iso(instance.created_at),
            "last_used_at": iso(instance.last_used_at) if instance.last_used_at else None,
        }
