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
HEADERS = {
    "RateLimit-Limit": {"description": "Calls that may be made at once.", "schema": _COUNT},
    "RateLimit-Remaining": {"description": "Calls that are left now.", "schema": _COUNT},
    "RateLimit-Reset": {"description": "Seconds until all of them are back.", "schema": _COUNT},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
}
REFUSALS = {
    "Invalid": "Invalid input.",
    "NotSignedIn": "Not signed in.",
    "NotAllowed": "Not allowed.",
    "NotFound": "Not found, or not visible to you.",
    "NoSuchPage": "There is no such page.",
    "Conflict": "Wrong state, or somebody was quicker.",
    "TooLarge": "Too large.",
    "NotAccepted": "Not accepted.",
    "TooMany": "Too many requests; see Retry-After.",
    "Unavailable": "A service that this needs did not answer. Nothing was lost.",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Schema(AutoSchema):
    """Adds the refusals that any operation can give, and the headers of every answer."""

    def get_override_parameters(self) -> list[Any]:
        handler = getattr(self.view, self.method.lower(), None)
        return [IDEMPOTENCY_KEY] if getattr(handler, "takes_key", False) else []

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        responses = super()._get_response_bodies(direction)
        self.resolve_serializer(ErrorSerializer, direction)  # `share_parts` refers to it
        for response in responses.values():
            response["headers"] = _header_references("RateLimit")
        for status, name in self._refusals().items():
            responses.setdefault(status, {"$ref": f"#/components/responses/{name}"})
        return dict(sorted(responses.items()))

    def _refusals(self) -> dict[str, str]:
        refusals = {"400": "Invalid", "429": "TooMany"}
        if self.get_auth():
            refusals |= {"401": "NotSignedIn", "403": "NotAllowed"}
        if "{" in self.path or self.method != "GET":
            refusals["404"] = "NotFound"
        elif self._is_list_view():
            refusals["404"] = "NoSuchPage"
        if self.method not in SAFE_METHODS:
            refusals |= {"409": "Conflict", "413": "TooLarge", "415": "NotAccepted", "503": "Unavailable"}
        return refusals


def share_parts(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: what the operations refer to, described once."""
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    result["components"]["headers"] = HEADERS
    result["components"]["responses"] = {
        name: {
            "description": words,
            "headers": _header_references("R" if name == "TooMany" else "RateLimit"),
            "content": error,
        }
        for name, words in REFUSALS.items()
    }
    return result


def _header_references(start: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS if name.startswith(start)}
