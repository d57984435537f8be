"""What people send by the site's pages, checked for its shape."""

from accounts.forms.account_life import AppealForm, DeleteForm, IdentityForm
from accounts.forms.fields import NamesField
from accounts.forms.profile import (
    AvailabilityForm,
    EntryForm,
    HandleForm,
    HoursForm,
    PhotoForm,
    PlaceForm,
    PreferencesForm,
    ProfileForm,
)
from accounts.forms.security import (
    ApiKeyForm,
    EmailChangeForm,
    EndOthersForm,
    PasskeyForm,
    PasskeyNameForm,
    PasswordChangeForm,
    SetUpForm,
)
from accounts.forms.signing_in import (
    CodeForm,
    ConfirmForm,
    CredentialForm,
    EmailForm,
    RegisterForm,
    ResetPasswordForm,
    SignInForm,
    TokenForm,
)

__all__ = [
    "ApiKeyForm",
    "AppealForm",
    "AvailabilityForm",
    "CodeForm",
    "ConfirmForm",
    "CredentialForm",
    "DeleteForm",
    "EmailChangeForm",
    "EmailForm",
    "EndOthersForm",
    "EntryForm",
    "HandleForm",
    "HoursForm",
    "IdentityForm",
    "NamesField",
    "PasskeyForm",
    "PasskeyNameForm",
    "PasswordChangeForm",
    "PhotoForm",
    "PlaceForm",
    "PreferencesForm",
    "ProfileForm",
    "RegisterForm",
    "ResetPasswordForm",
    "SetUpForm",
    "SignInForm",
    "TokenForm",
]
