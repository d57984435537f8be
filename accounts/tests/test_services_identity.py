from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import services
from accounts.models import IdentityCheck, Upload, User
from accounts.services import uploads
from accounts.tests.factories import UserFactory, staff_of
from core.errors import Conflict, Forbidden, Invalid, NotFound, UnsupportedMedia

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def moderator() -> User:
    return staff_of("moderator")


def picture() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (40, 30), "white").save(content, "PNG")
    return SimpleUploadedFile("passport.png", content.getvalue(), "image/png")


def sent(user: User) -> Upload:
    return uploads.store(user, file=picture(), kind="identity")


def submit(user: User, count: int = 1) -> IdentityCheck:
    return services.submit_identity(user, document="passport", file_ids=[sent(user).pk for _ in range(count)])


def test_an_approved_document_gives_the_badge(user: User, moderator: User, run_jobs: Callable[[], list[str]]) -> None:
    check = submit(user, 3)
    services.decide_identity(moderator, check_id=check.pk, approve=True)
    user.refresh_from_db()
    assert user.has_verified_identity
    run_jobs()
    assert mail.outbox[0].to == [user.email]
    with pytest.raises(Conflict) as refusal:
        submit(user)
    assert refusal.value.code == "identity_verified"


def test_a_refusal_says_why_and_allows_another_try(
    user: User, moderator: User, run_jobs: Callable[[], list[str]]
) -> None:
    check = submit(user)
    with pytest.raises(Invalid):
        services.decide_identity(moderator, check_id=check.pk, approve=False)
    services.decide_identity(moderator, check_id=check.pk, approve=False, reason="A corner is missing.")
    run_jobs()
    assert "A corner is missing." in mail.outbox[0].body
    user.refresh_from_db()
    assert not user.has_verified_identity
    assert submit(user)


def test_one_waits_at_a_time_and_is_decided_once(user: User, moderator: User) -> None:
    check = submit(user)
    with pytest.raises(Conflict):
        submit(user)
    services.decide_identity(moderator, check_id=check.pk, approve=True)
    with pytest.raises(Conflict):
        services.decide_identity(staff_of("moderator"), check_id=check.pk, approve=False, reason="No")


@pytest.mark.parametrize("group", ["support", "finance", "analyst", ""])
def test_others_do_not_decide(user: User, group: str) -> None:
    actor = staff_of(group) if group else user
    with pytest.raises(Forbidden):
        services.decide_identity(actor, check_id=submit(user).pk, approve=True)


def test_staff_does_not_decide_its_own(moderator: User) -> None:
    with pytest.raises(Forbidden) as refusal:
        services.decide_identity(moderator, check_id=submit(moderator).pk, approve=True)
    assert refusal.value.code == "own_document"


@pytest.mark.parametrize("count", [0, 4])
def test_it_takes_one_to_three_pictures(user: User, count: int) -> None:
    with pytest.raises(Invalid):
        submit(user, count)


def test_only_ones_own_new_pictures_count(user: User, moderator: User) -> None:
    foreign = sent(UserFactory.create())
    attachment = uploads.store(user, file=picture(), kind="attachment")
    for upload in (foreign, attachment):
        with pytest.raises(Invalid):
            services.submit_identity(user, document="passport", file_ids=[upload.pk])
    old = submit(user)
    services.decide_identity(moderator, check_id=old.pk, approve=False, reason="Blurred")
    with pytest.raises(Invalid):
        services.submit_identity(user, document="passport", file_ids=[old.files.get().pk])


def test_only_pictures_are_taken(user: User) -> None:
    with pytest.raises(UnsupportedMedia):
        uploads.store(user, file=SimpleUploadedFile("passport.pdf", b"%PDF-1.7"), kind="identity")


def test_unconfirmed_people_send_nothing() -> None:
    with pytest.raises(Forbidden):
        submit(UserFactory.create(unverified=True))


def test_only_the_owner_and_permitted_staff_open_the_picture(
    user: User, moderator: User, pages_as: Callable[[User], Client]
) -> None:
    upload = submit(user).files.get()
    assert upload.file.name.startswith("private/")
    for reader in (user, moderator):
        answer = pages_as(reader).get(upload.url)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
    for reader in (UserFactory.create(), staff_of("finance"), staff_of("support")):
        assert pages_as(reader).get(upload.url).status_code == 404
    assert Client().get(upload.url).status_code == 404
    link = upload.url
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert pages_as(user).get(link).status_code == 404


def test_pictures_go_a_month_after_the_decision(user: User, moderator: User) -> None:
    check = submit(user)
    name = check.files.get().file.name
    services.decide_identity(moderator, check_id=check.pk, approve=True)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        services.clean_up()
    assert default_storage.exists(name)
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        services.clean_up()
    assert not default_storage.exists(name)
    check.refresh_from_db()
    assert check.is_approved
    assert not check.files.exists()


def test_pictures_that_wait_stay_and_those_never_handed_in_go(user: User) -> None:
    waiting, loose = submit(user).files.get(), sent(user)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        services.clean_up()
    assert list(Upload.objects.filter(pk__in=[waiting.pk, loose.pk])) == [waiting]


def test_another_name_needs_another_check(user: User) -> None:
    user.identity_verified_at = timezone.now()
    user.save()
    services.update_person(user, person={"time_zone": "Europe/Brussels"})
    user.refresh_from_db()
    assert user.has_verified_identity
    services.update_person(user, person={"last_name": "Someoneelse"})
    user.refresh_from_db()
    assert not user.has_verified_identity


def test_a_document_that_is_not_there(moderator: User) -> None:
    with pytest.raises(NotFound):
        services.decide_identity(moderator, check_id=10**9, approve=True)


def test_answers_say_who_is_verified(user: User, api: Any) -> None:
    assert api.get(f"/api/users/{user.pk}").json()["identity_verified"] is False
    User.objects.filter(pk=user.pk).update(identity_verified_at=timezone.now())
    assert api.get(f"/api/users/{user.pk}").json()["identity_verified"] is True
