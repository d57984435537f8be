"""What decides who gets into an account: passkeys, second factor, password, e-mail address, keys."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import email_field, password_field
from accounts.forms.signing_in import CodeForm, CredentialForm
from accounts.scopes import SCOPES

API_KEY_LIFETIMES = [(30, _("30 days")), (90, _("90 days")), (365, _("A year")), (0, _("Never, until I revoke it"))]


class PasskeyForm(CredentialForm):
    name = forms.CharField(
        label=_("Name of the passkey"), max_length=60, help_text=_("So that you know it again: “Phone”, “Desk key”.")
    )


class PasskeyNameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)


class EndOthersForm(forms.Form):
    """Asked with every change of the second factor."""

    end_others = forms.BooleanField(label=_("Sign out my other devices"), required=False)


class SetUpForm(CodeForm, EndOthersForm):
    field_order = ["code", "end_others"]


class EmailChangeForm(forms.Form):
    new_email = email_field(_("New address"))
    password = password_field(_("Your password"), "current-password")


class PasswordChangeForm(forms.Form):
    old_password = password_field(_("Present password"), "current-password")
    new_password = password_field(
        _("New password"), "new-password", help_text=_("Ten characters or more. A few words in a row do well.")
    )


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("What uses it, so that you know it again: “Shop sync”, “Reports”.")
    )
    expires_in = forms.TypedChoiceField(label=_("Ends after"), choices=API_KEY_LIFETIMES, coerce=int, initial=90)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=lambda: list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one.")},
        help_text=_("Tick only what the program needs. A key never reaches your password, your payouts or other keys."),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        days = values.pop("expires_in", 0)
        values["expires_at"] = timezone.now() + timedelta(days=days) if days else None
        return values
