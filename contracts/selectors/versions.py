"""The hand-ins of a milestone side by side."""

from typing import NamedTuple

from accounts.models import Upload
from contracts.models import Milestone, Submission


class FileOf(NamedTuple):
    """A file of a version. `change` to the version before: new, replaced (another file of that name), or same."""

    upload: Upload
    change: str


class Version(NamedTuple):
    """`gone` names files of the version before that are not in this one."""

    submission: Submission
    files: list[FileOf]
    gone: list[str]


def versions(milestone: Milestone) -> list[Version]:
    """Every hand-in with what is different from the one before, the newest first."""
    before: dict[str, Upload] = {}
    found = []
    for submission in milestone.submissions.order_by("version").prefetch_related("files"):
        now = {upload.name: upload for upload in submission.files.all()}
        files = [FileOf(upload, _change(before, upload)) for upload in now.values()]
        found.append(Version(submission, files, [name for name in before if name not in now]))
        before = now
    return found[::-1]


def _change(before: dict[str, Upload], upload: Upload) -> str:
    if upload.name not in before:
        return "new"
    return "same" if before[upload.name].pk == upload.pk else "replaced"
