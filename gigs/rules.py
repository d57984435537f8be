"""Gigs: statuses and their moves. Pure."""

from datetime import timedelta

from django.db.models import TextChoices

from core.lifecycle import Lifecycle, move

MAX_IMAGES = 6
MAX_RADIUS_KM = 200
DEFAULT_RADIUS_KM = 5
FREE_CANCEL_BEFORE_START = timedelta(hours=24)
FREE_CANCEL_AFTER_ACCEPTANCE = timedelta(minutes=5)
REMIND_AFTER = timedelta(days=5)  # of work that is done and not released
REMIND_BEFORE = timedelta(days=2)  # silence is approval


class GigStatus(TextChoices):
    PENDING = "pending", "Open"
    ACCEPTED = "accepted", "Accepted"
    IN_PROGRESS = "in_progress", "Under way"
    COMPLETED = "completed", "Done"
    CANCELLED = "cancelled", "Cancelled"


GIG_LIFECYCLE = Lifecycle.of(
    "gig",
    GigStatus,
    {
        GigStatus.PENDING: ("success", "door-open"),
        GigStatus.ACCEPTED: ("info", "person-check"),
        GigStatus.IN_PROGRESS: ("info", "arrow-repeat"),
        GigStatus.COMPLETED: ("success", "check2"),
        GigStatus.CANCELLED: ("quiet", "x"),
    },
    move("accept", [GigStatus.PENDING], GigStatus.ACCEPTED, "helper"),
    move("start", [GigStatus.ACCEPTED], GigStatus.IN_PROGRESS, "helper"),
    move("complete", [GigStatus.IN_PROGRESS], GigStatus.COMPLETED, "helper"),
    move("cancel", [GigStatus.PENDING, GigStatus.ACCEPTED], GigStatus.CANCELLED, "seeker", "helper", "staff"),
    move("lapse", [GigStatus.ACCEPTED, GigStatus.IN_PROGRESS], GigStatus.CANCELLED, "system"),
)
