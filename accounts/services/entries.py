"""Schools, jobs and certificates on a profile."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import policies
from accounts.models import ProfileEntry, User
from accounts.rules import MAX_ENTRIES, EntryKind, entry_faults
from accounts.services import audit
from core.errors import Invalid, require
from core.queries import get_or_refuse

FIELDS = ("kind", "title", "organisation", "started", "ended", "description", "link")


@transaction.atomic
def add_entry(actor: User, *, values: Mapping[str, Any]) -> ProfileEntry:
    """One more, of the kind it says. Keys: FIELDS; `started` and `ended` count as their month."""
    # Locked, so that two at once are counted one after the other.
    require(policies.why_not_change_profile(User.objects.select_for_update(no_key=True).get(pk=actor.pk)))
    entry = ProfileEntry(user=actor)
    _assign(entry, values)
    if actor.profile_entries.filter(kind=entry.kind).count() >= MAX_ENTRIES[EntryKind(entry.kind)]:
        raise Invalid(fields={"kind": [f"At most {MAX_ENTRIES[EntryKind(entry.kind)]} of this kind."]})
    entry.save()
    audit.record(actor, "profile_entry.added", entry, kind=entry.kind)
    return entry


@transaction.atomic
def change_entry(actor: User, *, entry_id: int, values: Mapping[str, Any]) -> ProfileEntry:
    """Change what is given. The kind stays what it is."""
    entry = get_or_refuse(ProfileEntry.objects.select_for_update().filter(user=actor), pk=entry_id)
    require(policies.why_not_change_profile(actor))
    _assign(entry, {name: value for name, value in values.items() if name != "kind"})
    entry.save()
    audit.record(actor, "profile_entry.changed", entry, kind=entry.kind)
    return entry


@transaction.atomic
def remove_entry(actor: User, *, entry_id: int) -> None:
    entry = get_or_refuse(ProfileEntry.objects.select_for_update().filter(user=actor), pk=entry_id)
    require(policies.why_not_change_profile(actor))
    audit.record(actor, "profile_entry.removed", entry, kind=entry.kind)
    entry.delete()


@transaction.atomic
def take_entry_off(actor: User, *, entry_id: int) -> None:
    """By staff, where it says what must not be said."""
    entry = get_or_refuse(ProfileEntry.objects.select_for_update(of=["self"]), pk=entry_id)
    audit.record(actor, "profile_entry.taken_off", entry, person=entry.user_id, title=entry.title)
    entry.delete()


def _assign(entry: ProfileEntry, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            value = values[name]
            setattr(entry, name, value.strip() if isinstance(value, str) else value)
    for name in ("started", "ended"):
        month = getattr(entry, name)
        setattr(entry, name, month and month.replace(day=1))
    if faults := entry_faults(entry.started, entry.ended, timezone.localdate()):
        raise Invalid(fields={name: [fault] for name, fault in faults.items()})
