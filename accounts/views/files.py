"""Private files, by signed links."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.models import DataExport, Upload
from accounts.policies import sees_identity_file
from accounts.rules import UploadKind
from accounts.signing import FILE_LINK_LIFETIME, IDENTITY_LINK_LIFETIME, read_export, read_upload
from core.errors import NotFound
from core.queries import get_or_refuse


@login_not_required  # the signature is the permission: whoever may see the file was given the link
@require_safe
def send(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Pictures to look at, everything else to keep. `name` is only for the reader of the address.

    Of identity documents the link alone is not enough: it has to be opened by somebody who may see them, and soon.
    """
    upload = get_or_refuse(Upload.objects.all(), pk=read_upload(token))
    cache = f"private, max-age={int(FILE_LINK_LIFETIME.total_seconds())}"
    if upload.kind == UploadKind.IDENTITY:
        read_upload(token, lifetime=IDENTITY_LINK_LIFETIME)
        if not sees_identity_file(request.user, upload):
            raise NotFound
        cache = "private, no-store"
    response = _body(upload.file)
    response["Content-Type"] = upload.content_type
    response["Content-Disposition"] = content_disposition_header(not upload.is_image, upload.name) or "inline"
    response["Cache-Control"] = cache
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_not_required  # the signature, given to the person alone, is the permission
@require_safe
def send_export(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """The copy of somebody's data, by a link of theirs that ends after a day."""
    export = get_or_refuse(DataExport.objects.filter(expires_at__gt=timezone.now()), pk=read_export(token))
    response = _body(export.file)
    response["Content-Type"] = "application/zip"
    response["Content-Disposition"] = content_disposition_header(True, export.name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _body(file: FieldFile) -> HttpResponseBase:
    if settings.X_ACCEL_PREFIX:
        response = HttpResponse()
        response["X-Accel-Redirect"] = f"{settings.X_ACCEL_PREFIX}{file.name}"
        return response
    return FileResponse(file.open("rb"))
