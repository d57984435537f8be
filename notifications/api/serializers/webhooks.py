"""Webhooks as the API shows them."""

from typing import Any

from rest_framework import serializers

from core.formats import iso
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.rules import EVENTS


class WebhookSerializer(serializers.Serializer[WebhookEndpoint]):
    """`events`: empty for all of them. `failures`: in a row, since something last arrived."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    description = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    enabled = serializers.BooleanField()
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField()
    failures = serializers.IntegerField()
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: WebhookEndpoint) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "url": instance.url,
            "description": instance.description,
            "events": instance.events,
            "enabled": instance.is_on,
            "disabled_at": iso(instance.disabled_at),
            "disabled_reason": instance.disabled_reason,
            "failures": instance.failures,
            "created_at": iso(instance.created_at),
        }


class NewWebhookSerializer(WebhookSerializer):
    """With the `secret` that signs what is sent; it is shown only here."""

    secret = serializers.CharField()

    def to_representation(self, instance: WebhookEndpoint) -> dict[str, Any]:
        return super().to_representation(instance) | {"secret": instance.secret}


class WebhookInput(serializers.Serializer[Any]):
    url = serializers.URLField(max_length=500, help_text="https, on port 443 or one above 1024.")
    description = serializers.CharField(max_length=120, required=False, allow_blank=True)
    events = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=len(EVENTS), help_text="Empty for all."
    )


class WebhookChangeInput(WebhookInput):
    enabled = serializers.BooleanField(required=False)


class WebhookMessageSerializer(serializers.Serializer[Any]):
    """What is sent, as it is sent. `data`: what the news says, and the ids that it is about."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    created_at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment] - a key of the answer


class WebhookDeliverySerializer(serializers.Serializer[WebhookDelivery]):
    """`problem`: why the last try failed."""

    id = serializers.UUIDField()
    event = serializers.CharField()
    status = serializers.CharField(help_text="pending, delivered or given_up.")
    payload = WebhookMessageSerializer()
    attempts = serializers.IntegerField()
    response_status = serializers.IntegerField(allow_null=True)
    problem = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_attempt_at = serializers.DateTimeField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    given_up_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: WebhookDelivery) -> dict[str, Any]:
        return {
            "id": str(instance.pk),
            "event": instance.event,
            "status": instance.status,
            "payload": instance.payload,
            "attempts": instance.attempts,
            "response_status": instance.response_status,
            "problem": instance.problem,
            "created_at": iso(instance.created_at),
            "last_attempt_at": iso(instance.last_attempt_at),
            "next_attempt_at": iso(instance.next_attempt_at),
            "delivered_at": iso(instance.delivered_at),
            "given_up_at": iso(instance.given_up_at),
        }


class WebhookEventSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    description = serializers.CharField()
