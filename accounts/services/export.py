"""A person's copy of everything that is kept about them."""

import tempfile
import uuid
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import hooks
from accounts.models import AuthSession, DataExport, User
from accounts.rules import EXPORT_GIVEN_UP, EXPORT_KEPT
from accounts.services import audit
from accounts.services.sessions import require_confirmed
from accounts.services.uploads import remove_files
from core import jobs
from core.errors import Conflict

READ_ME = """This is your copy of what {site} keeps about you, made on {day}.

Each folder holds one part of the site, each .json file in it one kind of record. The files that you sent are in
"files", named by their number, which the records mention. Times are in UTC. Amounts that end in _minor are in the
smallest unit of their currency (1250 and USD are 12.50 dollars).
"""
_encoder = DjangoJSONEncoder(ensure_ascii=False)


@transaction.atomic
def request_export(actor: User, *, session: AuthSession | None) -> DataExport:
    """Have a copy made. Conflict `export_in_the_making` while the last one is not ready."""
    require_confirmed(actor, session)
    try:
        with transaction.atomic():  # a partial unique index decides between two at once
            export = DataExport.objects.create(user=actor)
    except IntegrityError as error:
        raise Conflict("export_in_the_making", "Your copy is being made. We write to you when it is ready.") from error
    audit.record(actor, "export.requested", export)
    jobs.enqueue("accounts.make_export", export_id=export.pk)
    return export


def make_export(*, export_id: int) -> None:
    """From a job, which may be repeated: the file's name is kept before it is written, and written over."""
    export = DataExport.objects.select_related("user").filter(pk=export_id, finished_at=None).first()
    if export is None:
        return
    name = export.file.name or f"private/exports/{uuid.uuid4().hex}.zip"
    DataExport.objects.filter(pk=export.pk).update(file=name)
    default_storage.delete(name)
    with tempfile.TemporaryFile() as pack:
        _write(pack, export.user)
        size = pack.tell()
        pack.seek(0)
        default_storage.save(name, File(pack))
    now = timezone.now()
    with transaction.atomic():
        finished = DataExport.objects.filter(pk=export.pk, finished_at=None).update(
            size=size, finished_at=now, expires_at=now + EXPORT_KEPT
        )
        if finished:
            jobs.enqueue("accounts.send_export_ready", export_id=export.pk)
    if not DataExport.objects.filter(pk=export.pk).exists():
        default_storage.delete(name)  # the account was deleted meanwhile


def delete_old_exports() -> None:
    """Copies that ended, and those that were never finished."""
    now = timezone.now()
    ended = Q(expires_at__lt=now) | Q(finished_at=None, requested_at__lt=now - EXPORT_GIVEN_UP)
    for export in DataExport.objects.filter(ended):
        name = export.file.name
        export.delete()
        remove_files([name] if name else [])


def _write(pack: Any, user: User) -> None:
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", READ_ME.format(site=settings.SITE_NAME, day=f"{timezone.now():%-d %B %Y}"))
        for app, part in hooks.exported(user):
            with archive.open(f"{app}/{part.name}.json", "w", force_zip64=True) as out:
                for piece in _json_list(part.rows):
                    out.write(piece.encode())
        for upload in user.uploads.order_by("id").iterator():
            if not default_storage.exists(upload.file.name or ""):
                continue
            with (
                upload.file.open("rb") as stored,
                archive.open(f"files/{upload.pk}-{upload.name}", "w", force_zip64=True) as out,
            ):
                for chunk in stored.chunks():
                    out.write(chunk)
    pack.seek(0, 2)


def _json_list(rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """A list in pieces: never more than one row in memory."""
    yield "["
    for number, row in enumerate(rows):
        yield (",\n" if number else "\n") + _encoder.encode(dict(row))
    yield "\n]\n"
