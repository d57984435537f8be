"""Files that people send."""

from collections.abc import Sequence
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts import policies
from accounts.models import Upload, User
from accounts.rules import AVATAR_SIDE, THUMBNAILS, UNUSED_UPLOADS_KEPT, UploadKind
from accounts.services import audit
from core import jobs
from core.errors import Invalid, require
from core.uploads import CleanFile, clean_attachment, clean_document, clean_image, thumbnail_name, thumbnails

REMOVED_AT_ONCE = 500


def store(actor: User, *, file: UploadedFile, kind: str) -> Upload:
    """Check, clean and keep a file, of a picture with its thumbnails, so that whoever shows it finds them.

    Invalid (400), TooLarge (413) or UnsupportedMedia (415) when it cannot be taken.
    """
    clean = _clean(file, kind)
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
    try:
        make_thumbnails(upload, clean)
        upload.save()
    except Exception:
        remove_files(upload.stored_names)
        raise
    return upload


def make_thumbnails(upload: Upload, clean: CleanFile) -> None:
    """Beside the stored picture `clean`; of other files none."""
    if upload.is_image:
        for which, content in thumbnails(clean, THUMBNAILS[UploadKind(upload.kind)]):
            upload.file.storage.save(thumbnail_name(str(upload.file.name), which), content)


def claim(actor: User, *, ids: Sequence[int], kind: str, field: str = "attachment_ids") -> list[Upload]:
    """The actor's own uploads of that kind, in the order of `ids`; Invalid at `field` if any is not theirs.

    They are locked, so that they are not cleaned up before the caller's transaction has put them to use.
    """
    if not ids:
        return []
    found = actor.uploads.filter(kind=kind).select_for_update(no_key=True).order_by("pk").in_bulk(set(ids))
    if len(found) != len(set(ids)):
        raise Invalid(fields={field: ["Choose files that you have uploaded for this."]})
    return [found[upload_id] for upload_id in dict.fromkeys(ids)]


def set_avatar(actor: User, *, file: UploadedFile) -> Upload:
    """Store a profile picture and show it from now on; the one before is removed."""
    require(policies.why_not_change_profile(actor))
    upload = store(actor, file=file, kind=UploadKind.PROFILE)
    with transaction.atomic():
        actor.avatar.name = upload.file.name
        actor.save(update_fields=["avatar", "updated_at"])
        _remove_unused(actor.uploads.filter(kind=UploadKind.PROFILE))
        audit.record(actor, "person.changed_picture", actor)
    return upload


@transaction.atomic
def remove_avatar(actor: User, *, of: User | None = None) -> None:
    """Show initials again. Staff may take away the picture `of` somebody else."""
    require(policies.why_not_change_profile(actor))
    person = of or actor
    person.avatar.name = ""
    person.save(update_fields=["avatar", "updated_at"])
    _remove_unused(person.uploads.filter(kind=UploadKind.PROFILE))
    audit.record(actor, "person.removed_picture", person)


def forget_unused_uploads() -> None:
    """Remove what was sent a day ago and put to no use."""
    old = Upload.objects.filter(created_at__lt=timezone.now() - UNUSED_UPLOADS_KEPT)
    while _remove_unused(old) == REMOVED_AT_ONCE:
        pass


def remove_files(names: Sequence[str]) -> None:
    """From the storage; what is not there (any more) is no error."""
    for name in names:
        default_storage.delete(name)


@transaction.atomic
def _remove_unused(uploads: Any) -> int:
    """The rows now, the files once that is certain. How many."""
    # Whoever puts one to use at this moment has it locked: it is passed by, or seen as used by the second question.
    locked = list(uploads.unused().select_for_update(skip_locked=True).order_by("pk")[:REMOVED_AT_ONCE])
    unused = list(Upload.objects.filter(pk__in=[upload.pk for upload in locked]).unused())
    if unused:
        names = [name for upload in unused for name in upload.stored_names]
        Upload.objects.filter(pk__in=[upload.pk for upload in unused]).delete()
        jobs.enqueue("accounts.remove_files", names=names)
    return len(unused)


def _clean(file: UploadedFile, kind: str) -> CleanFile:
    match kind:
        case UploadKind.PROFILE:
            return clean_image(file, side=AVATAR_SIDE)
        case UploadKind.GIG:
            return clean_image(file)
        case UploadKind.ATTACHMENT:
            return clean_attachment(file)
        case UploadKind.IDENTITY:
            return clean_document(file)
    raise Invalid(fields={"kind": [f"Choose one of {', '.join(UploadKind.values)}."]})
