"""Private files, by signed links."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.models import Upload
from accounts.signing import FILE_LINK_LIFETIME, read_upload
from core.queries import get_or_refuse


@login_not_required  # the signature is the permission: whoever may see the file was given the link
@require_safe
def send(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Pictures to look at, everything else to keep. `name` is only for the reader of the address."""
    upload = get_or_refuse(Upload.objects.all(), pk=read_upload(token))
    response = _body(upload)
    response["Content-Type"] = upload.content_type
    response["Content-Disposition"] = content_disposition_header(not upload.is_image, upload.name) or "inline"
    response["Cache-Control"] = f"private, max-age={int(FILE_LINK_LIFETIME.total_seconds())}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _body(upload: Upload) -> HttpResponseBase:
    if settings.X_ACCEL_PREFIX:
        response = HttpResponse()
        response["X-Accel-Redirect"] = settings.X_ACCEL_PREFIX + upload.file.name
        return response
    return FileResponse(upload.file.open("rb"))
