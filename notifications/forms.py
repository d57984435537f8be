"""Forms of webhooks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.rules import EVENTS


class WebhookForm(forms.Form):
    url = forms.URLField(
        label=_("Address"),
        max_length=500,
        assume_scheme="https",
        help_text=_("Of your program, beginning with https://. It can be reached from the Internet."),
        error_messages={"invalid": _("Write the whole address, such as https://example.com/hook.")},
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off", "dir": "ltr"}),
    )
    description = forms.CharField(label=_("What it is for"), max_length=120, required=False)
    events = forms.MultipleChoiceField(
        label=_("What to send: everything, or only these"),
        required=False,
        choices=list(EVENTS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose none to be sent everything, also kinds that are added later."),
    )
