"""The API's own address, and the answer to unknown ones."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse

from core.errors import error_body


@login_not_required
def root(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        {
            "name": settings.SITE_NAME,
            "version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "docs": request.build_absolute_uri("/api/docs"),
            "openapi": request.build_absolute_uri("/api/openapi.json"),
        }
    )


@login_not_required
def unknown_path(request: HttpRequest) -> JsonResponse:
    return JsonResponse(error_body("not_found", "There is no such API address."), status=404)
