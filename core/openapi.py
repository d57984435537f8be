"""What the OpenAPI document says about every operation: the error shape, the refusals, the headers, the idempotency key."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers


class ErrorSerializer(serializers.Serializer[Any]):
    """Every refusal. `fields` only for invalid input."""

    detail = serializers.CharField()
    error_type = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)  # type: ignore[assignment]


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key and body returns the first answer again; the same key with another body is a 409.",
)
_COUNT = {"type": "integer", "minimum": 0}
RATE_HEADERS = {
    "RateLimit-Limit": {"description": "Calls that may be made at once.", "schema": _COUNT},
    "RateLimit-Remaining": {"description": "Calls that are left now.", "schema": _COUNT},
    "RateLimit-Reset": {"description": "Seconds until all of them are back.", "schema": _COUNT},
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Schema(AutoSchema):
    """Adds the refusals that any operation can give."""

    def get_override_parameters(self) -> list[Any]:
        handler = getattr(self.view, self.method.lower(), None)
        return [IDEMPOTENCY_KEY] if getattr(handler, "takes_key", False) else []

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        responses = super()._get_response_bodies(direction)
        for status, why in self._refusals().items():
            response = self._get_response_for_code(ErrorSerializer, status)  # type: ignore[no-untyped-call]
            responses.setdefault(status, response | {"description": why})
        for status, response in responses.items():
            response["headers"] = RATE_HEADERS | (RETRY_AFTER if status == "429" else {})
        return dict(sorted(responses.items()))

    def _refusals(self) -> dict[str, str]:
        refusals = {"400": "Invalid input.", "429": "Too many requests; see Retry-After."}
        if self.get_auth():
            refusals |= {"401": "Not signed in.", "403": "Not allowed."}
        if "{" in self.path or self.method != "GET":
            refusals["404"] = "Not found, or not visible to you."
        elif self._is_list_view():
            refusals["404"] = "There is no such page."
        if self.method not in SAFE_METHODS:
            refusals |= {
                "409": "Wrong state, or somebody was quicker.",
                "413": "Too large.",
                "415": "Not accepted.",
                "503": "A service that this needs did not answer. Nothing was lost.",
            }
        return refusals
