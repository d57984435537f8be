"""Request ids, one log line per request, bodies and paths that nothing can read, and refusals shown as pages."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from core.caller import Caller, current_caller
from core.errors import DomainError, NotFound, error_body
from core.throttling import client_address

logger = structlog.get_logger("request")
_CALLERS_ID = re.compile(r"[\w.-]{8,64}")
QUIET_PATHS = ("/api/health/", "/static/")


class RequestLogMiddleware:
    """Gives the request an id (or keeps the caller's), puts it in every log line and the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-ID", "")
        request_id = offered if _CALLERS_ID.fullmatch(offered) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        agent = request.headers.get("User-Agent", "")[:300]
        current_caller.set(Caller(client_address(request), request_id, agent))
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if not request.path.startswith(QUIET_PATHS):
            user = getattr(request, "user_for_log", None) or getattr(request, "_cached_user", None)
            logger.info(
                "request",
                method=request.method,
                path=getattr(request, "path_for_log", request.path),
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
                user_id=getattr(user, "pk", None),
            )
        return response


class BodyLimitMiddleware:
    """Refuses a body by the length that it announces, before anything has read it. A body without one counts as empty."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or ""
        if announced.isdecimal() and int(announced) > settings.REQUEST_MAX_BYTES:
            return self._refuse(request)
        return self.get_response(request)

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        message = f"This is larger than {settings.UPLOAD_MAX_BYTES // (1024 * 1024)} MB."
        if request.path.startswith("/api"):
            return JsonResponse(error_body("too_large", message), status=413)
        return error_page(request, 413, message)


class PathMiddleware:
    """No id and no name has a zero byte, which the database does not take: an address with one leads nowhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" not in request.path_info:
            return self.get_response(request)
        if request.path.startswith("/api"):
            return JsonResponse(error_body(NotFound.code, NotFound.message), status=NotFound.status)
        return error_page(request, NotFound.status)


class PageErrorMiddleware:
    """A domain refusal that a page view did not handle becomes the error page with its sentence and status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        return error_page(request, error.status, error.message)


def error_page(request: HttpRequest, status: int, message: str = "", *, template: str = "") -> HttpResponse:
    """The page for `status`; known ones have their own template."""
    known = status if status in {400, 403, 404, 405, 409, 413, 429, 500, 503} else 400
    context = {"message": message, "status": status, "back": page_of_form(request)}
    return render(request, template or f"errors/{known}.html", context, status=status)


def page_of_form(request: HttpRequest) -> str:
    """The page of ours whose form was refused."""
    page = request.headers.get("Referer", "")
    hosts = {request.get_host()} if request.method == "POST" else set()
    return page if url_has_allowed_host_and_scheme(page, hosts, require_https=request.is_secure()) else ""
