"""Identity, appeals and leaving."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.rules import IdentityDocument


class DeleteForm(forms.Form):
    typed_email = forms.CharField(
        label=_("The e-mail address of this account"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )


class AppealForm(forms.Form):
    text = forms.CharField(
        label=_("Why this is wrong"), max_length=5000, widget=forms.Textarea, help_text=_("You can appeal once.")
    )


class IdentityForm(forms.Form):
    """The pictures come beside it, as ids (file_ids) or, without scripts, as files."""

    document = forms.ChoiceField(label=_("Kind of document"), choices=IdentityDocument.choices)
