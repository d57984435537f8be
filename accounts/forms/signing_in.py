"""The door: signing in, joining, a forgotten password, and proving who one is."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import ROLES, email_field, password_field
from accounts.rules import UserType
from core.regions import time_zones


class SignInForm(forms.Form):
    email = email_field(autocomplete="username")
    password = password_field(_("Password"), "current-password")
    remember = forms.BooleanField(label=_("Stay signed in for 7 days"), required=False)
    come_back = forms.BooleanField(label=_("Open my account again"), required=False)


class RegisterForm(forms.Form):
    user_type = forms.ChoiceField(
        label=_("What brings you here?"),
        choices=ROLES,
        widget=forms.RadioSelect,
        initial=UserType.CLIENT,
    )
    first_name = forms.CharField(
        label=_("First name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = email_field()
    password = password_field(
        _("Password"), "new-password", help_text=_("Ten characters or more. A few words in a row do well.")
    )
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def clean_time_zone(self) -> str:
        """Filled in by the browser; anything odd is simply not used."""
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in time_zones() else "UTC"


class CodeForm(forms.Form):
    """A code of the authenticator app, or a backup code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "otp", "spellcheck": "false"}),
    )


class CredentialForm(forms.Form):
    """What the browser answered about a passkey; a script fills it in."""

    credential = forms.JSONField(widget=forms.HiddenInput(attrs={"data-credential": ""}))

    def clean_credential(self) -> dict[str, Any]:
        value = self.cleaned_data["credential"]
        if not isinstance(value, dict) or not isinstance(value.get("response"), dict):
            raise forms.ValidationError(_("The browser gave no passkey."))
        return value


class ConfirmForm(forms.Form):
    """Any one proof is enough."""

    password = password_field(_("Password"), "current-password", required=False)
    code = forms.CharField(
        label=_("Or a code"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
        help_text=_("Of your authenticator app, or a backup code."),
    )
    credential = forms.JSONField(required=False, widget=forms.HiddenInput(attrs={"data-credential": ""}))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        credential = given.get("credential")
        if credential is not None and not (
            isinstance(credential, dict) and isinstance(credential.get("response"), dict)
        ):
            self.add_error(None, _("The browser gave no passkey."))
        elif not self.errors and not any(given.values()):
            self.add_error("password", _("Type your password."))
        return given

    def proof(self) -> dict[str, Any]:
        """The strongest of what was given."""
        given = self.cleaned_data
        if given["credential"]:
            return {"credential": given["credential"]}
        return {"code": given["code"]} if given["code"] else {"password": given["password"]}


class EmailForm(forms.Form):
    email = email_field(autocomplete="username")


class TokenForm(forms.Form):
    token = forms.CharField(max_length=1000, widget=forms.HiddenInput)


class ResetPasswordForm(TokenForm):
    new_password = password_field(
        _("New password"), "new-password", help_text=_("Ten characters or more. A few words in a row do well.")
    )
