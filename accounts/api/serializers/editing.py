"""What people send about themselves."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.api.serializers.hours import WeeklyHoursField
from accounts.models import User
from accounts.rules import (
    MAX_LANGUAGES,
    MAX_LINKS,
    MAX_SKILLS,
    MAX_TRAVEL_RADIUS_KM,
    MIN_TRAVEL_RADIUS_KM,
    ExperienceLevel,
    LanguageLevel,
    UserType,
)
from core.fields import AmountField, CurrencyField, PlaceField, to_money
from core.regions import country_codes, time_zones


class ClientSideInput(serializers.Serializer[Any]):
    company_name = serializers.CharField(max_length=120, allow_blank=True, required=False)
    about = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    website = serializers.URLField(max_length=300, allow_blank=True, required=False)


class FreelancerSideInput(serializers.Serializer[Any]):
    headline = serializers.CharField(max_length=120, allow_blank=True, required=False)
    bio = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    category = serializers.SlugField(max_length=80, allow_null=True, required=False)
    hourly_rate = AmountField(allow_null=True, required=False)
    currency = CurrencyField(required=False)
    experience_level = serializers.ChoiceField(choices=ExperienceLevel.choices, required=False)
    skills = serializers.ListField(
        child=serializers.CharField(max_length=80), max_length=MAX_SKILLS, required=False, allow_empty=True
    )
    languages = serializers.ListField(
        child=serializers.CharField(max_length=3), max_length=MAX_LANGUAGES, required=False, allow_empty=True
    )
    language_levels = serializers.DictField(
        child=serializers.ChoiceField(choices=LanguageLevel.choices),
        required=False,
        help_text="How well, by code; it replaces what was said before. Leave out what you do not want to say.",
    )
    links = serializers.ListField(
        child=serializers.URLField(max_length=300), max_length=MAX_LINKS, required=False, allow_empty=True
    )
    weekly_hours = WeeklyHoursField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The rate becomes Money; its currency stays the present one unless another is given."""
        currency = attrs.pop("currency", None)
        if attrs.get("hourly_rate") is not None:
            me: User = self.root.instance  # type: ignore[assignment]
            attrs["hourly_rate"] = to_money(
                attrs["hourly_rate"], currency or me.freelancer_profile.currency, "hourly_rate"
            )
        return attrs


class MeInput(serializers.Serializer[User]):
    """Give it the person as `instance`. The place, the address and the password have their own paths."""

    first_name = serializers.CharField(max_length=80)
    last_name = serializers.CharField(max_length=80, allow_blank=True)
    user_type = serializers.ChoiceField(choices=UserType.choices)
    handle = serializers.CharField(max_length=40, allow_null=True, required=False)
    time_zone = serializers.CharField(max_length=64, required=False)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    currency = CurrencyField(required=False)
    client = ClientSideInput(required=False)
    freelancer = FreelancerSideInput(required=False)

    def validate_time_zone(self, value: str) -> str:
        if value not in time_zones():
            raise serializers.ValidationError('Give a time zone such as "Europe/Brussels".')
        return value


class LocationInput(PlaceField):
    city = serializers.CharField(max_length=120, allow_blank=True, required=False)
    country = serializers.CharField(max_length=2, allow_blank=True, required=False)
    travel_radius_km = serializers.IntegerField(
        min_value=MIN_TRAVEL_RADIUS_KM, max_value=MAX_TRAVEL_RADIUS_KM, required=False
    )

    def validate_country(self, value: str) -> str:
        if value and value.upper() not in country_codes():
            raise serializers.ValidationError('Give a country\'s two letters, such as "BE".')
        return value.upper()


class AvailabilityInput(serializers.Serializer[Any]):
    is_available = serializers.BooleanField()
