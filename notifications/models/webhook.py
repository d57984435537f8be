"""Where news of a person goes besides: to a program of theirs."""

import json
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from notifications.querysets import WebhookDeliveryQuerySet, WebhookEndpointQuerySet


class WebhookEndpoint(models.Model):
    """An address of the person's own that is sent the kinds of news in `events` (empty: all of them), signed."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="webhook_endpoints")
    url = models.URLField(max_length=500)
    description = models.CharField(max_length=120, blank=True)
    events = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    secret = models.CharField(max_length=80, help_text="Signs what is sent.")
    previous_secret = models.CharField(max_length=80, blank=True, help_text="Signs as well until the time beside it.")
    previous_secret_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, since something last arrived.")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="The first of these failures.")
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.url

    @property
    def is_on(self) -> bool:
        return self.disabled_at is None


class WebhookDelivery(models.Model):
    """One piece of news on its way to one endpoint. `id` is what the receiver recognises a repetition by."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    payload = models.JSONField()
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True, help_text="Empty once it has ended.")
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(fields=["endpoint", "-created_at", "-id"], name="notifications_delivery_newest"),
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="notifications_delivery_due",
            ),
            models.Index(fields=["created_at"], name="notifications_delivery_oldest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(delivered_at__isnull=True) | models.Q(given_up_at__isnull=True),
                name="notifications_delivery_one_end",
            ),
            models.CheckConstraint(
                condition=models.Q(next_attempt_at__isnull=True)
                | models.Q(delivered_at__isnull=True, given_up_at__isnull=True),
                name="notifications_delivery_ended_is_not_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint}"

    @property
    def status(self) -> str:
        """ "pending", "delivered" or "given_up"."""
        if self.delivered_at:
            return "delivered"
        return "given_up" if self.given_up_at else "pending"

    @property
    def payload_text(self) -> str:
        """For people to read."""
        return json.dumps(self.payload, indent=2, ensure_ascii=False)
