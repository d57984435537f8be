"""Webhooks that are removed while news is on its way to them, over real connections."""

import pytest
from django.db import transaction
from django.utils import timezone

from notifications import services
from notifications.models import Notification, WebhookDelivery, WebhookEndpoint
from notifications.tests.factories import WebhookDeliveryFactory, WebhookEndpointFactory
from tests.racing import free, until_it_waits

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_removes_a_webhook_waits_for_news_in_the_making() -> None:
    """Otherwise whoever made the news would fail, with all that they did."""
    webhook = WebhookEndpointFactory.create()
    with transaction.atomic():
        services.notify(webhook.user, kind="gig_accepted", title="Accepted")
        removed = until_it_waits(lambda: services.remove_webhook(webhook.user, webhook_id=webhook.pk))
        assert not removed.done()
    removed.result()
    assert Notification.objects.count() == 1
    assert not WebhookEndpoint.objects.exists()
    assert not WebhookDelivery.objects.exists()


def test_a_delivery_is_tried_under_the_lock_of_its_webhook() -> None:
    """Who removes the webhook locks it before its deliveries."""
    delivery = WebhookDeliveryFactory.create(delivered_at=None, next_attempt_at=timezone.now())
    with transaction.atomic():
        webhook = WebhookEndpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
        tried = until_it_waits(lambda: services.deliver(str(delivery.pk)))
        assert free(WebhookDelivery.objects.filter(pk=delivery.pk))
        webhook.delete()
    tried.result()
    assert not WebhookDelivery.objects.exists()
