"""New people, and the proof that an address is theirs."""

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import emails
from accounts.models import ClientProfile, FreelancerProfile, User
from accounts.rules import UserType
from accounts.services import audit
from accounts.services.limits import limit_letter_to, limit_letters, limit_password_change, limit_registration
from accounts.services.passwords import check_new_password
from accounts.signing import bad_link, read_address, sign_address
from core import jobs
from core.errors import Conflict, Forbidden, Invalid

TAKEN = "This address already has an account."


@transaction.atomic
def register(
    *,
    email: str,
    password: str,
    first_name: str,
    last_name: str = "",
    user_type: str = UserType.BOTH,
    time_zone: str = "UTC",
    by: User | None = None,
) -> User:
    """A new person with both profiles, and a link to their mailbox. `by`: the member of staff who enters them.

    Nobody is told that an address is taken: the answer is that of a new person, who is then not in the database, and
    the owner of the address gets a letter. Only staff gets Invalid.
    """
    user = User(
        email=User.objects.normalize(email),
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        user_type=user_type,
        time_zone=time_zone,
    )
    if by is None:
        limit_registration()
        limit_letter_to(user.email)
    check_new_password(password, user, field="password")
    user.set_password(password)
    try:
        with transaction.atomic():  # the unique address decides between two at once
            user.save()
    except IntegrityError as error:
        if by is not None:
            raise Invalid(fields={"email": [TAKEN]}) from error
        jobs.enqueue("accounts.send_registration_attempt", email=user.email)
        user.pk = _an_unused_id()
        return user
    ClientProfile.objects.create(user=user)
    FreelancerProfile.objects.create(user=user)
    audit.record(by or user, "person.registered", user)
    jobs.enqueue("accounts.send_verification", user_id=user.pk)
    return user


def _an_unused_id() -> int:
    """The next of the table, as a new person would have got it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [User._meta.db_table])
        return int(cursor.fetchone()[0])


def send_registration_attempt(*, email: str) -> None:
    """From a job: to the owner of an address that somebody tried to register once more."""
    user = User.objects.active().filter(email=email).first()
    if user and user.has_verified_email:
        emails.registration_attempt(user).send()
    elif user:
        send_verification(user_id=user.pk)


def add_person(
    actor: User, *, email: str, password: str, first_name: str, last_name: str = "", user_type: str = UserType.BOTH
) -> User:
    """Staff enters somebody. The person still proves the address; staff rights are given in the console only."""
    if not actor.is_staff:
        raise Forbidden
    return register(
        email=email, password=password, first_name=first_name, last_name=last_name, user_type=user_type, by=actor
    )


def resend_verification(*, email: str) -> None:
    """The link once more, if somebody with this address still needs it. Same answer and work whether or not."""
    address = User.objects.normalize(email)
    limit_letters(address)
    jobs.enqueue("accounts.resend_verification", email=address)


def send_verification(*, user_id: int) -> None:
    """From a job."""
    user = User.objects.active().filter(pk=user_id, email_verified_at=None).first()
    if user:
        emails.email_verification(user, token=sign_address(user, user.email)).send()


def resend_verification_now(*, email: str) -> None:
    """From the job of `resend_verification`."""
    user = User.objects.active().filter(email=email).first()
    if user:
        send_verification(user_id=user.pk)


@transaction.atomic
def verify_email(*, token: str) -> User:
    """Accept the address that the token was sent to: the one of the account, or the one it changes to.

    Opening the link again is fine.
    """
    claim = read_address(token)
    user = User.objects.active().select_for_update(no_key=True).filter(pk=claim["user"]).first()
    if user is None:
        raise bad_link("token")
    if user.email == claim["to"] and user.has_verified_email:
        return user
    if user.email != claim["from"]:
        raise bad_link("token")
    first_time = not user.has_verified_email
    user.email, user.email_verified_at = claim["to"], timezone.now()
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "email_verified_at", "updated_at"])
    except IntegrityError as error:
        raise Conflict("email_taken", "Another account has this address by now.") from error
    audit.record(user, "person.verified_email", user)
    if claim["from"] != claim["to"]:
        audit.record(user, "person.changed_email", user, before=claim["from"])
        jobs.enqueue("accounts.send_email_changed", user_id=user.pk, old_email=claim["from"])
    elif first_time:
        jobs.enqueue("accounts.send_welcome", user_id=user.pk)
    return user


def request_email_change(actor: User, *, new_email: str, password: str) -> None:
    """Send a link to the new address; it replaces the present one when the link is opened."""
    limit_password_change(actor.pk)
    if not actor.check_password(password):
        raise Invalid(fields={"password": ["This is not your password."]})
    address = User.objects.normalize(new_email)
    if address == actor.email:
        raise Invalid(fields={"new_email": ["This is your address already."]})
    limit_letters(address)
    jobs.enqueue("accounts.send_email_change", user_id=actor.pk, new_email=address)


def send_email_change(*, user_id: int, new_email: str) -> None:
    """From a job. Nothing goes to an address that has an account: its owner did not ask for it."""
    user = User.objects.active().filter(pk=user_id).first()
    if user and not User.objects.filter(email=new_email).exists():
        emails.email_change(user, new_email=new_email, token=sign_address(user, new_email)).send()
