"""Make the thumbnails that stored pictures lack."""

from typing import Any

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand

from accounts.models import Upload
from accounts.services import uploads
from core.uploads import CleanFile


class Command(BaseCommand):
    help = "For pictures from before there were thumbnails, or after a change of their sizes. Leaves what is there."

    def handle(self, *args: Any, **options: Any) -> None:
        made = 0
        for upload in Upload.objects.filter(content_type__startswith="image/").iterator(200):
            if all(upload.file.storage.exists(name) for name in upload.thumbnail_names):
                continue
            uploads.remove_files(upload.thumbnail_names)
            with upload.file.open() as file:
                uploads.make_thumbnails(upload, CleanFile(upload.name, upload.content_type, ContentFile(file.read())))
            made += 1
        self.stdout.write(f"{made} pictures were given thumbnails.")
