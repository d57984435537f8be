"""Kinds of files, and what becomes of them."""

from datetime import timedelta

from django.db.models import TextChoices


class UploadKind(TextChoices):
    PROFILE = "profile", "Profile picture"
    GIG = "gig", "Gig picture"
    ATTACHMENT = "attachment", "Attachment"
    IDENTITY = "identity", "Identity document"


PUBLIC_UPLOADS = frozenset({UploadKind.PROFILE, UploadKind.GIG})
AVATAR_SIDE = 512
# Widths in pixels that are made of every picture of a kind, beside it.
THUMBNAILS = {
    UploadKind.PROFILE: (96, 384),
    UploadKind.GIG: (384, 1024),
    UploadKind.ATTACHMENT: (384,),
    UploadKind.IDENTITY: (384,),
}
UNUSED_UPLOADS_KEPT = timedelta(days=1)  # time enough to finish the form that they were sent for
