"""What lists can be narrowed to."""

from typing import Any

from rest_framework import serializers


class OptionSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] - a key of the answer, not the field's caption
    count = serializers.IntegerField(help_text="Rows that have it.")


class RateOptionSerializer(serializers.Serializer[Any]):
    """Hourly rates in one currency, as decimal strings."""

    currency = serializers.CharField()
    min = serializers.CharField()
    max = serializers.CharField()
    count = serializers.IntegerField()


class FreelancerOptionsSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    available = serializers.IntegerField()
    categories = OptionSerializer(many=True)
    skills = OptionSerializer(many=True)
    experience = OptionSerializer(many=True)
    languages = OptionSerializer(many=True)
    ratings = OptionSerializer(many=True)
    rates = RateOptionSerializer(many=True)
