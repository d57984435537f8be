"""Gigs for tests, made by the real services."""

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.tests.factories import ClientFactory, FreelancerFactory
from core.money import Money
from gigs.models import Gig
from gigs.services import GigDetails, accept_gig, complete_gig, fund_gig, post_gig, start_gig
from payments.tests.fakes import VISA

GHENT = {"lat": 51.0543, "lng": 3.7174}


def details(**changes: Any) -> GigDetails:
    return GigDetails(
        **{
            "title": "Carry eleven boxes down two floors",
            "description": "The stairs turn twice.",
            "duration_minutes": 90,
            "budget": Money(45_00, "EUR"),
            "address": "Vrijdagmarkt 14, Gent",
            "area": "Gent",
            **GHENT,
            **changes,
        }
    )


def make_gig(**changes: Any) -> Gig:
    """Open, EUR 45, in Ghent."""
    return post_gig(changes.pop("seeker", None) or ClientFactory.create(), details=details(**changes))


def accepted_gig(**changes: Any) -> Gig:
    return accept_gig(FreelancerFactory.create(), gig_id=make_gig(**changes).pk)


def funded_gig(**changes: Any) -> Gig:
    """Needs the `provider` fixture."""
    gig = accepted_gig(**changes)
    return fund_gig(gig.seeker, gig_id=gig.pk, payment_method=VISA)[0]


def completed_gig(**changes: Any) -> Gig:
    gig = funded_gig(**changes)
    start_gig(gig.helper, gig_id=gig.pk)
    return complete_gig(gig.helper, gig_id=gig.pk)


def begins_in(gig: Gig, hours: float) -> Gig:
    """As if it had been accepted two days ago, with a start so many hours from now."""
    now = timezone.now()
    Gig.objects.filter(pk=gig.pk).update(accepted_at=now - timedelta(days=2), starts_at=now + timedelta(hours=hours))
    gig.refresh_from_db()
    return gig


def missed_gig(**changes: Any) -> Gig:
    """Paid in, and its start was an hour ago."""
    return begins_in(funded_gig(**changes), -1)


def done_for(gig: Gig, days: float) -> Gig:
    """As if it had been done so long ago."""
    earlier = timedelta(days=days)
    Gig.objects.filter(pk=gig.pk).update(completed_at=F("completed_at") - earlier, release_at=F("release_at") - earlier)
    gig.refresh_from_db()
    return gig
