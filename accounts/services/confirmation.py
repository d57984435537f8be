"""Fresh proof of who is there, before something that cannot be undone."""

from django.utils import timezone

from accounts.models import AuthSession, User
from accounts.rules import PROOF_LASTS
from accounts.services.limits import limit_password_change
from core.errors import Forbidden, Invalid


def require_confirmed(actor: User, session: AuthSession | None) -> None:
    """Forbidden `reauthentication_required` unless this sign-in was proven within the last quarter of an hour."""
    if session is None or session.user_id != actor.pk or timezone.now() - session.confirmed_at > PROOF_LASTS:
        raise Forbidden("reauthentication_required", "Confirm first that it is you.")


def confirm(actor: User, session: AuthSession | None, *, password: str) -> None:
    """The proof: the password once more."""
    limit_password_change(actor.pk)
    if session is None or not actor.check_password(password):
        raise Invalid(fields={"password": ["This is not your password."]})
    session.confirmed_at = timezone.now()
    session.save(update_fields=["confirmed_at"])
