"""A file that somebody sent."""

import uuid

from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models.user import User
from accounts.querysets import UploadQuerySet
from accounts.rules import PUBLIC_UPLOADS, THUMBNAILS, UploadKind
from core.uploads import THUMBNAIL_FORMATS, thumbnail_name


def upload_path(upload: "Upload", name: str) -> str:
    """Unguessable; only profile and gig pictures lie in the public folder."""
    folder = "public" if upload.kind in PUBLIC_UPLOADS else "private"
    return f"{folder}/{upload.kind}/{uuid.uuid4().hex}.{name.rpartition('.')[2].lower()}"


class Upload(models.Model):
    """Checked and, if an image, re-encoded by `core.uploads`. Its bytes never change."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="uploads")
    kind = models.CharField(max_length=12, choices=UploadKind)
    file = models.FileField(upload_to=upload_path, max_length=200)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes.")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=UploadKind.values), name="accounts_upload_kind_known")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def url(self) -> str:
        """Public files by their address, private ones by a signed link that ends after an hour."""
        if self.kind in PUBLIC_UPLOADS:
            return str(self.file.url)
        from accounts.signing import sign_upload

        return reverse("file", args=[sign_upload(self.pk), self.name])

    @property
    def thumbnail_url(self) -> str:
        """The smallest width that a picture's kind has beyond faces; "" for what is no picture."""
        if not self.is_image:
            return ""
        width = THUMBNAILS[UploadKind(self.kind)][-1 if self.kind == UploadKind.PROFILE else 0]
        if self.kind in PUBLIC_UPLOADS:
            return str(self.file.storage.url(thumbnail_name(self.file.name, f"{width}.webp")))
        return f"{self.url}?width={width}"

    @property
    def stored_names(self) -> list[str]:
        """Where it and its thumbnails lie in the storage."""
        return [str(self.file.name), *self.thumbnail_names]

    @property
    def thumbnail_names(self) -> list[str]:
        if not self.is_image:
            return []
        whiches = (f"{width}.{ending}" for width in THUMBNAILS[UploadKind(self.kind)] for ending in THUMBNAIL_FORMATS)
        return [thumbnail_name(self.file.name, which) for which in whiches]
