"""Files beside what people type."""

from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat

from accounts.models import Upload, User
from accounts.rules import UploadKind
from accounts.services import uploads
from contracts.rules import MAX_FILES


class FilesForm(forms.Form):
    """With the files of components/upload.html: sent ahead by its script, or, without it, together with the form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent = [value for value in self.data.getlist("attachment_ids") if value.isdecimal() and len(value) < 18]
        self.attachment_ids = [int(value) for value in sent][: MAX_FILES + 1]

    def take_files(self, actor: User) -> list[int]:
        """Ids of all of them. Keeps those that came with the form: a DomainError if one cannot be taken."""
        room = MAX_FILES + 1 - len(self.attachment_ids)
        for file in self.files.getlist("files")[:room]:
            self.attachment_ids.append(uploads.store(actor, file=file, kind=UploadKind.ATTACHMENT).pk)
        return self.attachment_ids

    def files_so_far(self, actor: User) -> list[dict[str, Any]]:
        """To show again in components/upload.html when the form was not accepted."""
        own = Upload.objects.filter(owner=actor, kind=UploadKind.ATTACHMENT, pk__in=self.attachment_ids)
        return [
            {"id": file.pk, "name": file.name, "content_type": file.content_type, "meta": filesizeformat(file.size)}
            for file in own
        ]
