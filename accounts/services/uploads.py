"""Files that people send."""

from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import Upload, User
from accounts.rules import AVATAR_SIDE, UploadKind
from accounts.services import audit
from core.errors import Invalid
from core.uploads import clean_attachment, clean_image


def store(actor: User, *, file: UploadedFile, kind: str) -> Upload:
    """Check, clean and keep a file. Invalid (400), TooLarge (413) or UnsupportedMedia (415) when it cannot be taken."""
    if kind == UploadKind.PROFILE:
        clean = clean_image(file, side=AVATAR_SIDE)
    elif kind in {UploadKind.GIG, UploadKind.IDENTITY}:
        clean = clean_image(file)
    elif kind == UploadKind.ATTACHMENT:
        clean = clean_attachment(file)
    else:
        raise Invalid(fields={"kind": [f"Choose one of {', '.join(UploadKind.values)}."]})
    upload = Upload(
        owner=actor,
        kind=kind,
        name=clean.name,
        content_type=clean.content_type,
        size=clean.content.size,
        width=clean.width,
        height=clean.height,
    )
    upload.file.save(clean.name, clean.content, save=False)
    upload.save()
    return upload


def claim(actor: User, *, ids: Sequence[int], kind: str, field: str = "attachment_ids") -> list[Upload]:
    """The actor's own uploads of that kind, in the order of `ids`; Invalid at `field` if any is not theirs."""
    found = actor.uploads.filter(kind=kind).in_bulk(set(ids))
    if len(found) != len(set(ids)):
        raise Invalid(fields={field: ["Choose files that you have uploaded for this."]})
    return [found[upload_id] for upload_id in dict.fromkeys(ids)]


@transaction.atomic
def set_avatar(actor: User, *, file: UploadedFile) -> Upload:
    """Store a profile picture and show it from now on."""
    upload = store(actor, file=file, kind=UploadKind.PROFILE)
    actor.avatar.name = upload.file.name
    actor.save(update_fields=["avatar", "updated_at"])
    audit.record(actor, "person.changed_picture", actor)
    return upload


@transaction.atomic
def remove_avatar(actor: User) -> None:
    """Show initials again."""
    actor.avatar.name = ""
    actor.save(update_fields=["avatar", "updated_at"])
    audit.record(actor, "person.removed_picture", actor)
