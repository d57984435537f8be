"""What happened that may have to be proven later."""

from django.db import models
from django.utils import timezone

from accounts.models.user import User
from accounts.querysets import AuditEventQuerySet
from accounts.rules import SECURITY_EVENTS, SecurityEvent


class AuditEvent(models.Model):
    """Append-only: the database refuses UPDATE, DELETE and TRUNCATE."""

    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Whose account's security this concerns: they see it in their own history.",
    )
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["actor", "-id"], name="accounts_audit_actor"),
            models.Index(
                fields=["person", "-id"], name="accounts_audit_person", condition=models.Q(person__isnull=False)
            ),
            models.Index(fields=["action", "-id"], name="accounts_audit_action"),
            models.Index(fields=["subject_id", "subject_type", "-id"], name="accounts_audit_of_subject"),
            models.Index(
                fields=["ip_address", "-id"],
                name="accounts_audit_address",
                condition=models.Q(ip_address__isnull=False),
            ),
            models.Index(fields=["request_id"], name="accounts_audit_request", condition=~models.Q(request_id="")),
            models.Index(fields=["created_at"], name="accounts_audit_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor or 'nobody'}"

    @property
    def words(self) -> SecurityEvent:
        """How it reads in the person's security history; only for actions that stand there."""
        return SECURITY_EVENTS[self.action]

    @property
    def is_by_person(self) -> bool:
        return self.actor_id is not None and self.actor_id == self.person_id

    @property
    def shows_origin(self) -> bool:
        """The person may see where it came from, unless staff did it: their address is nobody else's business."""
        return self.actor_id in {None, self.person_id}

    @property
    def device(self) -> str:
        return str(self.data.get("device", ""))
