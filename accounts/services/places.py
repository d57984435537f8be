"""Where people are, and whether they take work."""

from django.db import transaction

from accounts import policies
from accounts.models import User
from accounts.services import audit
from core.errors import require
from core.geo import blurred, point


@transaction.atomic
def set_place(
    actor: User,
    *,
    lat: float,
    lng: float,
    city: str | None = None,
    country: str | None = None,
    travel_radius_km: int | None = None,
) -> User:
    """Where the person is: exact for them, blurred for others. What is None stays as it is."""
    require(policies.why_not_change_profile(actor))
    given = {"city": city and city.strip(), "country": country, "travel_radius_km": travel_radius_km}
    changed = [name for name, value in given.items() if value is not None]
    for name in changed:
        setattr(actor, name, given[name])
    actor.location = point(lat, lng)
    actor.public_location = blurred(actor.location)
    actor.save(update_fields=[*changed, "location", "public_location", "updated_at"])
    audit.record(actor, "person.changed_place", actor)
    return actor


def clear_place(actor: User) -> User:
    """Nowhere in particular: not found by distance any more. Where somebody is, they may take back at any time."""
    actor.location = actor.public_location = None
    actor.save(update_fields=["location", "public_location", "updated_at"])
    audit.record(actor, "person.removed_place", actor)
    return actor


def set_availability(actor: User, *, is_available: bool) -> User:
    require(policies.why_not_change_profile(actor))
    actor.is_available = is_available
    actor.save(update_fields=["is_available", "updated_at"])
    return actor
