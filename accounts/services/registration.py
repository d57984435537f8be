"""New people, and the proof that an address is theirs."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import emails, policies
from accounts.models import ClientProfile, FreelancerProfile, User
from accounts.rules import UserType
from accounts.services import audit
from accounts.services.limits import limit_letters, limit_registration
from accounts.services.passwords import check_new_password
from accounts.signing import bad_link, read_address, sign_address
from core import jobs, realtime
from core.errors import Invalid, require

TAKEN = "This address already has an account. Sign in, or ask for a new password."


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
    """A new person with both profiles, and a link to their mailbox. `by`: the member of staff who enters them."""
    user = User(
        email=User.objects.normalize(email),
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        user_type=user_type,
        time_zone=time_zone,
    )
    if by is None:
        limit_registration()
    check_new_password(password, user, field="password")
    user.set_password(password)
    try:
        with transaction.atomic():  # the unique address decides between two at once
            user.save()
    except IntegrityError as error:
        raise Invalid(fields={"email": [TAKEN]}) from error
    ClientProfile.objects.create(user=user)
    FreelancerProfile.objects.create(user=user)
    audit.record(by or user, "person.registered", user)
    jobs.enqueue("accounts.send_verification", user_id=user.pk)
    return user


def add_person(
    actor: User, *, email: str, password: str, first_name: str, last_name: str = "", user_type: str = UserType.BOTH
) -> User:
    """Staff enters somebody. The person still proves the address; staff rights are given in the console only."""
    require(policies.why_not_staff(actor, "accounts.add_user"))
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
    """Accept the account's address, which the token was sent to. Opening the link again is fine."""
    claim = read_address(token)
    user = User.objects.active().select_for_update(no_key=True).filter(pk=claim["user"]).first()
    if user is None or user.email != claim["to"]:
        raise bad_link("token")
    if user.has_verified_email:
        return user
    user.email_verified_at = timezone.now()
    user.save(update_fields=["email_verified_at", "updated_at"])
    audit.record(user, "person.verified_email", user)
    jobs.enqueue("accounts.send_welcome", user_id=user.pk)
    realtime.publish(realtime.user_group(user.pk), {"type": "sign_in.changed"})  # open sockets learn what they may
    return user
