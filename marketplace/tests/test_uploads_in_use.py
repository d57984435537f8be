"""Files that are used somewhere are never cleaned up."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import IdentityCheck, Upload
from accounts.services import clean_up, uploads
from accounts.tests.factories import UploadFactory, UserFactory
from accounts.tests.test_api_uploads import picture
from chat.tests.factories import MessageFactory
from gigs.tests.factories import make_gig
from projects.tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db


def test_what_any_app_uses_stays(run_jobs: Callable[[], list[str]]) -> None:
    owner, long_ago = UserFactory.create(), timezone.now() - timedelta(days=9)
    kept = [UploadFactory.create(owner=owner, created_at=long_ago) for _ in range(4)]
    make_gig().images.add(kept[0])
    ProjectFactory.create().attachments.add(kept[1])
    MessageFactory.create().attachments.add(kept[2])
    IdentityCheck.objects.create(user=owner, document="passport").files.add(kept[3])
    shown = uploads.set_avatar(owner, file=SimpleUploadedFile("a.png", picture()))
    Upload.objects.update(created_at=long_ago)
    lost = UploadFactory.create(owner=owner, created_at=long_ago)
    clean_up()
    run_jobs()
    assert set(Upload.objects.all()) == {*kept, shown}
    assert not lost.file.storage.exists(lost.file.name)
    assert all(upload.file.storage.exists(upload.file.name) for upload in (*kept, shown))
