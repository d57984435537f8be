"""Error views of Django, as JSON below /api and as pages elsewhere; public files where no front server sends them."""

import sys
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.views.static import serve

from core.errors import DATABASE_BUSY, Unavailable, error_body
from core.middleware import error_page

BUSY_SECONDS = 2


def _refuse(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if request.path.startswith("/api"):
        return JsonResponse(error_body(code, message), status=status)
    return error_page(request, status, message)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if request.path.startswith("/api"):
        return _refuse(request, 403, "csrf_failed", "This page was open too long. Reload it and try again.")
    return error_page(request, 403, template="errors/403_csrf.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 400, "bad_request", "We could not read this request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 403, "forbidden", "You are not allowed to do this.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, 404, "not_found", "This does not exist, or you cannot see it.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while it handles the exception, and has it logged with its trace."""
    if isinstance(sys.exception(), DATABASE_BUSY):
        response = _refuse(request, Unavailable.status, Unavailable.code, Unavailable.message)
        response["Retry-After"] = str(BUSY_SECONDS)
        return response
    return _refuse(request, 500, "server_error", "Something broke on our side. It has been recorded.")


@login_not_required
def public_file(request: HttpRequest, path: str) -> FileResponse | HttpResponse:
    """A profile or gig picture, in development and demonstrations."""
    return serve(request, path, document_root=str(Path(settings.MEDIA_ROOT, "public")))
