"""Private files, by signed links."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.models import Upload
from accounts.rules import THUMBNAILS, UploadKind
from accounts.signing import FILE_LINK_LIFETIME, read_upload
from core.queries import get_or_refuse
from core.uploads import thumbnail_name

# Whatever a file holds: opened on its own, it may neither run nor load anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@login_not_required  # the signature is the permission: whoever may see the file was given the link
@require_safe
def send(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Pictures to look at, everything else to keep. `name` is only for the reader of the address.

    `?width=384` asks for a picture's thumbnail of that width, in the best format that the browser says it knows.
    """
    upload = get_or_refuse(Upload.objects.all(), pk=read_upload(token))
    stored, content_type = _wanted(request, upload)
    disposition = content_disposition_header(not upload.is_image, upload.name) or "inline"
    link_to = getattr(upload.file.storage, "link_to", None)
    if link_to:  # a bucket sends its files itself
        link = link_to(stored, content_type=content_type, disposition=disposition)
        return HttpResponseRedirect(link, headers={"Cache-Control": "private, no-store"})
    response = _body(upload, stored)
    response["Content-Type"] = content_type
    response["Content-Disposition"] = disposition
    response["Cache-Control"] = f"private, max-age={int(FILE_LINK_LIFETIME.total_seconds())}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    if "width" in request.GET:
        patch_vary_headers(response, ["Accept"])
    return response


def _wanted(request: HttpRequest, upload: Upload) -> tuple[str, str]:
    """The name in the storage and the type of the thumbnail that is asked for, or of the file itself."""
    width = request.GET.get("width", "")
    if upload.is_image and width in map(str, THUMBNAILS[UploadKind(upload.kind)]):
        ending = "avif" if "image/avif" in request.headers.get("Accept", "") else "webp"
        name = thumbnail_name(upload.file.name, f"{width}.{ending}")
        if upload.file.storage.exists(name):  # not for pictures from before there were any
            return name, f"image/{ending}"
    return upload.file.name, upload.content_type


def _body(upload: Upload, stored: str) -> HttpResponseBase:
    if settings.X_ACCEL_PREFIX:
        response = HttpResponse()
        response["X-Accel-Redirect"] = settings.X_ACCEL_PREFIX + stored
        return response
    return FileResponse(upload.file.storage.open(stored, "rb"))
