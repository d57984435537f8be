"""Files in a bucket: in, out, away."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import Upload, User
from accounts.services import uploads
from accounts.tests.factories import UserFactory
from accounts.tests.test_api_uploads import picture
from core.storage import BucketStorage

pytestmark = pytest.mark.django_db


def keys(bucket: Any) -> set[str]:
    return {file.key for file in bucket.objects.all()}


def store(kind: str, content: bytes, name: str = "a.png") -> Upload:
    return uploads.store(UserFactory.create(), file=SimpleUploadedFile(name, content), kind=kind)


def test_a_picture_lies_there_with_its_thumbnails(bucket: Any) -> None:
    upload = store("gig", picture(size=(1600, 900)))
    stem = upload.file.name.removesuffix(".webp")
    assert keys(bucket) == {f"{stem}{end}" for end in (".webp", ".384.avif", ".384.webp", ".1024.avif", ".1024.webp")}
    with upload.file.open() as file:
        assert file.read(4) == b"RIFF"
    kept = bucket.Object(upload.file.name)
    assert (kept.content_type, kept.cache_control) == ("image/webp", "public, max-age=31536000, immutable")
    assert bucket.Object(f"{stem}.384.avif").content_type == "image/avif"


def test_public_files_have_a_lasting_address_of_the_bucket_or_its_cdn(bucket: Any, settings: Any) -> None:
    upload = store("gig", picture())
    assert upload.url == f"{settings.STORAGES['default']['OPTIONS']['public_url']}/{upload.file.name}"


def test_a_face_by_the_api(bucket: Any, api_as: Callable[[User], APIClient]) -> None:
    user = UserFactory.create()
    file = SimpleUploadedFile("me.png", picture(size=(800, 800)))
    body = api_as(user).post("/api/upload/profile", {"file": file}, format="multipart").json()
    user.refresh_from_db()
    assert user.avatar_url == body["url"]
    assert body["url"].endswith(user.avatar.name)
    assert user.avatar.name in keys(bucket)


def test_a_private_file_comes_by_a_link_that_the_bucket_answers(bucket: Any, api: APIClient) -> None:
    upload = store("attachment", b"Words", "notes.txt")
    answer = api.get(upload.url)
    assert answer.status_code == 302
    assert answer["Cache-Control"] == "private, no-store"
    link = answer["Location"]
    assert "X-Amz-Signature=" in link
    assert "X-Amz-Expires=300" in link
    got = httpx.get(link)
    assert (got.status_code, got.content) == (200, b"Words")
    assert got.headers["Content-Disposition"] == 'attachment; filename="notes.txt"'
    assert got.headers["Content-Type"] == "text/plain"
    assert bucket.Object(upload.file.name).cache_control == "private, no-store"


def test_a_private_thumbnail(bucket: Any, api: APIClient) -> None:
    upload = store("attachment", picture(size=(900, 900)))
    answer = api.get(upload.thumbnail_url, headers={"Accept": "image/avif,*/*"})
    got = httpx.get(answer["Location"])
    assert got.headers["Content-Type"] == "image/avif"
    assert b"ftypavif" in got.content[:32]


def test_what_is_forgotten_is_deleted_there_too(bucket: Any, run_jobs: Callable[[], list[str]]) -> None:
    user = UserFactory.create()
    uploads.set_avatar(user, file=SimpleUploadedFile("a.png", picture()))
    before = keys(bucket)
    uploads.set_avatar(user, file=SimpleUploadedFile("b.png", picture("JPEG")))
    assert run_jobs() == ["accounts.remove_files"]
    assert len(before) == len(keys(bucket)) == 5
    assert not before & keys(bucket)


def test_nothing_is_left_of_a_file_that_could_not_be_kept(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Upload, "save", fail)
    with pytest.raises(RuntimeError):
        store("gig", picture())
    assert keys(bucket) == set()


def test_at_amazon_links_lead_to_the_regions_own_address() -> None:
    """The one that the content policy names."""
    storage = BucketStorage(
        bucket_name="files", region_name="eu-west-1", endpoint_url=None, access_key="a", secret_key="b", public_url="x"
    )
    assert storage.url("private/a.pdf").startswith("https://files.s3.eu-west-1.amazonaws.com/private/a.pdf?")
