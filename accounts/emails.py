"""The letters of accounts. Sent from jobs."""

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import User
from core.letters import compose


def welcome(user: User) -> EmailMessage:
    return compose("accounts/emails/welcome_email", to=user, context={"start": reverse("dashboard")})


def email_verification(user: User, *, token: str) -> EmailMessage:
    return compose(
        "accounts/emails/email_verification", to=user, context={"path": _path("accounts:verify-email", token)}
    )


def email_change(user: User, *, new_email: str, token: str) -> EmailMessage:
    """To the new address."""
    context = {"path": _path("accounts:verify-email", token), "new_email": new_email}
    letter = compose("accounts/emails/email_change", to=user, context=context)
    letter.to = [new_email]
    return letter


def email_changed(user: User, *, old_email: str) -> EmailMessage:
    """To the old address, whose owner may not have wanted this."""
    letter = compose("accounts/emails/email_changed", to=user, context={"new_email": user.email})
    letter.to = [old_email]
    return letter


def password_reset_request(user: User, *, token: str) -> EmailMessage:
    return compose(
        "accounts/emails/password_reset_request", to=user, context={"path": _path("accounts:reset-password", token)}
    )


def password_reset_success(user: User) -> EmailMessage:
    return compose(
        "accounts/emails/password_reset_success", to=user, context={"path": reverse("accounts:forgot-password")}
    )


def registration_attempt(user: User) -> EmailMessage:
    """To the owner of an address that somebody tried to register once more."""
    context = {"start": reverse("accounts:sign-in"), "path": reverse("accounts:forgot-password")}
    return compose("accounts/emails/registration_attempt", to=user, context=context)


def second_factor_enabled(user: User) -> EmailMessage:
    return compose("accounts/emails/2fa_enabled", to=user, context=_security())


def second_factor_disabled(user: User) -> EmailMessage:
    return compose("accounts/emails/2fa_disabled", to=user, context=_security())


def backup_codes_renewed(user: User) -> EmailMessage:
    return compose("accounts/emails/backup_codes_renewed", to=user, context=_security())


def passkey_added(user: User, *, name: str) -> EmailMessage:
    return compose("accounts/emails/passkey_added", to=user, context=_security() | {"name": name})


def passkey_removed(user: User, *, name: str) -> EmailMessage:
    return compose("accounts/emails/passkey_removed", to=user, context=_security() | {"name": name})


def _security() -> dict[str, str]:
    return {"path": reverse("settings:security")}


def _path(view: str, token: str) -> str:
    return f"{reverse(view)}?token={token}"
