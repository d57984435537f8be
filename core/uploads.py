"""The one safe way in for files: typed by content, limited before decoding, images re-encoded without metadata."""

import io
import re
import unicodedata
import warnings
from dataclasses import dataclass

import puremagic
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import Invalid, TooLarge, UnsupportedMedia

IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
IMAGE_SIDE = 2048
DOCUMENT_TYPES = {
    "application/pdf": b"%PDF-",
    "application/zip": b"PK\x03\x04",
}
OFFICE_ENDINGS = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp")


@dataclass(frozen=True)
class CleanFile:
    """A checked file: safe `name`, `content_type` found in the content, and for images their size in pixels."""

    name: str
    content_type: str
    content: "ContentFile[bytes]"
    width: int | None = None
    height: int | None = None


def clean_image(upload: UploadedFile, *, side: int = IMAGE_SIDE) -> CleanFile:
    """Decode, turn upright, shrink to `side` pixels, and write anew as WebP: nothing of the original bytes survives.

    UnsupportedMedia (415) for anything that is not a whole JPEG, PNG, WebP or GIF; TooLarge (413) over the limits.
    """
    _check_size(upload)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(upload, formats=IMAGE_FORMATS)
            if image.width * image.height > settings.UPLOAD_MAX_PIXELS:
                raise TooLarge("image_too_large", "This picture has too many pixels. Make it smaller and try again.")
            image.draft("RGB", (side, side))
            image = ImageOps.exif_transpose(image)
            image.thumbnail((side, side))
            image = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
            out = io.BytesIO()
            image.save(out, "WEBP", quality=82, method=4)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnsupportedMedia("broken_image", "This is not a picture we can read. Use a JPEG, PNG or WebP.") from error
    name = re.sub(r"\.\w{1,5}$", "", safe_name(upload.name or "picture")) + ".webp"
    return CleanFile(name, "image/webp", ContentFile(out.getvalue()), image.width, image.height)


def clean_attachment(upload: UploadedFile) -> CleanFile:
    """A picture (re-encoded), PDF, plain text, ZIP or office document."""
    _check_size(upload)
    head = upload.read(8192)
    upload.seek(0)
    name = safe_name(upload.name or "file")
    if _looks_like_image(head):
        return clean_image(upload)
    for content_type, magic in DOCUMENT_TYPES.items():
        if head.startswith(magic):
            if content_type == "application/zip" and not name.lower().endswith((".zip", *OFFICE_ENDINGS)):
                name += ".zip"
            if content_type == "application/pdf" and not name.lower().endswith(".pdf"):
                name += ".pdf"
            return CleanFile(name, content_type, ContentFile(upload.read()))
    content = upload.read()
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or re.match(r"\s*<(!doctype|html|svg|\?xml|script)", text, re.IGNORECASE):
        raise UnsupportedMedia("unsupported_file", "Send a picture, a PDF, a text file, an office document or a ZIP.")
    if not re.search(r"\.(txt|md|csv|log|json)$", name, re.IGNORECASE):
        name += ".txt"
    return CleanFile(name, "text/plain", ContentFile(content))


def safe_name(name: str) -> str:
    """The last path part without control, direction-changing or separator characters; at most 120 characters."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C").strip(" .")
    stem, dot, ending = name.rpartition(".")
    return (f"{stem[:110]}.{ending[:8]}" if dot and stem else name[:120]) or "file"


def _looks_like_image(head: bytes) -> bool:
    try:
        return puremagic.from_string(head, mime=True).startswith("image/")
    except (puremagic.PureError, ValueError):
        return False


def _check_size(upload: UploadedFile) -> None:
    if not upload.size:
        raise Invalid("empty_file", "This file is empty.", fields={"file": ["This file is empty."]})
    if upload.size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
        raise TooLarge("file_too_large", f"This file is larger than {limit} MB.")
