"""Files that are not what they seem. What is kept is either made anew or can do nothing."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageCms
from rest_framework.test import APIClient

from accounts.models import Upload, User
from accounts.tests.factories import UserFactory
from accounts.tests.test_api_uploads import SCRIPT, fetch, kept_bytes, picture, png_header, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(api_as: Callable[[User], APIClient]) -> APIClient:
    return api_as(UserFactory.create())


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def kept_picture() -> Image.Image:
    return Image.open(io.BytesIO(kept_bytes()))


def gif_that_is_a_script() -> bytes:
    """Runs as JavaScript where a browser is made to take it for that: `GIF89a/*…*/=1;alert(1)`."""
    whole = bytearray(picture("GIF"))
    whole[6:8] = b"/*"  # the width, as a comment's beginning
    return bytes(whole) + b"*/=1;alert(1)"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.gif", gif_that_is_a_script()),
        ("a.jpg", picture("JPEG") + packed(evil=SCRIPT)),
        ("a.png", picture("PNG") + SCRIPT),
        ("a.php", picture("JPEG", comment=b"<?php system($_GET[0]); ?>")),
        ("a.html", picture("WEBP") + b"<html>" + SCRIPT),
    ],
)
def test_of_a_picture_that_is_something_else_too_only_the_picture_is_kept(
    client: APIClient, name: str, content: bytes
) -> None:
    answer = send(client, content, name)
    assert answer.status_code in {201, 413, 415}
    if answer.status_code == 201:
        kept = kept_bytes()
        assert not any(mark in kept for mark in (b"alert", b"<html", b"<?php", b"PK\x03\x04"))
        assert answer.json()["name"].endswith(".webp")


def test_a_pdf_that_is_a_page_too_is_only_ever_handed_over_as_a_pdf(client: APIClient, api: APIClient) -> None:
    body = send(client, b"%PDF-1.7\n<html>" + SCRIPT + b"</html>\n%%EOF", "bill.html").json()
    assert (body["name"], body["content_type"]) == ("bill.html.pdf", "application/pdf")
    answer, _ = fetch(api, body["url"])
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].endswith("sandbox")


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b'\xef\xbb\xbf<?xml version="1.0"?><svg/>',
        b"<!-- a comment first --><svg/>",
        b"\n\n  <IFRAME src=x>",
        "<svg/>".encode("utf-16"),
        b"\x1f\x8b\x08\x00" + zlib.compress(b"<svg/>"),
    ],
)
def test_drawings_and_pages_are_refused_whatever_they_are_called(client: APIClient, content: bytes) -> None:
    for name in ("a.svg", "a.png", "a.txt"):
        assert send(client, content, name).status_code == 415
    assert not Upload.objects.exists()


@pytest.mark.parametrize("kind", ["gig", "profile", "attachment", "identity"])
def test_a_few_bytes_that_claim_fifty_thousand_pixels_a_side_are_not_decoded(
    client: APIClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("It is decoded."))
    rows = zlib.compress(b"\0" * 1_000_000)
    content = png_header(50_000, 50_000) + struct.pack(">I", len(rows)) + b"IDAT" + rows
    assert send(client, content, kind=kind).status_code in {413, 415}


def test_a_true_picture_of_many_even_pixels_is_refused(client: APIClient) -> None:
    """100 KB that would be 120 MB."""
    content = picture("PNG", (8_000, 5_001))
    assert len(content) < 300_000
    answer = send(client, content)
    assert (answer.status_code, answer.json()["error_type"]) == (413, "image_too_large")


def test_hidden_texts_that_swell_are_refused(client: APIClient) -> None:
    text = zlib.compress(b"a" * 80_000_000)
    chunk = b"zTXtbomb\0\0" + text
    whole = picture("PNG")
    bomb = whole[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + whole[33:]
    assert send(client, bomb).status_code in {201, 415}
    if Upload.objects.exists():
        assert len(kept_bytes()) < 10_000


def test_where_a_picture_was_taken_is_forgotten(client: APIClient) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (51.0, 3.0, 15.0)
    exif[0x8825] = {1: "N", 2: (51.0, 3.0, 15.0), 3: "E", 4: (3.0, 43.0, 2.0)}
    exif[0x010F] = "A camera"
    sent = picture("JPEG", exif=exif)
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825)
    send(client, sent, "cat.jpg")
    kept = kept_picture()
    assert not kept.getexif()
    assert b"A camera" not in kept_bytes()
    assert not {"exif", "xmp", "icc_profile", "comment"} & set(kept.info)


def test_a_turned_picture_stands_upright(client: APIClient) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    body = send(client, picture("JPEG", (40, 20), exif=exif)).json()
    assert (body["width"], body["height"]) == (20, 40)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_kept(client: APIClient, kind: str) -> None:
    frames = [Image.new("RGB", (40, 20), colour) for colour in ("red", "lime", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=50, loop=0, lossless=True)
    send(client, out.getvalue())
    kept = kept_picture()
    assert getattr(kept, "n_frames", 1) == 1
    red, green, blue = kept.convert("RGB").getpixel((5, 5))
    assert red > 200 > 60 > max(green, blue)


@pytest.mark.parametrize(
    ("mode", "colour", "kind", "seen"),
    [
        ("CMYK", (0, 255, 255, 0), "JPEG", (255, 0, 0)),
        ("I;16", 32_768, "PNG", (128, 128, 128)),
        ("L", 200, "PNG", (200, 200, 200)),
        ("1", 1, "PNG", (255, 255, 255)),
        ("P", 0, "GIF", (0, 0, 0)),
        ("RGBA", (0, 0, 255, 255), "PNG", (0, 0, 255)),
        ("LA", (90, 255), "PNG", (90, 90, 90)),
    ],
)
def test_every_way_of_colours_looks_as_it_did(
    client: APIClient, mode: str, colour: Any, kind: str, seen: tuple[int, int, int]
) -> None:
    out = io.BytesIO()
    Image.new(mode, (40, 20), colour).save(out, kind)
    assert send(client, out.getvalue()).status_code == 201
    got = kept_picture().convert("RGB").getpixel((20, 10))
    assert all(abs(one - other) < 14 for one, other in zip(got, seen, strict=True)), got


def test_transparency_stays(client: APIClient) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 20), (255, 0, 0, 0)).save(out, "PNG")
    send(client, out.getvalue())
    assert kept_picture().convert("RGBA").getpixel((5, 5))[3] == 0


def test_a_colour_profile_is_not_kept(client: APIClient) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    send(client, picture("JPEG", icc_profile=profile))
    assert b"ICCP" not in kept_bytes()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_half_pictures_are_refused(client: APIClient, kind: str, share: float) -> None:
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    out = io.BytesIO()
    noise.save(out, kind)
    whole = out.getvalue()
    assert send(client, whole[: int(len(whole) * share)]).status_code == 415


@pytest.mark.parametrize("seed", range(40))
def test_noise_in_a_picture_breaks_nothing(client: APIClient, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(picture(chance.choice(["PNG", "JPEG", "WEBP", "GIF"]), (60, 60)))
    for _ in range(chance.randint(1, 12)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    assert send(client, bytes(content)).status_code in {201, 413, 415}


@pytest.mark.parametrize(
    ("name", "files", "kept_as", "content_type"),
    [
        ("a.docx", {"[Content_Types].xml": b"", "word/document.xml": b""}, "a.docx", "wordprocessingml.document"),
        ("a.xlsx", {"[Content_Types].xml": b"", "xl/workbook.xml": b""}, "a.xlsx", "spreadsheetml.sheet"),
        ("a.odt", {"mimetype": b"", "content.xml": b""}, "a.odt", "opendocument.text"),
        ("a.docx", {"index.html": SCRIPT}, "a.docx.zip", "application/zip"),
        ("a.pptx", {"[Content_Types].xml": b"", "word/document.xml": b""}, "a.pptx.zip", "application/zip"),
        ("a.html", {"index.html": SCRIPT}, "a.html.zip", "application/zip"),
        ("a.zip", {"../../etc/passwd": b"x"}, "a.zip", "application/zip"),
    ],
)
def test_an_office_file_is_one_only_by_what_is_in_it(
    client: APIClient, name: str, files: dict[str, bytes], kept_as: str, content_type: str
) -> None:
    body = send(client, packed(**files), name).json()
    assert body["name"] == kept_as
    assert body["content_type"].endswith(content_type)


@pytest.mark.parametrize("content", [packed(a=b"x" * 500)[:200], b"PK\x03\x04" + b"\0" * 100, b"%PDF-1.7\n half of it"])
def test_half_documents_are_refused(client: APIClient, content: bytes) -> None:
    answer = send(client, content, "plan.zip")
    assert (answer.status_code, answer.json()["error_type"]) == (415, "broken_file")


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("../../../etc/passwd", "passwd.txt"),
        ("C:\\Windows\\system.ini", "system.ini.txt"),
        ("photo\u202egnp.txt", "photognp.txt"),
        ("a\u200bb\u2066c.txt", "abc.txt"),
        ("tab\tname.txt", "tabname.txt"),
        ('quote".txt', 'quote".txt'),
        (".htaccess", "htaccess.txt"),
        ("...", "file.txt"),
        ("x" * 200 + ".txt", "x" * 110 + ".txt"),
    ],
)
def test_names_lead_nowhere_and_read_as_they_are(client: APIClient, api: APIClient, name: str, kept_as: str) -> None:
    content = SimpleUploadedFile("a.txt", b"words")
    content._name = name  # Django's own class would tidy it up, which a hostile client does not
    body = client.post("/api/uploads", {"file": content, "kind": "attachment"}, format="multipart").json()
    assert body["name"] == kept_as
    stored = Upload.objects.get().file.name
    assert stored.startswith("private/attachment/")
    assert stored.count("/") == 2
    answer, _ = fetch(api, body["url"])
    assert "\n" not in answer["Content-Disposition"]


def test_a_paper_is_a_picture_or_a_pdf(client: APIClient) -> None:
    assert send(client, picture(), kind="identity").status_code == 201
    assert send(client, b"%PDF-1.7\n%%EOF", kind="identity").status_code == 201
    assert send(client, b"words", "a.txt", kind="identity").status_code == 415
    assert send(client, packed(a=b""), "a.zip", kind="identity").status_code == 415
    assert {upload.file.name.split("/")[0] for upload in Upload.objects.all()} == {"private"}


class Unread:
    """A body that must not be read."""

    def read(self, *args: Any) -> bytes:
        pytest.fail("The body is read.")

    readline = read


@pytest.mark.parametrize("path", ["/api/uploads", "/api/upload/profile", "/settings/photo/"])
def test_a_body_that_announces_too_much_is_refused_unread(settings: Any, path: str) -> None:
    browser = Client()
    browser.force_login(UserFactory.create())
    extra = {"CONTENT_LENGTH": str(settings.REQUEST_MAX_BYTES + 1), "wsgi.input": Unread()}
    answer = browser.generic("POST", path, b"", "multipart/form-data; boundary=x", **extra)
    assert answer.status_code == 413
    if path.startswith("/api"):
        assert answer.json() == {"detail": "This is larger than 10 MB.", "error_type": "too_large"}
    else:
        assert b"larger than 10 MB" in answer.content


@pytest.mark.parametrize("announced", ["", "many", "-5"])
def test_a_body_without_a_true_length_counts_as_empty(client: APIClient, announced: str) -> None:
    answer = client.generic("POST", "/api/uploads", b"x", "multipart/form-data; boundary=x", CONTENT_LENGTH=announced)
    assert answer.status_code == 400
