"""A file that somebody sent."""

import uuid

from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models.user import User
from accounts.rules import PUBLIC_UPLOADS, UploadKind


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
