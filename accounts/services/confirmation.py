"""Proof that it is still the same person, before what a thief of an open browser would do first."""

from django.utils import timezone

from accounts.models import AuthSession, User
from accounts.rules import CONFIRMATION_LASTS
from core.errors import Forbidden


def require_confirmed(actor: User, session: AuthSession | None) -> None:
    """Forbidden unless this sign-in of theirs was proven lately."""
    is_fresh = (
        session is not None
        and session.user_id == actor.pk
        and timezone.now() - session.confirmed_at <= CONFIRMATION_LASTS
    )
    if not is_fresh:
        raise Forbidden("reauthentication_required", "Sign in again first: this needs a fresh proof that it is you.")
