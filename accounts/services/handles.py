"""The address that people choose for their profile."""

from django.db import IntegrityError, transaction

from accounts import policies
from accounts.models import User
from accounts.rules import handle_fault
from accounts.services import audit
from core.errors import Invalid, require
from core.queries import get_or_refuse


def check_handle(actor: User, *, handle: str) -> str:
    """The address as it would be kept, when this person may have it; Invalid at `handle` when not."""
    handle = handle.strip().lower()
    if fault := handle_fault(handle):
        raise Invalid(fields={"handle": [fault]})
    if User.objects.exclude(pk=actor.pk).filter(handle=handle).exists():
        raise _taken()
    return handle


@transaction.atomic
def change_handle(actor: User, *, handle: str | None) -> User:
    """Take this address, or none. The one before is free at once."""
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    require(policies.why_not_change_profile(user))
    wanted = check_handle(user, handle=handle) if handle else None
    if wanted == user.handle:
        return user
    before, user.handle = user.handle, wanted
    try:
        with transaction.atomic():
            user.save(update_fields=["handle", "updated_at"])
    except IntegrityError as error:  # somebody took it since we looked
        raise _taken() from error
    audit.record(actor, "person.changed_address", user, before=before, after=wanted)
    return user


@transaction.atomic
def take_handle_away(actor: User, *, user_id: int) -> User:
    """By staff, where the address offends or pretends. The profile is found by its number again."""
    user = get_or_refuse(User.objects.select_for_update(no_key=True).exclude(handle=None), pk=user_id)
    before, user.handle = user.handle, None
    user.save(update_fields=["handle", "updated_at"])
    audit.record(actor, "person.lost_address", user, before=before)
    return user


def _taken() -> Invalid:
    return Invalid(fields={"handle": ["Somebody else has this address."]})
