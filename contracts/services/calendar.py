"""The calendar that a person's own programs subscribe to."""

import secrets

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import why_not_act
from accounts.services import audit
from contracts.models import CalendarFeed
from core.errors import require


@transaction.atomic
def open_calendar(actor: User) -> CalendarFeed:
    """Give the calendar an address, or another one: the old address shows nothing from then on."""
    require(why_not_act(actor))
    feed, is_new = CalendarFeed.objects.update_or_create(
        user=actor, defaults={"key": secrets.token_urlsafe(32), "created_at": timezone.now()}
    )
    audit.record(actor, "calendar.opened" if is_new else "calendar.renewed", actor)
    return feed


@transaction.atomic
def close_calendar(actor: User) -> None:
    """Take the address away."""
    closed, _ = CalendarFeed.objects.filter(user=actor).delete()
    if closed:
        audit.record(actor, "calendar.closed", actor)
