"""Schools, jobs and certificates."""

from typing import Any

from rest_framework import serializers

from accounts.models import ProfileEntry
from accounts.rules import EntryKind


class ProfileEntrySerializer(serializers.Serializer[ProfileEntry]):
    """`started` and `ended` are the first of a month; `ended` is null while it lasts."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=EntryKind.choices)
    title = serializers.CharField()
    organisation = serializers.CharField()
    started = serializers.DateField(allow_null=True)
    ended = serializers.DateField(allow_null=True)
    description = serializers.CharField()
    link = serializers.CharField()

    def to_representation(self, instance: ProfileEntry) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "kind": instance.kind,
            "title": instance.title,
            "organisation": instance.organisation,
            "started": instance.started and instance.started.isoformat(),
            "ended": instance.ended and instance.ended.isoformat(),
            "description": instance.description,
            "link": instance.link,
        }


class ProfileEntryChanges(serializers.Serializer[Any]):
    """Any day of a month stands for the month."""

    title = serializers.CharField(max_length=120)
    organisation = serializers.CharField(max_length=120)
    started = serializers.DateField(allow_null=True, required=False)
    ended = serializers.DateField(allow_null=True, required=False)
    description = serializers.CharField(max_length=1000, allow_blank=True, required=False)
    link = serializers.URLField(max_length=300, allow_blank=True, required=False)


class ProfileEntryInput(ProfileEntryChanges):
    kind = serializers.ChoiceField(choices=EntryKind.choices)
