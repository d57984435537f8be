"""Another address, which both mailboxes agree to."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import emails
from accounts.models import EmailChange, User
from accounts.services import audit
from accounts.services.limits import limit_letters, limit_password_change
from accounts.signing import bad_link, read_address_change, sign_address_change
from core import jobs
from core.errors import Conflict, Invalid


@transaction.atomic
def request_email_change(actor: User, *, new_email: str, password: str) -> EmailChange:
    """Send a link to the new address and one to the present address; nothing changes until both were opened.

    An address that was never proven need not agree: it may be a slip of the pen. A new request replaces the last.
    """
    limit_password_change(actor.pk)
    if not actor.check_password(password):
        raise Invalid(fields={"password": ["This is not your password."]})
    address = User.objects.normalize(new_email)
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if address == user.email:
        raise Invalid(fields={"new_email": ["This is your address already."]})
    limit_letters(address)
    user.email_changes.filter(completed_at=None).delete()
    change = EmailChange.objects.create(
        user=user,
        old_email=user.email,
        new_email=address,
        old_confirmed_at=None if user.has_verified_email else timezone.now(),
    )
    audit.record(user, "person.asked_to_change_email", user, change=change.pk)
    jobs.enqueue("accounts.send_email_change", change_id=change.pk)
    return change


def send_email_change(*, change_id: int) -> None:
    """From a job. Nothing goes to an address that has an account: its owner did not ask for it."""
    change = EmailChange.objects.select_related("user").filter(pk=change_id, completed_at=None).first()
    if change is None or not change.user.is_active:
        return
    if change.old_confirmed_at is None:
        emails.email_change_agree(change, token=sign_address_change(change.pk, "old")).send()
    if not User.objects.filter(email=change.new_email).exists():
        emails.email_change(change, token=sign_address_change(change.pk, "new")).send()


@transaction.atomic
def confirm_email_change(*, token: str) -> EmailChange:
    """One mailbox has agreed; with the other one too the address changes. Opening a link again is fine.

    Conflict `email_taken` when somebody else has got the address meanwhile.
    """
    claim = read_address_change(token)
    owner = User.objects.active().filter(email_changes=claim["change"])
    user = owner.select_for_update(of=("self",), no_key=True).first()
    change = EmailChange.objects.filter(pk=claim["change"]).first()
    if user is None or change is None:
        raise bad_link("token")
    change.user = user
    if change.completed_at:
        return change
    side = f"{claim['side']}_confirmed_at"
    setattr(change, side, getattr(change, side) or timezone.now())
    change.save(update_fields=[side])
    if change.old_confirmed_at and change.new_confirmed_at:
        _complete(change, user)
    return change


def _complete(change: EmailChange, user: User) -> None:
    if user.email != change.old_email:
        raise bad_link("token")
    first_time = not user.has_verified_email
    user.email, user.email_verified_at = change.new_email, timezone.now()
    try:
        with transaction.atomic():  # the unique address decides
            user.save(update_fields=["email", "email_verified_at", "updated_at"])
    except IntegrityError as error:
        raise Conflict(
            "email_taken", "Another account has this address by now. Your address stays as it was; choose another."
        ) from error
    change.completed_at = timezone.now()
    change.save(update_fields=["completed_at"])
    audit.record(user, "person.changed_email", user, change=change.pk)
    if first_time:
        jobs.enqueue("accounts.send_welcome", user_id=user.pk)
    else:
        jobs.enqueue("accounts.send_email_changed", change_id=change.pk)
