"""The demo town as a whole, and how much of it there is."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Max, OuterRef, Subquery
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.services import audit
from chat.models import Member
from marketplace.demo import bulk
from marketplace.demo.errands import errands
from marketplace.demo.hires import hires
from marketplace.demo.hours import hours
from marketplace.demo.memberships import memberships
from marketplace.demo.payouts import payouts
from marketplace.demo.people import joining
from marketplace.demo.stage import forget_progress, perform
from notifications.models import Notification
from payments import providers
from payments.services import check_ledger, reconcile
from reviews.models import Review

SEEDED = "demo.seeded"
NEWS_FOR = timedelta(days=2)
READ_AFTER = timedelta(hours=3)


def scale_so_far() -> int:
    """0 before the written town is complete; 1 with it; more with generated rows around it."""
    seeded = AuditEvent.objects.filter(action=SEEDED).order_by("-id").first()
    return seeded.data["scale"] if seeded else 0


def seed(scale: int) -> None:
    """Complete the town up to this scale, from wherever an earlier run ended."""
    if scale_so_far() < 1:
        _play_history()
        for provider in providers.offered():
            reconcile(provider=provider)
        check_ledger()
    while (done := scale_so_far()) < scale:
        upto = min(done + bulk.UNITS_AT_ONCE, scale)
        with transaction.atomic():
            bulk.load(range(done, upto))
            audit.record(None, SEEDED, scale=upto)
    bulk.analyze()


def _play_history() -> None:
    now = timezone.now()
    perform([*joining(now), *hires(now), *hours(now), *errands(now), *payouts(now), *memberships(now)])
    with transaction.atomic():
        _read_old_news()
        _date_reviews()
        Member.objects.update(reminder_due_at=None)  # their jobs were not queued
        audit.record(None, SEEDED, scale=1)
        forget_progress()


def _read_old_news() -> None:
    old = Notification.objects.unread().filter(created_at__lt=timezone.now() - NEWS_FOR)
    old.update(read_at=F("created_at") + READ_AFTER)


def _date_reviews() -> None:
    """A review is shown once both sides wrote. The service takes that moment from the database, which lives today."""
    for of in ("contract", "gig"):
        both = Review.objects.filter(**{of: OuterRef(of)}).order_by().values(of)
        written_at = both.annotate(written_at=Max("created_at")).values("written_at")
        Review.objects.published().filter(**{f"{of}__isnull": False}).update(published_at=Subquery(written_at))
