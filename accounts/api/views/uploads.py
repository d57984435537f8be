"""Files in."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers.uploads import FileInput, UploadInput, UploadSerializer
from accounts.models import Upload
from accounts.rules import UploadKind
from accounts.services import uploads
from core.idempotency import idempotent
from core.throttling import Limit


class UploadLimit(Limit):
    scope = "upload"
    limit = 60
    seconds = 600


class UploadView(APIView):
    parser_classes = [MultiPartParser]
    throttle_classes = [UploadLimit]
    input: type[serializers.Serializer[Any]] = UploadInput

    @extend_schema(operation_id="uploads_create", request=UploadInput, responses={201: UploadSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Send a file for later use. Pictures are re-encoded without metadata; the content decides what a file is."""
        given = self.input(data=request.data)
        given.is_valid(raise_exception=True)
        upload = self.store(request, **given.validated_data)
        return Response(UploadSerializer(upload).data, status=status.HTTP_201_CREATED)

    def store(self, request: Request, *, file: Any, kind: str) -> Upload:
        return uploads.store(request.user, file=file, kind=kind)


@extend_schema_view(
    post=extend_schema(
        operation_id="upload_profile",
        request=FileInput,
        description="Send a picture of yourself; it is shown at once.",
    )
)
class ProfilePictureView(UploadView):
    input = FileInput

    def store(self, request: Request, *, file: Any, **_: Any) -> Upload:
        return uploads.set_avatar(request.user, file=file)


@extend_schema_view(
    post=extend_schema(
        operation_id="upload_gig",
        request=FileInput,
        description="Send a picture for a gig; name its id in the gig's `image_ids`.",
    )
)
class GigPictureView(UploadView):
    input = FileInput

    def store(self, request: Request, *, file: Any, **_: Any) -> Upload:
        return uploads.store(request.user, file=file, kind=UploadKind.GIG)
