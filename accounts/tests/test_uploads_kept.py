"""What becomes of files: thumbnails, links, and an end when nobody uses them."""

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Upload, User
from accounts.services import clean_up, uploads
from accounts.signing import sign_address, sign_upload
from accounts.tests.factories import UploadFactory, UserFactory
from accounts.tests.test_api_uploads import fetch, picture
from core.templatetags.ui import picture as picture_tag

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], list[str]]


def store(kind: str, content: bytes | None = None, owner: User | None = None) -> Upload:
    file = SimpleUploadedFile("a.png", content or picture(size=(1600, 900)))
    return uploads.store(owner or UserFactory.create(), file=file, kind=kind)


def stored(name: str) -> Path:
    return Path(site_settings.MEDIA_ROOT, name)


# --- Thumbnails ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "widths"), [("profile", [96, 384]), ("gig", [384, 1024]), ("attachment", [384])])
def test_a_picture_has_its_thumbnails_from_the_start(kind: str, widths: list[int]) -> None:
    upload = store(kind)
    found = {}
    for name in upload.thumbnail_names:
        with Image.open(stored(name)) as image:
            found[name.rpartition(".")[2], image.width] = image.format
    assert found == {(ending, width): ending.upper() for width in widths for ending in ("avif", "webp")}


def test_a_small_picture_is_not_blown_up() -> None:
    upload = store("gig", picture(size=(40, 20)))
    with Image.open(stored(upload.thumbnail_names[0])) as image:
        assert image.size == (40, 20)


def test_documents_have_none() -> None:
    assert (UploadFactory.create().thumbnail_names, UploadFactory.create().thumbnail_url) == ([], "")


def test_pages_offer_them_to_the_browser() -> None:
    upload = store("profile")
    html = picture_tag(upload.url, widths="96 384", sizes="48px", width=112, height=112, lazy=True)
    stem = upload.url.removesuffix(".webp")
    assert f'type="image/avif" srcset="{stem}.96.avif 96w, {stem}.384.avif 384w" sizes="48px"' in html
    assert f'<img src="{upload.url}" srcset="{stem}.96.webp 96w, {stem}.384.webp 384w"' in html
    assert 'loading="lazy"' in html


@pytest.mark.parametrize("src", ["/static/img/face.svg", "/files/x:y/a.webp", "/media/public/gig/short.webp"])
def test_other_pictures_are_shown_as_they_are(src: str) -> None:
    html = picture_tag(src, widths="96", sizes="48px", width=1, height=1)
    assert html == f'<img src="{src}" alt="" width="1" height="1">'


