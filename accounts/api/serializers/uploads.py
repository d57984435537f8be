"""Files."""

from typing import Any

from rest_framework import serializers

from accounts.models import Upload
from accounts.rules import UploadKind


class FileInput(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=255, allow_empty_file=True)


class UploadInput(FileInput):
    kind = serializers.ChoiceField(choices=UploadKind.choices)


class UploadSerializer(serializers.Serializer[Upload]):
    """`width`, `height` and `thumbnail_url` for pictures. Addresses of attachments are signed and end after an hour."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    url = serializers.CharField()
    thumbnail_url = serializers.CharField(allow_null=True)

    def to_representation(self, instance: Upload) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "kind": instance.kind,
            "name": instance.name,
            "content_type": instance.content_type,
            "size": instance.size,
            "width": instance.width,
            "height": instance.height,
            "url": instance.url,
            "thumbnail_url": instance.thumbnail_url or None,
        }
