"""Who works here, and on what."""

from collections.abc import Collection

from django.contrib.auth.models import Group
from django.db import transaction

from accounts import policies
from accounts.models import User
from accounts.services import audit
from accounts.services.sessions import end_all_sessions
from core.errors import Invalid, require
from core.queries import get_or_refuse


@transaction.atomic
def set_staff_groups(actor: User, *, user_id: int, groups: Collection[str]) -> User:
    """Make somebody staff in these groups, or an ordinary member with none. Their sign-ins end: rights begin anew.

    Only for those who may give rights, never to oneself. Invalid at `groups` for a name there is not.
    """
    user = get_or_refuse(User.objects.select_for_update(no_key=True), pk=user_id)
    require(policies.why_not_give_rights(actor, user))
    found = list(Group.objects.filter(name__in=groups))
    if len(found) != len(set(groups)):
        raise Invalid(fields={"groups": ["Choose groups that exist."]})
    if _names(user) != sorted(groups) or user.is_staff != bool(groups):
        write_groups(actor, user, found)
        end_all_sessions(user, reason="rights_changed")
    return user


def write_groups(actor: User, user: User, groups: Collection[Group]) -> None:
    """Whoever calls this has locked the person, asked the policy, and ends their sign-ins."""
    before = _names(user)
    user.groups.set(groups)
    user.is_staff = bool(groups)
    user.save(update_fields=["is_staff", "updated_at"])
    audit.record(actor, "staff.changed_groups", user, before=before, after=_names(user))


def _names(user: User) -> list[str]:
    return sorted(user.groups.values_list("name", flat=True))