@pytest.mark.parametrize(
    ("accept", "content_type"), [("image/avif,image/webp,*/*", "image/avif"), ("*/*", "image/webp"), ("", "image/webp")]
)
def test_a_private_thumbnail_comes_as_the_browser_knows_it(api: APIClient, accept: str, content_type: str) -> None:
    upload = store("attachment")
    answer, content = fetch_as(api, upload.thumbnail_url, accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert "Accept" in answer["Vary"]
    assert len(content) == stored(upload.thumbnail_names[0 if "avif" in content_type else 1]).stat().st_size


def fetch_as(api: APIClient, url: str, accept: str) -> tuple[Any, bytes]:
    answer = api.get(url, headers={"Accept": accept})
    content = b"".join(answer.streaming_content)
    answer.close()
    return answer, content


@pytest.mark.parametrize("width", ["", "385", "96", "0", "-1", "384/../..", "99999999"])
def test_any_other_width_gives_the_picture_itself(api: APIClient, width: str) -> None:
    upload = store("attachment")
    answer, content = fetch(api, f"{upload.url}?width={width}")
    assert (answer["Content-Type"], len(content)) == ("image/webp", upload.size)


def test_a_picture_from_before_is_shown_whole_until_it_is_given_thumbnails(api: APIClient) -> None:
    upload = store("attachment")
    for name in upload.thumbnail_names:
        stored(name).unlink()
    assert size_of(api, upload.thumbnail_url) == upload.size
    call_command("make_thumbnails", stdout=io.StringIO())
    assert size_of(api, upload.thumbnail_url) < upload.size


def size_of(api: APIClient, url: str) -> int:
    return len(b"".join(api.get(url).streaming_content))


# --- Links --------------------------------------------------------------------------------------


def test_links_are_for_one_thing_only(api: APIClient) -> None:
    upload = UploadFactory.create()
    for token in (
        sign_address(upload.owner, "a@example.com"),
        sign_upload(upload.pk)[:-1],
        sign_upload(upload.pk) + "x",
    ):
        assert api.get(reverse("file", args=[token, "notes.txt"])).status_code == 404


@pytest.mark.parametrize("kind", ["attachment", "identity"])
def test_nothing_in_a_file_can_run(api: APIClient, kind: str) -> None:
    upload = store(kind)
    api.force_login(upload.owner)
    answer, _ = fetch(api, upload.url)
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == ("private, no-store" if kind == "identity" else "private, max-age=3600")


def test_asking_for_a_part_gets_the_whole(api: APIClient) -> None:
    answer = api.get(UploadFactory.create().url, headers={"Range": "bytes=0-1"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"Notes")
    answer.close()


# --- An end -------------------------------------------------------------------------------------


def old(upload: Upload) -> Upload:
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    return upload


def test_what_was_put_to_no_use_is_removed_after_a_day(run_jobs: RunJobs) -> None:
    forgotten, fresh = old(store("gig")), store("gig")
    clean_up()
    assert run_jobs() == ["accounts.remove_files"]
    assert list(Upload.objects.all()) == [fresh]
    assert not any(stored(name).exists() for name in (forgotten.file.name, *forgotten.thumbnail_names))
    assert all(stored(name).exists() for name in (fresh.file.name, *fresh.thumbnail_names))


def test_every_relation_to_a_file_is_asked() -> None:
    """Also those of an app that comes later, and those without a name of their own on the other side."""
    relations = [each for each in Upload._meta.get_fields(include_hidden=True) if each.one_to_many or each.one_to_one]
    sql = str(Upload.objects.unused().query)
    assert len(relations) >= 5
    assert all(f'"{each.related_model._meta.db_table}"' in sql for each in relations)


def test_a_picture_that_somebody_elses_account_shows_stays() -> None:
    """Accounts of a demonstration are copies, and share their pictures."""
    owner = UserFactory.create()
    upload = old(uploads.set_avatar(owner, file=SimpleUploadedFile("a.png", picture())))
    UserFactory.create(avatar=upload.file.name)
    uploads.remove_avatar(owner)
    clean_up()
    assert Upload.objects.filter(pk=upload.pk).exists()


def test_a_face_that_is_replaced_or_taken_away_is_gone_at_once(run_jobs: RunJobs) -> None:
    user = UserFactory.create()
    first = uploads.set_avatar(user, file=SimpleUploadedFile("a.png", picture()))
    second = uploads.set_avatar(user, file=SimpleUploadedFile("b.png", picture()))
    run_jobs()
    assert not stored(first.file.name).exists()
    assert stored(second.file.name).exists()
    uploads.remove_avatar(user)
    run_jobs()
    assert not stored(second.file.name).exists()
    assert not Upload.objects.exists()


def test_files_of_an_upload_that_stays_after_all_are_not_removed(run_jobs: RunJobs) -> None:

    forgotten = old(store("gig"))
    with pytest.raises(RuntimeError), transaction.atomic():
        clean_up()
        raise RuntimeError
    assert run_jobs() == []
    assert stored(forgotten.file.name).exists()


@pytest.mark.filterwarnings("ignore:The default scheme will be changed")
def test_the_staff_console_takes_no_file(console_as: Callable[[User], Client]) -> None:
    """It would bypass everything above."""
    user = UserFactory.create()
    page = console_as(UserFactory.create(staff=True)).get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert user.email in page
    assert 'type="file"' not in page


@pytest.mark.django_db(transaction=True)
def test_what_is_put_to_use_at_this_moment_is_passed_by() -> None:
    """Somebody sends the form just as the clean-up comes along."""
    forgotten, wanted = old(UploadFactory.create()), old(UploadFactory.create())
    claimed, may_end = threading.Event(), threading.Event()

    def send_the_form() -> None:
        try:
            with transaction.atomic():
                uploads.claim(wanted.owner, ids=[wanted.pk], kind="attachment")
                claimed.set()
                may_end.wait(10)
        finally:
            connection.close()

    sender = threading.Thread(target=send_the_form)
    sender.start()
    assert claimed.wait(10)
    uploads.forget_unused_uploads()
    may_end.set()
    sender.join()
    assert set(Upload.objects.filter(pk__in=[forgotten.pk, wanted.pk])) == {wanted}
