"""What is told once, and the calendar that programs subscribe to."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from contracts.models.contract import Milestone


class Notice(models.Model):
    """A reminder that was sent, so that it is sent once. `about` tells hand-ins of one milestone apart."""

    class Kind(models.TextChoices):
        EARLY_REMINDER = "early_reminder", "Work waits for an answer"
        LATE_REMINDER = "late_reminder", "Silence soon approves"
        HOLD_WARNING = "hold_warning", "Held for 75 days"
        HOLD_REVIEW = "hold_review", "Held for 85 days"

    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16, choices=Kind)
    about = models.PositiveSmallIntegerField(default=0, help_text="The version of the hand-in; 0 for the hold.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["milestone", "kind", "about"], name="contracts_notice_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["early_reminder", "late_reminder", "hold_warning", "hold_review"]),
                name="contracts_notice_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.milestone_id})"


class CalendarFeed(models.Model):
    """A person's calendar under a secret address; another `key` makes the old address worthless."""

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="calendar_feed")
    key = models.CharField(max_length=43, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Calendar of {self.user_id}"
