"""What the API is given, and refusals as it says them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import DomainError, error_body


def parsed(serializer_class: Any, request: Request) -> dict[str, Any]:
    """The body, as the serializer reads it; what is wrong with it becomes a refusal."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Every refusal as {"detail", "error_type", "fields"?}. None lets a true bug become a 500."""
    headers: dict[str, str] = {}
    if isinstance(error, DomainError):
        status, body = error.status, error_body(error.code, error.message, error.fields)
    elif isinstance(error, Http404):
        status, body = 404, error_body("not_found", "This does not exist, or you cannot see it.")
    elif isinstance(error, PermissionDenied):
        status, body = 403, error_body("forbidden", "You are not allowed to do this.")
    elif isinstance(error, exceptions.ValidationError):
        status = 400
        body = error_body("validation_error", "Please check the marked fields.", _flatten(error.detail))
    elif isinstance(error, exceptions.APIException):
        status, body = error.status_code, error_body(_code(error), str(error.detail))
        if challenge := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
    else:
        return None
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    set_rollback()
    return Response(body, status=status, headers=headers)


def _code(error: exceptions.APIException) -> str:
    code = error.get_codes()
    return code if isinstance(code, str) else "invalid"


def _flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested errors as {"milestones.0.amount": ["…"]}."""
    if isinstance(detail, Mapping):
        flat: dict[str, list[str]] = {}
        for name, inner in detail.items():
            flat |= _flatten(inner, f"{prefix}.{name}" if prefix else str(name))
        return flat
    if isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        flat = {}
        for index, inner in enumerate(detail):
            flat |= _flatten(inner, f"{prefix}.{index}")
        return flat
    items = detail if isinstance(detail, list) else [detail]
    return {prefix or "non_field_errors": [str(item) for item in items]} if items else {}
