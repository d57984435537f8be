"""API keys: what is sent, what is shown."""

from typing import Any

from rest_framework import serializers

from accounts.models import ApiKey
from accounts.scopes import SCOPES
from core.formats import iso


class ApiKeyInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=[(scope, scope) for scope in SCOPES]),
        min_length=1,
        max_length=len(SCOPES),
    )
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Without it, it lasts until revoked."
    )


class ApiKeySerializer(serializers.Serializer[ApiKey]):
    """A standing key. `prefix` is the part that lists show; it opens nothing."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    daily_quota = serializers.IntegerField(help_text="Requests a day, from midnight UTC.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: ApiKey) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "name": instance.name,
            "prefix": instance.prefix,
            "scopes": instance.scopes,
            "daily_quota": instance.daily_quota,
            "created_at": iso(instance.created_at),
            "expires_at": iso(instance.expires_at),
            "last_used_at": iso(instance.last_used_at),
        }


class NewApiKeySerializer(ApiKeySerializer):
    """The only answer that ever holds `key`."""

    key = serializers.CharField(help_text="Send it as X-API-Key. It is not shown again.")


class DayOfUseSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    requests = serializers.IntegerField()
    refused = serializers.IntegerField(help_text="Of these, answered with 4xx.")
    failed = serializers.IntegerField(help_text="Of these, answered with 5xx.")


class UsageSerializer(serializers.Serializer[Any]):
    daily_quota = serializers.IntegerField()
    days = DayOfUseSerializer(many=True, help_text="The last 30 days, today first, by UTC.")
