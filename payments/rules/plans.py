"""Plans: whom they are for, and the statuses and moves of who is on one."""

from datetime import timedelta

from django.db.models import TextChoices

from core.lifecycle import Lifecycle, move


class Audience(TextChoices):
    """Whom a plan is for: the side of the work that it makes better."""

    CLIENT = "client", "Clients"
    FREELANCER = "freelancer", "Freelancers"


class SubscriptionStatus(TextChoices):
    CREATED = "created", "Started"
    INCOMPLETE = "incomplete", "Waiting for the first payment"
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "Payment overdue"
    ENDED = "ended", "Ended"


GIVES_BENEFITS = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)
GRACE = timedelta(days=14)  # after a renewal failed, before the plan ends
REMIND_BEFORE_END = timedelta(days=3)
SUBSCRIPTION_LIFECYCLE = Lifecycle.of(
    "subscription",
    SubscriptionStatus,
    {
        SubscriptionStatus.CREATED: ("quiet", "circle"),
        SubscriptionStatus.INCOMPLETE: ("waiting", "clock"),
        SubscriptionStatus.ACTIVE: ("success", "check2"),
        SubscriptionStatus.PAST_DUE: ("danger", "exclamation-triangle"),
        SubscriptionStatus.ENDED: ("quiet", "x"),
    },
    move("await_payment", [SubscriptionStatus.CREATED], SubscriptionStatus.INCOMPLETE, "provider"),
    move(
        "activate",
        [SubscriptionStatus.CREATED, SubscriptionStatus.INCOMPLETE, SubscriptionStatus.PAST_DUE],
        SubscriptionStatus.ACTIVE,
        "provider",
    ),
    move(
        "fall_behind",
        [SubscriptionStatus.CREATED, SubscriptionStatus.INCOMPLETE, SubscriptionStatus.ACTIVE],
        SubscriptionStatus.PAST_DUE,
        "provider",
    ),
    move(
        "end",
        [
            SubscriptionStatus.CREATED,
            SubscriptionStatus.INCOMPLETE,
            SubscriptionStatus.ACTIVE,
            SubscriptionStatus.PAST_DUE,
        ],
        SubscriptionStatus.ENDED,
        "provider",
    ),
)
