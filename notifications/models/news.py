"""News for one person."""

from django.db import models
from django.utils import timezone

from notifications.querysets import NotificationQuerySet
from notifications.rules import icon_of


class Notification(models.Model):
    """Shown under the bell, pushed to open sockets, and sent by e-mail when `kind` has a template."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=160)
    message = models.CharField(max_length=400, blank=True)
    url = models.CharField(max_length=200, blank=True, help_text="Path of the page where it can be acted on.")
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notifications_of_user"),
            models.Index(fields=["user"], condition=models.Q(read_at__isnull=True), name="notifications_unread"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def icon(self) -> str:
        return icon_of(self.kind)
