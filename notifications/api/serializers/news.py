"""News as the API shows it."""

from typing import Any

from rest_framework import serializers

from core.formats import iso
from notifications.models import Notification


class NotificationSerializer(serializers.Serializer[Notification]):
    """`url` is the path of the page where it can be acted on."""

    id = serializers.IntegerField()
    type = serializers.CharField()
    title = serializers.CharField()
    message = serializers.CharField()
    url = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment] - a key of the answer
    read = serializers.BooleanField()
    read_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: Notification) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "type": instance.kind,
            "title": instance.title,
            "message": instance.message,
            "url": instance.url,
            "data": instance.data,
            "read": instance.read_at is not None,
            "read_at": iso(instance.read_at),
            "created_at": iso(instance.created_at),
        }


class ReadInput(serializers.Serializer[Any]):
    read = serializers.BooleanField(default=True)


class UnreadCountSerializer(serializers.Serializer[Any]):
    unread_count = serializers.IntegerField()


class ReadAllSerializer(serializers.Serializer[Any]):
    """How many were unread."""

    updated = serializers.IntegerField()
