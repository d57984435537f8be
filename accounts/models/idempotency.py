"""Answers already given, by Idempotency-Key."""

from django.db import models
from django.utils import timezone


class IdempotencyRecord(models.Model):
    """Kept for a day. `status` is empty while the first request has not ended; `core.idempotency` writes it."""

    scope = models.CharField(max_length=80, help_text="Whose key this is: user:12 or address:1.2.3.4.")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="accounts_idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
