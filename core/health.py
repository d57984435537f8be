"""Whether this process lives, can serve, and what it has measured. For balancers and monitors, without signing in."""

from collections.abc import Callable
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import error_body
from core.openapi import ErrorSerializer

STATUS = serializers.ChoiceField(choices=["ok", "unavailable"])
CHECKS = serializers.DictField(child=serializers.BooleanField(), help_text="What this process needs: does it answer?")
Ready = inline_serializer("Ready", {"status": STATUS, "checks": CHECKS})


class HealthView(APIView):
    """Abstract. Asks nothing about the caller."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]


class Live(HealthView):
    @extend_schema(operation_id="health_live", responses=inline_serializer("Live", {"status": serializers.CharField()}))
    def get(self, request: Request) -> Response:
        """The process answers."""
        return Response({"status": "ok"})


class Readiness(HealthView):
    @extend_schema(operation_id="health_ready", responses={200: Ready, 503: Ready})
    def get(self, request: Request) -> Response:
        """The process can serve: database and Redis answer."""
        checks = {"database": _answers(_ask_database), "redis": _answers(_ask_redis)}
        healthy = all(checks.values())
        return Response({"status": "ok" if healthy else "unavailable", "checks": checks}, 200 if healthy else 503)


class Metrics(HealthView):
    @extend_schema(
        operation_id="health_metrics", responses={(200, "text/plain"): OpenApiTypes.STR, 401: ErrorSerializer}
    )
    def get(self, request: Request) -> HttpResponse | Response:
        """Prometheus text format, for the bearer of METRICS_TOKEN (anyone in development)."""
        expected = settings.METRICS_TOKEN
        given = request.headers.get("Authorization", "")
        if expected and not compare_digest(given.encode(), f"Bearer {expected}".encode()):
            return Response(error_body("not_authenticated", "Send the metrics token."), 401)
        return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _answers(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Exception:  # whatever the reason, the answer is "not ready"
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_redis() -> None:
    cache.get("health")
