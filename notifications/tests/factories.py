"""News and webhooks, for tests."""

import factory
from django.utils import timezone

from accounts.tests.factories import UserFactory
from notifications.models import Notification, WebhookDelivery, WebhookEndpoint
from notifications.rules import new_secret


class NotificationFactory(factory.django.DjangoModelFactory[Notification]):
    class Meta:
        model = Notification

    user = factory.SubFactory(UserFactory)
    kind = "proposal_received"
    title = factory.Sequence(lambda n: f"News {n}")
    url = "/dashboard/"


class WebhookEndpointFactory(factory.django.DjangoModelFactory[WebhookEndpoint]):
    class Meta:
        model = WebhookEndpoint

    user = factory.SubFactory(UserFactory)
    url = "https://hooks.example/guildhall"
    secret = factory.LazyFunction(new_secret)


class WebhookDeliveryFactory(factory.django.DjangoModelFactory[WebhookDelivery]):
    """One that has arrived."""

    class Meta:
        model = WebhookDelivery

    endpoint = factory.SubFactory(WebhookEndpointFactory)
    event = "proposal_received"
    payload = factory.LazyAttribute(lambda delivery: {"type": delivery.event, "data": {}})
    attempts = 1
    response_status = 200
    delivered_at = factory.LazyAttribute(lambda delivery: delivery.created_at)
    created_at = factory.LazyFunction(timezone.now)
