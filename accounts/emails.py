"""The letters of accounts. Sent from jobs."""

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import ApiKey, User
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


def api_key_created(key: ApiKey) -> EmailMessage:
    """Its owner may not have been the one who made it."""
    context = {"key_name": key.name, "prefix": key.prefix, "path": reverse("settings:api-keys")}
    return compose("accounts/emails/api_key_created", to=key.user, context=context)


def _path(view: str, token: str) -> str:
    return f"{reverse(view)}?token={token}"
