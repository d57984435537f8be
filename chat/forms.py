"""Forms of chat."""

from typing import Any

from django import forms

from chat.rules import MAX_ATTACHMENTS


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """A list of files, possibly empty."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [super(SeveralFilesField, self).clean(item, initial) for item in data or []]
        if len(files) > MAX_ATTACHMENTS:
            raise forms.ValidationError(f"A message has at most {MAX_ATTACHMENTS} files.")
        return files


class UploadIdsField(forms.Field):
    """Ids of files that went up before the message."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        try:
            return [int(item) for item in value or []]
        except (TypeError, ValueError):
            raise forms.ValidationError("Choose files that you have uploaded for this.") from None


class MessageForm(forms.Form):
    """One message. `client_id` is made with the page, so that a form sent twice is one message."""

    content = forms.CharField(required=False)
    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    reply_to = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    attachment_ids = UploadIdsField(required=False)
    files = SeveralFilesField(required=False)

    def clean_content(self) -> str:
        # Browsers end lines in two characters, which would count as two.
        return str(self.cleaned_data["content"]).replace("\r\n", "\n")


class SearchForm(forms.Form):
    q = forms.CharField(max_length=100, required=False)


class PlaceForm(forms.Form):
    """Where in the history the page starts: before this number."""

    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class PersonForm(forms.Form):
    person = forms.IntegerField(min_value=1, max_value=2**63 - 1)
