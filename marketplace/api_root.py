"""The API's own address, and the answer to unknown ones."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import error_body

FIELDS = ("name", "version", "docs", "openapi")


class Root(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="api_root", responses=inline_serializer("Root", {name: serializers.CharField() for name in FIELDS})
    )
    def get(self, request: Request) -> Response:
        """The name and version of this API, and where it is described."""
        return Response(
            {
                "name": settings.SITE_NAME,
                "version": settings.SPECTACULAR_SETTINGS["VERSION"],
                "docs": request.build_absolute_uri("/api/docs"),
                "openapi": request.build_absolute_uri("/api/openapi.json"),
            }
        )


@login_not_required
@csrf_exempt  # it changes nothing, and a program that mistypes an address is told so
def unknown_path(request: HttpRequest) -> JsonResponse:
    return JsonResponse(error_body("not_found", "There is no such API address."), status=404)
