"""Error views of Django, as JSON below /api and as pages elsewhere; health."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.contrib.auth.decorators import login_not_required
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core.errors import error_body
from core.middleware import error_page


def _refuse(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if request.path.startswith("/api"):
        return JsonResponse(error_body(code, message), status=status)
    return error_page(request, status, message)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _refuse(
        request, 403, "csrf_failed", "This form was open too long. Go back, reload the page and send it again."
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 400, "bad_request", "We could not read this request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 403, "forbidden", "You are not allowed to do this.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 404, "not_found", "This does not exist, or you cannot see it.")


def server_error(request: HttpRequest) -> HttpResponse:
    return _refuse(request, 500, "server_error", "Something broke on our side. It has been recorded.")


@login_not_required
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """The process can serve: database and Redis answer."""
    checks: Mapping[str, Any] = {"database": _answers(_ask_database), "redis": _answers(_ask_redis)}
    healthy = all(checks.values())
    return JsonResponse(
        {"status": "ok" if healthy else "unavailable", "checks": checks}, status=200 if healthy else 503
    )


def _answers(ask: Any) -> bool:
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


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text format, for the bearer of METRICS_TOKEN (anyone in development)."""
    expected = settings.METRICS_TOKEN
    if expected and request.headers.get("Authorization") != f"Bearer {expected}":
        return _refuse(request, 401, "not_authenticated", "Send the metrics token.")
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
