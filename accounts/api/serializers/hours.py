"""Hours of a week."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.rules import DAYS, MAX_SPANS, WeeklyHours, checked_hours

_SPAN = {"type": "array", "items": {"type": "string", "example": "09:00"}, "minItems": 2, "maxItems": 2}
_DAY = {"type": "array", "items": _SPAN, "maxItems": MAX_SPANS}


@extend_schema_field({"type": "object", "properties": dict.fromkeys(DAYS, _DAY), "additionalProperties": False})
class WeeklyHoursField(serializers.Field):
    """{"mon": [["09:00", "12:30"]], ...}; days without hours are left out."""

    def to_internal_value(self, data: Any) -> WeeklyHours:
        try:
            return checked_hours(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error

    def to_representation(self, value: WeeklyHours) -> WeeklyHours:
        return value
