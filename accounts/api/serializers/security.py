"""The security history of one's own account."""

from typing import Any

from rest_framework import serializers

from accounts.models import AuditEvent
from core.formats import iso


class SecurityEventSerializer(serializers.Serializer[AuditEvent]):
    """`by_you`: you did it yourself. `ip_address` and `device`: where it came from, as far as that is known."""

    id = serializers.IntegerField()
    action = serializers.CharField()
    title = serializers.CharField()
    by_you = serializers.BooleanField()
    ip_address = serializers.CharField(allow_null=True)
    device = serializers.CharField()
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: AuditEvent) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "action": instance.action,
            "title": str(instance.words.title),
            "by_you": instance.is_by_person,
            "ip_address": instance.ip_address if instance.shows_origin else None,
            "device": instance.device if instance.shows_origin else "",
            "created_at": iso(instance.created_at),
        }
