"""Keys for programs, and what they were used for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models.user import User
from accounts.querysets import ApiKeyQuerySet
from accounts.rules import API_KEY_DAILY_QUOTA


class ApiKey(models.Model):
    """`gh_<prefix>_<secret>`, shown once: only `prefix` and the digest of the whole are kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    daily_quota = models.PositiveIntegerField(default=API_KEY_DAILY_QUOTA, help_text="Requests a day (UTC).")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def is_standing(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class ApiKeyUsage(models.Model):
    """What one key did on one day (UTC)."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0, help_text="Of these, answered with 4xx.")
    failed = models.PositiveIntegerField(default=0, help_text="Of these, answered with 5xx.")

    class Meta:
        ordering = ["-day"]
        verbose_name_plural = "API key usage"
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="accounts_api_usage_once_a_day")]

    def __str__(self) -> str:
        return f"{self.key} on {self.day}"
