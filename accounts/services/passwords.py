"""New passwords."""

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.http import base36_to_int, int_to_base36

from accounts import emails
from accounts.models import AuthSession, User
from accounts.rules import MAX_PASSWORD
from accounts.services import audit
from accounts.services.limits import limit_letters, limit_password_change
from accounts.services.sessions import end_all_sessions
from accounts.signing import bad_link
from core import jobs
from core.errors import Invalid


def check_new_password(password: str, user: User, *, field: str) -> None:
    """Invalid at `field` when the password is too weak for this person."""
    if len(password) > MAX_PASSWORD:
        raise Invalid(fields={field: [f"Use at most {MAX_PASSWORD} characters."]})
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(fields={field: error.messages}) from error


def forgot_password(*, email: str) -> None:
    """Send a link to choose a new password, if anybody has this address.

    The same work here whether somebody has it or not: the job finds out, so that neither answer nor time tells.
    """
    address = User.objects.normalize(email)
    limit_letters(address)
    jobs.enqueue("accounts.send_password_reset", email=address)


def send_password_reset(*, email: str) -> None:
    """From the job of `forgot_password`."""
    user = User.objects.may_sign_in().filter(email=email).first()
    if user:
        emails.password_reset_request(user, token=reset_token(user)).send()


def reset_token(user: User) -> str:
    """One use, one hour: it is bound to the present password and the last sign-in."""
    return f"{int_to_base36(user.pk)}.{default_token_generator.make_token(user)}"


@transaction.atomic
def check_reset_token(*, token: str) -> None:
    """Invalid when the link was used, is too old or lost a piece: better told before a new password is thought up."""
    _user_of_reset_token(token)


@transaction.atomic
def reset_password(*, token: str, new_password: str) -> User:
    """Set a password by a mailed token. Ends all sessions, and proves the address: the link went there."""
    user = _user_of_reset_token(token)
    check_new_password(new_password, user, field="new_password")
    user.set_password(new_password)
    user.email_verified_at = user.email_verified_at or timezone.now()
    user.save(update_fields=["password", "email_verified_at", "updated_at"])
    end_all_sessions(user, reason="password_reset")
    _tell(user, "password.reset")
    return user


@transaction.atomic
def change_password(
    actor: User, *, old_password: str, new_password: str, keep: AuthSession | None = None, keep_key: str = ""
) -> User:
    """Ends all sessions but the one it is done from: `keep` over the API, on pages `keep_key`, the cookie's session."""
    limit_password_change(actor.pk)
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if not user.check_password(old_password):
        raise Invalid(fields={"old_password": ["This is not your present password."]})
    check_new_password(new_password, user, field="new_password")
    user.set_password(new_password)
    user.save(update_fields=["password", "updated_at"])
    end_all_sessions(user, reason="password_changed", keep=keep, keep_key=keep_key)
    _tell(user, "password.changed")
    return user


def _user_of_reset_token(token: str) -> User:
    """The person, locked: of two people with the same link only one gets through."""
    uid, _, secret = token.partition(".")
    try:
        user = User.objects.may_sign_in().select_for_update(no_key=True).filter(pk=base36_to_int(uid)).first()
    except (ValueError, OverflowError) as error:
        raise bad_link("token") from error
    if user is None or not default_token_generator.check_token(user, secret):
        raise bad_link("token")
    return user


def _tell(user: User, action: str) -> None:
    audit.record(user, action, user)
    jobs.enqueue("accounts.send_password_changed", user_id=user.pk)
