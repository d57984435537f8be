"""Files in and out."""

import io
import struct
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Upload, User
from accounts.services import uploads
from accounts.signing import sign_upload
from accounts.tests.factories import UploadFactory, UserFactory
from core.errors import Invalid

pytestmark = pytest.mark.django_db

ApiAs = Callable[[User], APIClient]
SCRIPT = b"<script>alert(1)</script>"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims to be huge, in a few bytes."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def send(client: APIClient, content: bytes, name: str = "photo.png", kind: str = "attachment") -> Any:
    file = SimpleUploadedFile(name, content, content_type="image/png")
    return client.post("/api/uploads", {"file": file, "kind": kind}, format="multipart")


def kept_bytes() -> bytes:
    with Upload.objects.get().file.open() as file:
        content: bytes = file.read()
    return content


def fetch(client: APIClient, url: str) -> tuple[Any, bytes]:
    """The answer and its bytes; the file is closed."""
    answer = client.get(url)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return answer, content


@pytest.fixture
def client(api_as: ApiAs) -> APIClient:
    return api_as(UserFactory.create())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_comes_back_as_webp_with_its_size(client: APIClient, kind: str) -> None:
    answer = send(client, picture(kind), f"My photo.{kind.lower()}", "gig")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["kind"], body["name"], body["content_type"]) == ("gig", "My photo.webp", "image/webp")
    assert (body["width"], body["height"]) == (40, 20)
    assert body["size"] == len(kept_bytes())
    assert body["url"].startswith("/media/public/gig/")


def test_nothing_of_the_original_bytes_survives(client: APIClient) -> None:
    exif = Image.Exif()
    exif[0x010E] = "GPS and secrets"
    polyglot = picture("JPEG", exif=exif) + SCRIPT + b"PK\x03\x04"
    assert send(client, polyglot, "cat.jpg").status_code == 201
    kept = kept_bytes()
    assert SCRIPT not in kept
    assert b"secrets" not in kept
    assert b"PK\x03\x04" not in kept


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("logo.png", b'<?xml version="1.0"?><svg onload="alert(1)"/>'),
        ("page.html", b"<!doctype html><script>alert(1)</script>"),
        ("page.txt", b"  <html><script>alert(1)</script></html>"),
        ("run.exe", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00"),
        ("cut.png", picture()[:40]),
        ("cut.jpg", picture("JPEG", (400, 400))[:300]),
        ("head.gif", b"GIF89a" + SCRIPT),
        ("old.bmp", picture("BMP")),
        ("scan.tiff", picture("TIFF")),
    ],
)
def test_what_is_no_whole_picture_document_or_text_is_415(client: APIClient, name: str, content: bytes) -> None:
    answer = send(client, content, name)
    assert answer.status_code == 415
    assert answer.json()["error_type"] in {"broken_image", "unsupported_file"}
    assert not Upload.objects.exists()


@pytest.mark.parametrize("content", [b"just words", b"%PDF-1.7 ..."])
@pytest.mark.parametrize("kind", ["gig", "profile"])
def test_where_pictures_are_wanted_documents_are_415(client: APIClient, kind: str, content: bytes) -> None:
    assert send(client, content, "photo.png", kind).status_code == 415


@pytest.mark.parametrize(
    ("name", "content", "kept_as", "content_type"),
    [
        ("plan.pdf", b"%PDF-1.7\n...\n%%EOF", "plan.pdf", "application/pdf"),
        ("plan.exe", b"%PDF-1.7\n...\n%%EOF", "plan.exe.pdf", "application/pdf"),
        ("photo.png", b"only words", "photo.png.txt", "text/plain"),
        ("list.csv", b"a,b\n1,2\n", "list.csv", "text/plain"),
        ("../../etc/passwd", b"words", "passwd.txt", "text/plain"),
        ("..\\..\\boot.ini", b"words", "boot.ini.txt", "text/plain"),
        ("gpj.\u202eexe.txt", b"words", "gpj.exe.txt", "text/plain"),
    ],
)
def test_the_content_decides_what_a_file_is(
    client: APIClient, name: str, content: bytes, kept_as: str, content_type: str
) -> None:
    body = send(client, content, name).json()
    assert (body["name"], body["content_type"]) == (kept_as, content_type)
    assert body["width"] is None


@pytest.mark.parametrize("size", [(50_000, 50_000), (100_000, 1_000), (20_000, 4_000)])
def test_pictures_with_too_many_pixels_are_refused_before_decoding(client: APIClient, size: tuple[int, int]) -> None:
    assert send(client, png_header(*size), kind="gig").status_code in {413, 415}
    assert not Upload.objects.exists()


def test_a_large_true_picture_is_413(client: APIClient, settings: Any) -> None:
    settings.UPLOAD_MAX_PIXELS = 700
    assert send(client, picture(), kind="gig").status_code == 413


