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
    before: dict[str, set[int]] = {}
    found = []
    for submission in milestone.submissions.order_by("version").prefetch_related("files"):
        uploads = sorted(submission.files.all(), key=lambda upload: (upload.name, upload.pk))
        files = [FileOf(upload, _change(before, upload)) for upload in uploads]
        names = {upload.name for upload in uploads}
        found.append(Version(submission, files, [name for name in before if name not in names]))
        before = {name: {upload.pk for upload in uploads if upload.name == name} for name in names}
    return found[::-1]


def _change(before: dict[str, set[int]], upload: Upload) -> str:
    if upload.name not in before:
        return "new"
    return "same" if upload.pk in before[upload.name] else "replaced"
