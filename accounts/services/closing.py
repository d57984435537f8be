"""Closing an account for a while, and coming back."""

from django.db import transaction
from django.utils import timezone

from accounts import hooks
from accounts.models import AuthSession, User
from accounts.services import audit
from accounts.services.sessions import end_all_sessions, require_confirmed
from core import jobs
from core.errors import Conflict


@transaction.atomic
def deactivate(actor: User, *, session: AuthSession | None) -> None:
    """Hide the person, take back what waits for an answer, and end all sign-ins. They come back by signing in.

    Conflict `account_held_open` while work runs: the others need somebody there.
    """
    require_confirmed(actor, session)
    hooks.withdraw(actor)
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # after what `withdraw` locks
    if not user.is_active:
        return
    end_all_sessions(user, reason="deactivated")
    wait_for_others(user)
    refuse_ties([tie for tie in hooks.ties_of(user) if not tie.only_deletion])
    user.is_active, user.deactivated_at = False, timezone.now()
    user.save(update_fields=["is_active", "deactivated_at", "updated_at"])
    audit.record(user, "person.deactivated", user)
    jobs.enqueue("accounts.send_account_deactivated", user_id=user.pk)


@transaction.atomic
def reactivate(user: User) -> User:
    """Somebody who closed the account shows the right credentials and wants it back."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.deactivated_at:
        user.is_active, user.deactivated_at = True, None
        user.save(update_fields=["is_active", "deactivated_at", "updated_at"])
        audit.record(user, "person.reactivated", user)
    return user


def wait_for_others(user: User) -> None:
    """Rows in the making that point at the person exist or never will: of a contract made at this moment, either the ties
    know it, or it finds the proposal withdrawn.

    Who makes one asks for the person at the very end, when everything else is locked: so do we.
    """
    User.objects.select_for_update().get(pk=user.pk)


def refuse_ties(ties: list[hooks.Tie]) -> None:
    if ties:
        raise Conflict("account_held_open", " ".join(tie.text for tie in ties))
