"""Private files, by signed links."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.files.storage import Storage, default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe
from rest_framework_simplejwt.exceptions import TokenError

from accounts.models import DataExport, Upload, User
from accounts.policies import sees_identity_file
from accounts.rules import THUMBNAILS, UploadKind
from accounts.signing import FILE_LINK_LIFETIME, IDENTITY_LINK_LIFETIME, read_export, read_upload
from accounts.tokens import user_of_access_token
from core.errors import NotFound
from core.queries import get_or_refuse
from core.uploads import thumbnail_name

# Whatever a file holds: opened on its own, it may neither run nor load anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
FOR_A_WHILE = f"private, max-age={int(FILE_LINK_LIFETIME.total_seconds())}"
NEVER_KEPT = "private, no-store"


@login_not_required  # the signature is the permission: whoever may see the file was given the link
@require_safe
def send(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Pictures to look at, everything else to keep. `name` is only for the reader of the address.

    `?width=384` asks for a picture's thumbnail of that width, in the best format that the browser says it knows. Of
    identity documents the link alone is not enough: it has to be opened by somebody who may see them, and soon.
    """
    upload = get_or_refuse(Upload.objects.all(), pk=read_upload(token))
    is_secret = upload.kind == UploadKind.IDENTITY
    if is_secret:
        read_upload(token, lifetime=IDENTITY_LINK_LIFETIME)
        if not sees_identity_file(request.user, upload):
            raise NotFound
    stored, content_type = _wanted(request, upload)
    response = _answer(
        upload.file.storage,
        stored,
        content_type=content_type,
        disposition=content_disposition_header(not upload.is_image, upload.name) or "inline",
        cache=NEVER_KEPT if is_secret else FOR_A_WHILE,
    )
    if "width" in request.GET:
        patch_vary_headers(response, ["Accept"])
    return response


@login_not_required  # so that a program may come with its access token; everybody else is sent to sign in
@require_safe
def send_export(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """The copy of somebody's data, for them alone: they are signed in and hold a link that ends after a day."""
    person = person_of(request)
    if person is None:
        return redirect_to_login(request.get_full_path())
    exports = DataExport.objects.visible_to(person).filter(expires_at__gt=timezone.now())
    export = get_or_refuse(exports, pk=read_export(token))
    disposition = content_disposition_header(True, export.name) or "attachment"
    return _answer(
        default_storage, export.file.name, content_type="application/zip", disposition=disposition, cache=NEVER_KEPT
    )


def person_of(request: HttpRequest) -> User | None:
    """Who asks for a page by the cookie of a sign-in, or as a program by its access token."""
    if request.user.is_authenticated:
        return request.user
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    try:
        return user_of_access_token(raw.strip())[0] if scheme.lower() == "bearer" else None
    except TokenError:
        return None


def _wanted(request: HttpRequest, upload: Upload) -> tuple[str, str]:
    """The name in the storage and the type of the thumbnail that is asked for, or of the file itself."""
    width = request.GET.get("width", "")
    if upload.is_image and width in map(str, THUMBNAILS[UploadKind(upload.kind)]):
        ending = "avif" if "image/avif" in request.headers.get("Accept", "") else "webp"
        name = thumbnail_name(upload.file.name, f"{width}.{ending}")
        if upload.file.storage.exists(name):  # not for pictures from before there were any
            return name, f"image/{ending}"
    return upload.file.name, upload.content_type


def _answer(storage: Storage, stored: str, *, content_type: str, disposition: str, cache: str) -> HttpResponseBase:
    link_to = getattr(storage, "link_to", None)
    if link_to:  # a bucket sends its files itself
        link = link_to(stored, content_type=content_type, disposition=disposition)
        return HttpResponseRedirect(link, headers={"Cache-Control": NEVER_KEPT})
    response = _body(storage, stored)
    response["Content-Type"] = content_type
    response["Content-Disposition"] = disposition
    response["Cache-Control"] = cache
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    return response


def _body(storage: Storage, stored: str) -> HttpResponseBase:
    if settings.X_ACCEL_PREFIX:
        response = HttpResponse()
        response["X-Accel-Redirect"] = settings.X_ACCEL_PREFIX + stored
        return response
    return FileResponse(storage.open(stored, "rb"))
