"""The one safe way in for files: typed by content, limited before decoding, images re-encoded without metadata."""

import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import puremagic
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import Invalid, TooLarge, UnsupportedMedia

IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
IMAGE_SIDE = 2048
THUMBNAIL_FORMATS = {"avif": {"quality": 60, "speed": 8}, "webp": {"quality": 78, "method": 4}}
PDF, ZIP, TEXT = "application/pdf", "application/zip", "text/plain"
PDF_END = 4096  # the end mark stands within the last bytes of a whole PDF
# Which file inside says that a ZIP is an office document, by ending.
OFFICE_FILES = {
    ".docx": ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".pptx": ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ".odt": ("content.xml", "application/vnd.oasis.opendocument.text"),
    ".ods": ("content.xml", "application/vnd.oasis.opendocument.spreadsheet"),
    ".odp": ("content.xml", "application/vnd.oasis.opendocument.presentation"),
}
MARKUP = re.compile(r"\s*<(!|\?xml|html|head|body|svg|math|script|iframe|object|embed|img|meta|link)", re.IGNORECASE)


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

    Of moving pictures the first frame. UnsupportedMedia (415) for anything that is not a whole JPEG, PNG, WebP or GIF;
    TooLarge (413) over the limits.
    """
    _check_size(upload)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(upload, formats=IMAGE_FORMATS)
            if image.width * image.height > settings.UPLOAD_MAX_PIXELS:
                raise TooLarge("image_too_large", "This picture has too many pixels. Make it smaller and try again.")
            image.draft("RGB", (side, side))
            image = _in_screen_colours(ImageOps.exif_transpose(image))
            image.thumbnail((side, side))
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
    if _looks_like_image(head):
        return clean_image(upload)
    if head.startswith(b"%PDF-"):
        return _clean_pdf(upload)
    if head.startswith(b"PK\x03\x04"):
        return _clean_zip(upload)
    return _clean_text(upload)


def clean_document(upload: UploadedFile) -> CleanFile:
    """A picture (re-encoded) or a PDF: what shows a piece of paper."""
    clean = clean_attachment(upload)
    if clean.content_type not in {"image/webp", PDF}:
        raise UnsupportedMedia("unsupported_file", "Send a picture or a PDF.")
    return clean


def thumbnails(clean: CleanFile, widths: Sequence[int]) -> Iterator[tuple[str, "ContentFile[bytes]"]]:
    """The same picture smaller, as ("384.avif", content), for each width and format; never larger than it is."""
    clean.content.seek(0)
    image: Image.Image = Image.open(io.BytesIO(clean.content.read()), formats=("WEBP",))
    for width in sorted(widths, reverse=True):
        image.thumbnail((width, width))
        for ending, options in THUMBNAIL_FORMATS.items():
            out = io.BytesIO()
            image.save(out, ending.upper(), **options)
            yield f"{width}.{ending}", ContentFile(out.getvalue())


def thumbnail_name(name: str, which: str) -> str:
    """Where the thumbnail `which` ("384.avif") of a stored picture lies: beside it."""
    return f"{name.rpartition('.')[0]}.{which}"


def safe_name(name: str) -> str:
    """The last path part without control, direction-changing or separator characters; at most 120 characters."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C").strip(" .")
    stem, dot, ending = name.rpartition(".")
    return (f"{stem[:110]}.{ending[:8]}" if dot and stem else name[:120]) or "file"


def _in_screen_colours(image: Image.Image) -> Image.Image:
    """As RGB or RGBA with eight bits a channel, from palettes, greys, 16 bits or the colours of print."""
    if image.mode.startswith(("I", "F")):  # 16 bits a pixel; a plain conversion would cut the bright ones off
        image = image.point(lambda value: value / 256).convert("L")
    has_transparency = "A" in image.getbands() or "transparency" in image.info
    return image.convert("RGBA" if has_transparency else "RGB")


def _clean_pdf(upload: UploadedFile) -> CleanFile:
    content = upload.read()
    if b"%%EOF" not in content[-PDF_END:]:
        raise UnsupportedMedia("broken_file", "This PDF is not whole. Save it again and send that.")
    return CleanFile(_ending_in(upload, ".pdf"), PDF, ContentFile(content))


def _clean_zip(upload: UploadedFile) -> CleanFile:
    """Only its list of contents is read: nothing is unpacked here."""
    content = upload.read()
    try:
        inside = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnsupportedMedia("broken_file", "This ZIP file is not whole. Pack it again and send that.") from error
    name = safe_name(upload.name or "file")
    ending = f".{name.rpartition('.')[2].lower()}"
    if ending in OFFICE_FILES:
        needed, content_type = OFFICE_FILES[ending]
        if needed in inside and inside & {"[Content_Types].xml", "mimetype"}:
            return CleanFile(name, content_type, ContentFile(content))
    return CleanFile(_ending_in(upload, ".zip"), ZIP, ContentFile(content))


def _clean_text(upload: UploadedFile) -> CleanFile:
    content = upload.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or MARKUP.match(text):
        raise UnsupportedMedia("unsupported_file", "Send a picture, a PDF, a text file, an office document or a ZIP.")
    name = safe_name(upload.name or "file")
    if not re.search(r"\.(txt|md|csv|log|json)$", name, re.IGNORECASE):
        name += ".txt"
    return CleanFile(name, TEXT, ContentFile(content))


def _ending_in(upload: UploadedFile, ending: str) -> str:
    name = safe_name(upload.name or "file")
    return name if name.lower().endswith(ending) else name + ending


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
