"""What gigs know of one person's account."""

from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse

from accounts.hooks import Exported, Tie
from accounts.models import User
from gigs.models import Gig, NoShow


def ties(user: User) -> Iterable[Tie]:
    """Work that was agreed and is not paid out yet."""
    running = Gig.objects.filter(Q(seeker=user) | Q(helper=user)).under_way().count()
    if running:
        text = f"{running} of your gigs {'is' if running == 1 else 'are'} under way."
        yield Tie("gigs_under_way", text, reverse("gigs:mine"))


def export(user: User) -> Iterable[Exported]:
    """Gigs that the person posted, with the exact place, those they helped with, and reports that somebody did not come."""
    posted = Gig.objects.filter(seeker=user).order_by("id")
    yield Exported("posted", posted.values(*EXPORTED_GIG, "address").iterator())
    reports = NoShow.objects.filter(Q(gig__seeker=user) | Q(gig__helper=user)).order_by("id")
    yield Exported("no_shows", reports.values("gig_id", "absent", "note", "answer", "status", "reasons", "created_at"))
    yield Exported("helped", Gig.objects.filter(helper=user).order_by("id").values(*EXPORTED_GIG).iterator())


EXPORTED_GIG = (
    "id", "title", "description", "category__name", "duration_minutes", "budget_minor", "currency", "area", "starts_at",
    "status", "accepted_at", "completed_at", "created_at",
)  # fmt: skip
