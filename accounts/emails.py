"""The letters of accounts. Sent from jobs."""

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import ApiKey, Appeal, DataExport, EmailChange, IdentityCheck, Suspension, User
from core.letters import compose


def welcome(user: User) -> EmailMessage:
    return compose("accounts/emails/welcome_email", to=user, context={"start": reverse("dashboard")})


def email_verification(user: User, *, token: str) -> EmailMessage:
    return compose(
        "accounts/emails/email_verification", to=user, context={"path": _path("accounts:verify-email", token)}
    )


def email_change(change: EmailChange, *, token: str) -> EmailMessage:
    """To the new address."""
    context = {"path": _path("accounts:change-email", token), "new_email": change.new_email}
    letter = compose("accounts/emails/email_change", to=change.user, context=context)
    letter.to = [change.new_email]
    return letter


def email_change_agree(change: EmailChange, *, token: str) -> EmailMessage:
    """To the present address."""
    context = {"path": _path("accounts:change-email", token), "new_email": change.new_email}
    return compose("accounts/emails/email_change_agree", to=change.user, context=context)


def email_changed(change: EmailChange) -> EmailMessage:
    """To the old address, whose owner may not have wanted this."""
    letter = compose("accounts/emails/email_changed", to=change.user, context={"new_email": change.new_email})
    letter.to = [change.old_email]
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


def account_deactivated(user: User) -> EmailMessage:
    return compose("accounts/emails/account_deactivated", to=user, context={"path": reverse("accounts:sign-in")})


def account_suspended(suspension: Suspension) -> EmailMessage:
    context = {
        "rule": suspension.get_rule_display(),
        "evidence": suspension.get_evidence_display(),
        "reason": suspension.reason,
        "appeal_until": suspension.appeal_until,
        "path": reverse("settings:standing"),
    }
    return compose("accounts/emails/account_suspended", to=suspension.user, context=context)


def suspension_lifted(suspension: Suspension) -> EmailMessage:
    context = {"reason": suspension.lifted_reason, "path": reverse("dashboard")}
    return compose("accounts/emails/suspension_lifted", to=suspension.user, context=context)


def appeal_decided(appeal: Appeal) -> EmailMessage:
    context = {"upheld": appeal.is_upheld, "answer": appeal.answer, "path": reverse("settings:standing")}
    return compose("accounts/emails/appeal_decided", to=appeal.suspension.user, context=context)


def identity_decided(check: IdentityCheck) -> EmailMessage:
    context = {"approved": check.is_approved, "reason": check.reason, "path": reverse("settings:identity")}
    return compose("accounts/emails/identity_decided", to=check.user, context=context)


def export_ready(export: DataExport) -> EmailMessage:
    context = {"expires_at": export.expires_at, "path": reverse("settings:export")}
    return compose("accounts/emails/export_ready", to=export.user, context=context)


def second_factor_enabled(user: User) -> EmailMessage:
    return compose("accounts/emails/2fa_enabled", to=user, context=_security())


def second_factor_disabled(user: User) -> EmailMessage:
    return compose("accounts/emails/2fa_disabled", to=user, context=_security())


def second_factor_reset(user: User) -> EmailMessage:
    return compose("accounts/emails/2fa_reset", to=user, context=_security())


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
