"""What happened that may have to be proven later."""

from django.db import models
from django.utils import timezone

from accounts.models.user import User


class AuditEvent(models.Model):
    """Append-only: the database refuses UPDATE and DELETE."""

    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["actor", "-id"], name="accounts_audit_actor"),
            models.Index(fields=["subject_type", "subject_id"], name="accounts_audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor or 'nobody'}"