def test_a_file_over_the_limit_is_413(client: APIClient, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    answer = send(client, b"x" * 101, "words.txt")
    assert (answer.status_code, answer.json()["error_type"]) == (413, "file_too_large")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "attachment"}, "file"),
        ({"kind": "attachment", "file": "words"}, "file"),
        ({"file": b"words"}, "kind"),
        ({"file": b"words", "kind": "avatar"}, "kind"),
        ({"file": b"", "kind": "attachment"}, "file"),
    ],
)
def test_incomplete_uploads_are_400(client: APIClient, fields: dict[str, Any], field: str) -> None:
    if isinstance(fields.get("file"), bytes):
        fields = fields | {"file": SimpleUploadedFile("words.txt", fields["file"])}
    answer = client.post("/api/uploads", fields, format="multipart")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_json_is_no_upload(client: APIClient) -> None:
    assert client.post("/api/uploads", {"kind": "gig"}).status_code == 415


def test_a_profile_picture_is_shown_at_once(api_as: ApiAs) -> None:
    user = UserFactory.create()
    file = SimpleUploadedFile("me.png", picture(size=(2000, 1000)))
    body = api_as(user).post("/api/upload/profile", {"file": file}, format="multipart").json()
    user.refresh_from_db()
    assert (body["kind"], body["width"], body["height"]) == ("profile", 512, 256)
    assert user.avatar_url == body["url"]


def test_a_gig_picture_by_its_own_path(client: APIClient) -> None:
    file = SimpleUploadedFile("shelf.png", picture())
    answer = client.post("/api/upload/gig", {"file": file, "kind": "attachment"}, format="multipart")
    assert (answer.status_code, answer.json()["kind"]) == (201, "gig")


def test_the_same_key_stores_one_file(client: APIClient) -> None:
    def post(content: bytes) -> Any:
        body = {"file": SimpleUploadedFile("a.txt", content), "kind": "attachment"}
        return client.post("/api/uploads", body, format="multipart", headers={"Idempotency-Key": "k"})

    first, again, other = post(b"words"), post(b"words"), post(b"other words")
    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 409
    assert Upload.objects.count() == 1


def test_uploads_are_limited(client: APIClient, settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 1
    for _ in range(60):
        client.post("/api/uploads", {}, format="multipart")
    answer = client.post("/api/uploads", {}, format="multipart")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


# --- Claiming -----------------------------------------------------------------------------------


def test_claiming_keeps_the_order_and_refuses_what_is_not_ones_own() -> None:
    user = UserFactory.create()
    first, second = UploadFactory.create(owner=user), UploadFactory.create(owner=user)
    assert uploads.claim(user, ids=[second.pk, first.pk, second.pk], kind="attachment") == [second, first]
    assert uploads.claim(user, ids=[], kind="attachment") == []
    strangers, wrong_kind = UploadFactory.create(), UploadFactory.create(owner=user, kind="gig")
    for upload in (strangers, wrong_kind):
        with pytest.raises(Invalid) as refusal:
            uploads.claim(user, ids=[first.pk, upload.pk], kind="attachment")
        assert list(refusal.value.fields) == ["attachment_ids"]


# --- Out ----------------------------------------------------------------------------------------


def test_a_signed_link_gives_a_document_to_keep(api: APIClient) -> None:
    upload = UploadFactory.create()
    answer, content = fetch(api, upload.url)
    assert (answer.status_code, content) == (200, b"Notes")
    assert answer["Content-Disposition"] == 'attachment; filename="notes.txt"'
    assert answer["Content-Type"] == "text/plain"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]


def test_a_picture_is_shown(api: APIClient, client: APIClient) -> None:
    answer, _content = fetch(api, send(client, picture()).json()["url"])
    assert answer["Content-Type"] == "image/webp"
    assert answer["Content-Disposition"].startswith("inline")


def test_links_end_and_cannot_be_made_up(api: APIClient) -> None:
    upload = UploadFactory.create()
    with time_machine.travel(timezone.now() - timedelta(hours=1, minutes=1)):
        old = upload.url
    other = sign_upload(upload.pk + 1).split(":", 1)[1]
    mine = sign_upload(upload.pk).split(":", 1)[0]
    for url in (old, f"/files/{mine}:{other}/notes.txt", "/files/x/notes.txt", f"/files/{sign_upload(0)}/notes.txt"):
        assert api.get(url).status_code == 404


def test_private_files_have_no_other_address(api: APIClient) -> None:
    upload = UploadFactory.create()
    assert upload.file.name.startswith("private/")
    assert api.get(f"/media/{upload.file.name}").status_code == 404
    assert api.get(f"/media/public/../{upload.file.name}").status_code == 400


def test_public_pictures_need_no_sign_in(api: APIClient, client: APIClient) -> None:
    answer, _content = fetch(api, send(client, picture(), kind="gig").json()["url"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")


def test_a_front_server_may_send_the_bytes(api: APIClient, settings: Any) -> None:
    settings.X_ACCEL_PREFIX = "/internal/"
    upload = UploadFactory.create()
    answer = api.get(upload.url)
    assert answer["X-Accel-Redirect"] == f"/internal/{upload.file.name}"
    assert answer.content == b""
