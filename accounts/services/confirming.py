"""Proving once more who one is, before a change that touches security."""

from typing import Any

from django.utils import timezone

from accounts.errors import bad_passkey, not_confirmed
from accounts.models import AuthSession, User
from accounts.rules import SecondFactor
from accounts.services import audit
from accounts.services.limits import limit_password_change
from accounts.services.passkeys import check_passkey
from accounts.services.second_factors import check_code
from core.errors import Invalid


def confirm(
    actor: User,
    session: AuthSession | None,
    *,
    password: str = "",
    code: str = "",
    credential: dict[str, Any] | None = None,
) -> None:
    """By any one of them: the password, a code of the second factor (Invalid otherwise), or a passkey (NotSignedIn)."""
    if not session or session.user_id != actor.pk:
        raise not_confirmed()
    if credential:
        if check_passkey(credential).user_id != actor.pk:
            raise bad_passkey()
        session.second_factor = SecondFactor.PASSKEY
    elif code:
        session.second_factor = check_code(actor, code)
    else:
        limit_password_change(actor.pk)
        if not actor.check_password(password):
            raise Invalid(fields={"password": ["This is not your password."]})
    session.confirmed_at = timezone.now()
    session.save(update_fields=["confirmed_at", "second_factor"])
    audit.record(actor, "session.confirmed", session, by=session.second_factor if credential or code else "password")
